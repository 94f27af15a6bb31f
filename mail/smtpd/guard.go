package smtpd

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// lockout is how long wrong log-ins of an address count.
const lockout = 10 * time.Minute

// guard counts what each address does on this node, and its wrong log-ins on all. What it knows may be lost: it bounds load, it grants nothing.
type guard struct {
	limits Limits
	mu     sync.Mutex
	byIP   map[netip.Prefix]*visitor
	byUser map[string]*rate.Limiter
	swept  time.Time
}

type visitor struct {
	connections int
	mails       *rate.Limiter
	failures    []time.Time
	seen        time.Time
}

func newGuard(limits Limits) *guard {
	return &guard{limits: limits, byIP: map[netip.Prefix]*visitor{}, byUser: map[string]*rate.Limiter{}, swept: time.Now()}
}

// network is what counts as one client: an IPv4 address, or the /64 that one customer gets.
func network(ip netip.Addr) netip.Prefix {
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.WithZone("").Prefix(bits) // bits fit the family
	return prefix
}

// visitor is called with the lock held.
func (g *guard) visitor(ip netip.Addr) *visitor {
	g.sweep()
	key := network(ip)
	v := g.byIP[key]
	if v == nil {
		v = &visitor{mails: perMinute(g.limits.MailPerMinute)}
		g.byIP[key] = v
	}
	v.seen = time.Now()
	return v
}

// sweep forgets, once in a while, visitors and users without recent deeds.
func (g *guard) sweep() {
	if time.Since(g.swept) < time.Minute {
		return
	}
	g.swept = time.Now()
	for key, v := range g.byIP {
		if v.connections == 0 && time.Since(v.seen) > lockout {
			delete(g.byIP, key)
		}
	}
	for user, limiter := range g.byUser {
		if limiter.Tokens() >= float64(limiter.Burst()) {
			delete(g.byUser, user)
		}
	}
}

func perMinute(n int) *rate.Limiter {
	if n < 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(float64(n)/60), max(n, 1))
}

// enter counts a connection; leave must be called in any case.
func (g *guard) enter(ip netip.Addr) (leave func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.visitor(ip)
	v.connections++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		v.connections--
	}, g.limits.PerIP < 0 || v.connections <= g.limits.PerIP
}

func (g *guard) mail(ip netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.visitor(ip).mails.Allow()
}

// recipient counts one recipient of a user's mail.
func (g *guard) recipient(user string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sweep()
	limiter := g.byUser[user]
	if limiter == nil {
		limiter = perMinute(g.limits.UserPerMinute)
		g.byUser[user] = limiter
	}
	return limiter.Allow()
}

func (g *guard) wrongLogin(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.visitor(ip)
	if v.failures = v.recent(); g.limits.Failures < 0 || len(v.failures) < g.limits.Failures {
		v.failures = append(v.failures, time.Now())
	}
}

// FailedElsewhere counts a log-in that failed on another node, so that a guesser gets no more tries by asking all of them.
func (s *Server) FailedElsewhere(from netip.Addr) { s.guard.wrongLogin(from) }

func (g *guard) mayLogin(ip netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.visitor(ip)
	v.failures = v.recent()
	return g.limits.Failures < 0 || len(v.failures) < g.limits.Failures
}

func (v *visitor) recent() []time.Time {
	for len(v.failures) > 0 && time.Since(v.failures[0]) > lockout {
		v.failures = v.failures[1:]
	}
	return v.failures
}
