package sip

import (
	"bytes"
	"net/netip"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"frontdesk/guard"
)

// shield bounds what strangers can do: requests by a rate per network, and guesses at passwords. What is within a call that runs here, and what
// comes from where a phone proved who it is, passes always: no stranger can have somebody else cut off.
type shield struct {
	rates    *guard.Rates[netip.Prefix]
	logins   *guard.Logins
	failures int

	mu      sync.Mutex
	trusted *simplelru.LRU[netip.Prefix, time.Time] // networks that are not slowed down, until then
	proved  *simplelru.LRU[place, string]           // who gave the right password from there
	wrong   *simplelru.LRU[place, int]              // wrong passwords over a connection
}

func newShield(l Limits, tell func(guard.Outcome)) *shield {
	s := &shield{failures: l.Failures, rates: guard.NewRates[netip.Prefix](guard.Rate{Burst: l.Burst, Every: time.Duration(float64(time.Second) / l.Rate)}, l.Sources)}
	pair := guard.Rate{Burst: l.Failures, Every: l.Ban / time.Duration(10*l.Failures)}
	s.logins = guard.NewLogins(guard.LoginLimits{Pair: pair, Network: guard.Rate{Burst: 8 * l.Failures, Every: pair.Every}, Kept: l.Sources}, tell)
	s.trusted, _ = simplelru.NewLRU[netip.Prefix, time.Time](l.Sources, nil) // fails only for no size
	s.proved, _ = simplelru.NewLRU[place, string](l.Sources, nil)
	s.wrong, _ = simplelru.NewLRU[place, int](l.Sources, nil)
	return s
}

// allow takes one request from a; false when it has to be dropped.
func (s *shield) allow(a netip.Addr, now time.Time) bool {
	network := guard.Network(a)
	s.mu.Lock()
	until, _ := s.trusted.Get(network)
	s.mu.Unlock()
	return now.Before(until) || s.rates.AllowAt(network, now)
}

// trust lifts the rate from a until then: it proved who it is.
func (s *shield) trust(a netip.Addr, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, _ := s.trusted.Get(guard.Network(a)); until.After(before) {
		s.trusted.Add(guard.Network(a), until)
	}
}

// looks tells whether a password for account is looked at: always from the very place where it was right before, whoever else guesses
// from the same network; else within the limits.
func (s *shield) looks(from place, account string) error {
	s.mu.Lock()
	who, known := s.proved.Get(from)
	s.mu.Unlock()
	if known && who == account {
		return nil
	}
	return s.logins.Allows(from.at.Addr(), account)
}

func (s *shield) right(from place, account string) {
	s.mu.Lock()
	s.proved.Add(from, account)
	s.wrong.Remove(from)
	s.mu.Unlock()
	s.logins.Right(from.at.Addr(), account)
}

// guessed counts a wrong password; it tells whether there were too many over this connection.
func (s *shield) guessed(from place, account string) (tooMany bool) {
	s.logins.Wrong(from.at.Addr(), account)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proved.Remove(from) // somebody else may have got that port
	n, _ := s.wrong.Get(from)
	s.wrong.Add(from, n+1)
	return n+1 >= s.failures
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
	case c.runs(callIDIn(data)):
		return true
	case scanner(data):
		return c.drop("scanner")
	}
	return c.admits(from.Addr())
}

// admits applies the rate to a source; trunks are known, and may send as much as they like. What our proxies bring is judged when it
// is parsed.
func (c *core) admits(from netip.Addr) bool {
	if c.proxies.trust(from) || c.exempt != nil && c.exempt(from) || c.guard.allow(from, time.Now()) {
		return true
	}
	return c.drop("shield")
}

// callIDIn is the Call-ID of a message that is not parsed yet; empty when it isn't found.
func callIDIn(data []byte) string {
	for line := range bytes.Lines(bytes.TrimLeft(data, "\r\n")) {
		if len(bytes.TrimSpace(line)) == 0 { // the body
			break
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		name = bytes.TrimSpace(name)
		if ok && (bytes.EqualFold(name, []byte("Call-ID")) || bytes.EqualFold(name, []byte("i"))) {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}

// Elsewhere takes what another node told of a log-in there, so that a guesser gets no more tries by asking all of them.
func (s *Server) Elsewhere(o guard.Outcome) { s.guard.logins.Elsewhere(o) }

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
	return plain(a)
}
