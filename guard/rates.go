package guard

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how often something may be done: Burst times at once, then once in Every. A negative Burst is no limit.
type Rate struct {
	Burst int
	Every time.Duration
}

// PerMinute is a Rate of n in a minute, all of them at once if need be.
func PerMinute(n int) Rate { return Rate{Burst: n, Every: time.Minute / time.Duration(max(n, 1))} }

func (r Rate) limiter() *rate.Limiter {
	if r.Burst < 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Every(r.Every), r.Burst)
}

// Rates bounds how often each key does something.
type Rates[K comparable] struct {
	rate Rate
	mu   sync.Mutex
	by   table[K, *rate.Limiter]
}

// NewRates bounds each key by r, and remembers as many of them as kept says.
func NewRates[K comparable](r Rate, kept int) *Rates[K] {
	return &Rates[K]{rate: r, by: newTable[K, *rate.Limiter](kept)}
}

// Allow counts one deed of key; false when it is one too many.
func (r *Rates[K]) Allow(key K) bool { return r.AllowAt(key, time.Now()) }

// AllowAt is Allow at a time that the caller knows already.
func (r *Rates[K]) AllowAt(key K, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.by.of(key, r.rate.limiter).AllowN(now, 1)
}
