package edge

import (
	"bytes"
	"cmp"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"frontdesk/guard"
)

// Limits are what a stranger may do. See shield.
type Limits struct {
	Rate     float64       // requests a second from one unknown address, default 20
	Burst    int           // default 100
	Failures int           // wrong passwords for one account from one address until they are slowed down, default 10
	Ban      time.Duration // in which ten times as many are looked at from then on, default 10 min
	Sources  int           // addresses remembered, default 20,000
}

func (l Limits) WithDefaults() Limits {
	l.Rate, l.Burst = cmp.Or(l.Rate, 20), cmp.Or(l.Burst, 100)
	l.Failures, l.Ban, l.Sources = cmp.Or(l.Failures, 10), cmp.Or(l.Ban, 10*time.Minute), cmp.Or(l.Sources, 20_000)
	return l
}

// Shield bounds what strangers can do: requests by a rate per network, and guesses at passwords. What is within a call that runs here, and what
// comes from where a phone proved who it is, passes always: no stranger can have somebody else cut off.
type Shield struct {
	rates    *guard.Rates[netip.Prefix]
	logins   *guard.Logins
	failures int

	mu      sync.Mutex
	trusted *simplelru.LRU[netip.Prefix, time.Time] // networks that are not slowed down, until then
	proved  *simplelru.LRU[Place, string]           // who gave the right password from there
	wrong   *simplelru.LRU[Place, int]              // wrong passwords over a connection
}

func NewShield(l Limits, tell func(guard.Outcome)) *Shield {
	s := &Shield{failures: l.Failures, rates: guard.NewRates[netip.Prefix](guard.Rate{Burst: l.Burst, Every: time.Duration(float64(time.Second) / l.Rate)}, l.Sources)}
	pair := guard.Rate{Burst: l.Failures, Every: l.Ban / time.Duration(10*l.Failures)}
	s.logins = guard.NewLogins(guard.LoginLimits{Pair: pair, Network: guard.Rate{Burst: 8 * l.Failures, Every: pair.Every}, Kept: l.Sources}, tell)
	s.trusted, _ = simplelru.NewLRU[netip.Prefix, time.Time](l.Sources, nil) // fails only for no size
	s.proved, _ = simplelru.NewLRU[Place, string](l.Sources, nil)
	s.wrong, _ = simplelru.NewLRU[Place, int](l.Sources, nil)
	return s
}

// Elsewhere takes what another node told of a log-in there.
func (s *Shield) Elsewhere(o guard.Outcome) { s.logins.Elsewhere(o) }

// Allow takes one request from a; false when it has to be dropped.
func (s *Shield) Allow(a netip.Addr, now time.Time) bool {
	network := guard.Network(a)
	s.mu.Lock()
	until, _ := s.trusted.Get(network)
	s.mu.Unlock()
	return now.Before(until) || s.rates.AllowAt(network, now)
}

// Trust lifts the rate from a until then: it proved who it is.
func (s *Shield) Trust(a netip.Addr, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, _ := s.trusted.Get(guard.Network(a)); until.After(before) {
		s.trusted.Add(guard.Network(a), until)
	}
}

// Looks tells whether a password for account is looked at: always from the very place where it was right before, whoever else guesses
// from the same network; else within the limits.
func (s *Shield) Looks(from Place, account string) error {
	s.mu.Lock()
	who, known := s.proved.Get(from)
	s.mu.Unlock()
	if known && who == account {
		return nil
	}
	return s.logins.Allows(from.At.Addr(), account)
}

func (s *Shield) Right(from Place, account string) {
	s.mu.Lock()
	s.proved.Add(from, account)
	s.wrong.Remove(from)
	s.mu.Unlock()
	s.logins.Right(from.At.Addr(), account)
}

// Guessed counts a wrong password; it tells whether there were too many over this connection.
func (s *Shield) Guessed(from Place, account string) (tooMany bool) {
	s.logins.Wrong(from.At.Addr(), account)
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

// CallIDIn is the Call-ID of a message that is not parsed yet; empty when it isn't found.
func CallIDIn(data []byte) string {
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

// Unfit tells why a datagram is not even parsed; empty for one that may be.
func Unfit(data []byte) (why string) {
	switch {
	case len(data) > MaxMessage:
		return "size"
	case !LooksLikeSIP(data):
		return "garbage"
	}
	return ""
}

// LooksLikeSIP checks that the first line is a request line or a status line of SIP.
func LooksLikeSIP(data []byte) bool {
	line, _, ok := bytes.Cut(bytes.TrimLeft(data, "\r\n"), []byte("\n"))
	return ok && len(line) < 8<<10 && bytes.Contains(line, []byte("SIP/"))
}

func Scanner(data []byte) bool {
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
