package sip

import (
	"bytes"
	"net/netip"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"
)

// shield bounds what strangers can do: requests by a rate per address, log-ins by a count of failures per address, after which the
// address is banned for a while. Addresses of phones that logged in are only counted for failures.
// The table is bounded: when it is full the address seen longest ago is forgotten.
type shield struct {
	limits Limits

	mu    sync.Mutex
	known map[netip.Addr]*source
	first *source // seen longest ago
	last  *source
}

type source struct {
	addr       netip.Addr
	tokens     float64
	at         time.Time // of the tokens
	failures   float64
	failedAt   time.Time
	banned     time.Time // until
	trusted    time.Time // until
	prev, next *source
}

func newShield(l Limits) *shield { return &shield{limits: l, known: map[netip.Addr]*source{}} }

// network is what is counted as one source: an address, or for IPv6 the /64 that one customer has.
func network(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if a.Is4() {
		return a
	}
	p, _ := a.WithZone("").Prefix(64)
	return p.Addr()
}

// of finds or makes the entry of a and marks it as seen last; under mu.
func (s *shield) of(a netip.Addr, now time.Time) *source {
	a = network(a)
	e := s.known[a]
	if e == nil {
		if len(s.known) >= s.limits.Sources {
			s.forget(s.first)
		}
		e = &source{addr: a, tokens: float64(s.limits.Burst), at: now}
		s.known[a] = e
	} else {
		s.unlink(e)
	}
	s.append(e)
	return e
}

func (s *shield) append(e *source) {
	e.prev, e.next = s.last, nil
	if s.last != nil {
		s.last.next = e
	} else {
		s.first = e
	}
	s.last = e
}

func (s *shield) unlink(e *source) {
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		s.first = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		s.last = e.prev
	}
}

func (s *shield) forget(e *source) {
	s.unlink(e)
	delete(s.known, e.addr)
}

// allow takes one request from a; false when it has to be dropped.
func (s *shield) allow(a netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.of(a, now)
	if now.Before(e.banned) {
		return false
	}
	if now.Before(e.trusted) {
		return true
	}
	e.tokens = min(float64(s.limits.Burst), e.tokens+now.Sub(e.at).Seconds()*s.limits.Rate)
	e.at = now
	if e.tokens < 1 {
		return false
	}
	e.tokens--
	return true
}

// banned tells whether a is shut out now.
func (s *shield) banned(a netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.known[network(a)]
	return e != nil && now.Before(e.banned)
}

// failed counts a wrong password from a. Failures fade over the time of a ban.
func (s *shield) failed(a netip.Addr, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.of(a, now)
	fade := float64(s.limits.Failures) * float64(now.Sub(e.failedAt)) / float64(s.limits.Ban)
	if e.failedAt.IsZero() {
		fade = 0
	}
	e.failures, e.failedAt = max(0, e.failures-fade)+1, now
	if e.failures > float64(s.limits.Failures)-0.5 { // a little has faded meanwhile
		e.banned, e.trusted, e.failures = now.Add(s.limits.Ban), time.Time{}, 0
	}
}

// trust lifts the rate from a until then: it proved who it is.
func (s *shield) trust(a netip.Addr, now, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.of(a, now); until.After(e.trusted) {
		e.trusted = until
	}
}

// scanners name themselves in User-Agent; they get no answer, which makes them move on.
func scanners() [][]byte {
	return [][]byte{[]byte("friendly-scanner"), []byte("sipvicious"), []byte("sipcli/"), []byte("sundayddr"), []byte("sip-scan"), []byte("pplsip"), []byte("VaxSIPUserAgent")}
}

// admit decides on a datagram before anything else looks at it.
func (c *core) admit(data []byte, from netip.AddrPort) bool {
	switch {
	case keepAlive(data):
		return false
	case len(data) > maxMessage:
		return c.drop("size")
	case !looksLikeSIP(data):
		return c.drop("garbage")
	case scanner(data):
		return c.drop("scanner")
	}
	return c.admits(from.Addr())
}

// admits applies the shield to a source; trunks are known, and may send as much as they like. What our proxies bring is judged when it
// is parsed.
func (c *core) admits(from netip.Addr) bool {
	if c.proxies.trust(from) || c.exempt != nil && c.exempt(from) || c.guard.allow(from, time.Now()) {
		return true
	}
	return c.drop("shield")
}

// blame counts a failed log-in against the address that it came from. A proxy is never banned: all the others come through it too.
func (c *core) blame(from netip.Addr) {
	if c.proxies.trust(from) {
		return
	}
	c.guard.failed(from, time.Now())
	if c.cfg.Failed != nil {
		c.cfg.Failed(from)
	}
}

// FailedElsewhere counts a log-in that failed on another node, so that a guesser gets no more tries by asking all of them.
func (s *Server) FailedElsewhere(from netip.Addr) { s.guard.failed(from, time.Now()) }

func (c *core) drop(why string) bool {
	c.stats.dropped.WithLabelValues(why).Inc()
	return false
}

// looksLikeSIP checks that the first line is a request line or a status line of SIP.
func looksLikeSIP(data []byte) bool {
	line, _, ok := bytes.Cut(bytes.TrimLeft(data, "\r\n"), []byte("\n"))
	return ok && len(line) < 8<<10 && bytes.Contains(line, []byte("SIP/"))
}

func scanner(data []byte) bool {
	_, rest, ok := bytes.Cut(data, []byte("\nUser-Agent:"))
	if !ok {
		return false
	}
	agent, _, _ := bytes.Cut(rest, []byte("\n"))
	for _, s := range scanners() {
		if bytes.Contains(agent, s) {
			return true
		}
	}
	return false
}

// sourceOf is where m came from.
func sourceOf(m proto.Message) netip.AddrPort {
	a, _ := netip.ParseAddrPort(m.Source())
	return unmap(a)
}
