package stack

import (
	"bytes"
	"cmp"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"frontdesk/guard"
	"frontdesk/sip/edge"
)

// Limits are what a stranger may do, and what somebody may who proved who he is. See shield.
type Limits struct {
	Rate     float64       // requests a second from one unknown address, default 20
	Burst    int           // default 100
	Failures int           // wrong passwords for one account from one address until they are slowed down, default 10
	Ban      time.Duration // in which ten times as many are looked at from then on, default 10 min
	Sources  int           // addresses remembered, default 20,000
	// requests of one socket in a network where somebody logged in, default 200 a second and 1,000 at once
	Socket  guard.Rate
	Account guard.Rate // registrations of one account, and calls of one phone, default 5 a second and 50 at once
}

func (l Limits) withDefaults() Limits {
	l.Rate, l.Burst = cmp.Or(l.Rate, 20), cmp.Or(l.Burst, 100)
	l.Failures, l.Ban, l.Sources = cmp.Or(l.Failures, 10), cmp.Or(l.Ban, 10*time.Minute), cmp.Or(l.Sources, 20_000)
	l.Socket = cmp.Or(l.Socket, guard.Rate{Burst: 1000, Every: time.Second / 200})
	l.Account = cmp.Or(l.Account, guard.Rate{Burst: 50, Every: time.Second / 5})
	return l
}

// shield bounds what strangers can do: requests by a rate per network, and guesses at passwords. What is within a call
// that runs here passes always: no stranger can have somebody else cut off. In a network where a phone proved who it
// is, each socket has a rate of its own, and each account one for what is asked with the right password: a phone that
// went mad takes nothing from the others beside it.
type shield struct {
	rates    *guard.Rates[netip.Prefix]
	sockets  *guard.Rates[netip.AddrPort]
	accounts *guard.Rates[deed]
	looking  *guard.Counter[edge.Place]
	logins   *guard.Logins
	failures int

	mu      sync.Mutex
	fellows *simplelru.LRU[netip.Addr, time.Time] // nodes of ours, which have no rate until then
	// networks where somebody logged in, which count by socket until then
	trusted *simplelru.LRU[netip.Prefix, time.Time]
	proved  *simplelru.LRU[edge.Place, string] // who gave the right password from there
	wrong   *simplelru.LRU[edge.Place, int]    // wrong passwords over a connection
}

// deed is what an account does.
type deed struct{ account, method string }

func newShield(l Limits, tell func(guard.Outcome)) *shield {
	s := &shield{failures: l.Failures, rates: guard.NewRates[netip.Prefix](guard.Rate{Burst: l.Burst,
		Every: time.Duration(float64(time.Second) / l.Rate)}, l.Sources),
		sockets:  guard.NewRates[netip.AddrPort](l.Socket, l.Sources),
		accounts: guard.NewRates[deed](l.Account, l.Sources), looking: guard.NewCounter[edge.Place](-1, lookedAt)}
	pair := guard.Rate{Burst: l.Failures, Every: l.Ban / time.Duration(10*l.Failures)}
	s.logins = guard.NewLogins(guard.LoginLimits{Pair: pair,
		Network: guard.Rate{Burst: 8 * l.Failures, Every: pair.Every}, Kept: l.Sources}, tell)
	s.fellows, _ = simplelru.NewLRU[netip.Addr, time.Time](l.Sources, nil) // fails only for no size
	s.trusted, _ = simplelru.NewLRU[netip.Prefix, time.Time](l.Sources, nil)
	s.proved, _ = simplelru.NewLRU[edge.Place, string](l.Sources, nil)
	s.wrong, _ = simplelru.NewLRU[edge.Place, int](l.Sources, nil)
	return s
}

// Elsewhere takes what another node told of a log-in there.
func (s *shield) Elsewhere(o guard.Outcome) { s.logins.Elsewhere(o) }

// Allow takes one request; false when it has to be dropped.
func (s *shield) Allow(from netip.AddrPort, now time.Time) bool {
	network := guard.Network(from.Addr())
	s.mu.Lock()
	fellow, _ := s.fellows.Get(from.Addr())
	trusted, _ := s.trusted.Get(network)
	s.mu.Unlock()
	switch {
	case now.Before(fellow):
		return true
	case now.Before(trusted):
		return s.sockets.AllowAt(from, now)
	default:
		return s.rates.AllowAt(network, now)
	}
}

// Fellow lifts the rate from a until then: it is a node of ours.
func (s *shield) Fellow(a netip.Addr, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fellows.Add(a, until)
}

// Trust has the network of a count by socket until then: somebody there proved who he is.
func (s *shield) Trust(a netip.Addr, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, _ := s.trusted.Get(guard.Network(a)); until.After(before) {
		s.trusted.Add(guard.Network(a), until)
	}
}

// lookedAt is how many requests from one place are looked at in the database at a time.
const lookedAt = 16

// Enter takes a request with credentials, until Leave; false when too many from there are being looked at.
func (s *shield) Enter(from edge.Place) bool { return s.looking.Enter(from) }

// Leave gives the place of Enter back.
func (s *shield) Leave(from edge.Place) { s.looking.Leave(from) }

// Paced counts a request with the right password; false when the account sends too many of that method.
func (s *shield) Paced(account, method string) bool { return s.accounts.Allow(deed{account, method}) }

// Looks tells whether a password for account is looked at: always from the very place where it was right before,
// whoever else guesses from the same network; else within the limits.
func (s *shield) Looks(from edge.Place, account string) error {
	s.mu.Lock()
	who, known := s.proved.Get(from)
	s.mu.Unlock()
	if known && who == account {
		return nil
	}
	return s.logins.Allows(from.At.Addr(), account)
}

func (s *shield) Right(from edge.Place, account string) {
	s.mu.Lock()
	s.proved.Add(from, account)
	s.wrong.Remove(from)
	s.mu.Unlock()
	s.logins.Right(from.At.Addr(), account)
}

// Guessed counts a wrong password; it tells whether there were too many over this connection.
func (s *shield) Guessed(from edge.Place, account string) (tooMany bool) {
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
	return [][]byte{[]byte("friendly-scanner"), []byte("sipvicious"), []byte("sipcli/"), []byte("sundayddr"),
		[]byte("sip-scan"), []byte("pplsip"), []byte("VaxSIPUserAgent")}
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

// unfit tells why a datagram is not even parsed; empty for one that may be.
func unfit(data []byte) (why string) {
	switch {
	case len(data) > maxMessage:
		return "size"
	case !looksLikeSIP(data):
		return "garbage"
	}
	return ""
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
