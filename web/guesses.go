package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	guessesPerLogin = 8  // failed attempts at once, from one address at one login; then one in 20 s
	guessesPerIP    = 60 // … and from one address at any; then one in 2 s
	guessesKept     = 20_000
)

// guesses slows the guessing of passwords, by address and login. Those that failed count on all nodes.
type guesses struct {
	mu  sync.Mutex
	now func() time.Time
	by  map[string]*guess
}

type guess struct {
	*rate.Limiter
	used time.Time
}

func newGuesses() *guesses { return &guesses{now: time.Now, by: map[string]*guess{}} }

// allow counts an attempt; when it is one too many, wait tells how long until the next.
func (g *guesses) allow(ip, login string) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.forget(now)
	for _, l := range []*rate.Limiter{
		g.of("ip "+ip, now, rate.Every(2*time.Second), guessesPerIP),
		g.of("login "+ip+" "+cut(login, 100), now, rate.Every(20*time.Second), guessesPerLogin),
	} {
		r := l.ReserveN(now, 1)
		if wait = r.DelayFrom(now); wait > 0 {
			r.CancelAt(now)
			return wait, false
		}
	}
	return 0, true
}

// forgive forgets the attempts of somebody who knew the password in the end.
func (g *guesses) forgive(ip, login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.by, "login "+ip+" "+cut(login, 100))
}

// FailedElsewhere counts a log-in that failed on another node, so that a guesser gets no more tries by asking all of them.
func (s *Server) FailedElsewhere(ip, login string) { s.guesses.allow(ip, login) }

// wrongPassword has the other nodes count an attempt that failed here.
func (s *Server) wrongPassword(ip, login string) {
	if s.cfg.Failed != nil {
		s.cfg.Failed(ip, cut(login, 100))
	}
}

func (g *guesses) of(key string, now time.Time, every rate.Limit, burst int) *rate.Limiter {
	one := g.by[key]
	if one == nil {
		one = &guess{Limiter: rate.NewLimiter(every, burst)}
		g.by[key] = one
	}
	one.used = now
	return one.Limiter
}

// forget keeps the table small: what has been quiet for ten minutes has recovered, and a flood of addresses starts anew.
func (g *guesses) forget(now time.Time) {
	if len(g.by) < guessesKept {
		return
	}
	for key, one := range g.by {
		if now.Sub(one.used) > 10*time.Minute {
			delete(g.by, key)
		}
	}
	if len(g.by) >= guessesKept {
		clear(g.by)
	}
}
