package imapd

import (
	"net/netip"
	"sync"
	"time"
)

// counter bounds how many of something one key has at a time.
type counter struct {
	mu  sync.Mutex
	max int
	n   map[string]int
}

func newCounter(max int) *counter { return &counter{max: max, n: map[string]int{}} }

func (c *counter) take(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n[key] >= c.max {
		return false
	}
	c.n[key]++
	return true
}

func (c *counter) release(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n[key]--; c.n[key] <= 0 {
		delete(c.n, key)
	}
}

const (
	maxFailures = 20               // wrong log-ins of an address
	failWindow  = 10 * time.Minute // within which they count
	maxGuarded  = 50_000           // addresses remembered
)

// guard remembers wrong log-ins by address, on all nodes: too many, and none is tried for a while.
type guard struct {
	mu    sync.Mutex
	fails map[string][]time.Time
}

func newGuard() *guard { return &guard{fails: map[string][]time.Time{}} }

// allows tells whether an address may try a log-in now.
func (g *guard) allows(ip string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.recent(ip, now)) < maxFailures
}

func (g *guard) failed(ip string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.fails) >= maxGuarded {
		g.forget(now)
	}
	if list := g.recent(ip, now); len(list) < maxFailures && (len(g.fails) < maxGuarded || len(list) > 0) {
		g.fails[ip] = append(list, now)
	}
}

// failed counts a wrong log-in here, and has the other nodes count it.
func (s *Server) failed(ip string, now time.Time) {
	s.guard.failed(ip, now)
	if from, err := netip.ParseAddr(ip); err == nil && s.config.Failed != nil {
		s.config.Failed(from)
	}
}

// FailedElsewhere counts a log-in that failed on another node, so that a guesser gets no more tries by asking all of them.
func (s *Server) FailedElsewhere(from netip.Addr) {
	s.guard.failed(from.Unmap().String(), time.Now())
}

func (g *guard) recent(ip string, now time.Time) []time.Time {
	list := g.fails[ip]
	for len(list) > 0 && now.Sub(list[0]) > failWindow {
		list = list[1:]
	}
	if len(list) == 0 {
		delete(g.fails, ip)
	}
	return list
}

func (g *guard) forget(now time.Time) {
	for ip := range g.fails {
		g.recent(ip, now)
	}
}
