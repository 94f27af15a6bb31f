package guard

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// LoginLimits bound wrong passwords; right ones are never counted. The zero value has good limits.
type LoginLimits struct {
	Pair    Rate // from one network for one account; 8, then one in 20 s
	Network Rate // from one network for any account; 60, then one in 2 s
	Account Rate // for one account, from all networks that it was never used from; 60, then one in a minute
	Kept    int  // networks, accounts and pairs remembered, of each; 50,000
}

func (l LoginLimits) withDefaults() LoginLimits {
	for _, d := range []struct {
		rate  *Rate
		usual Rate
	}{{&l.Pair, Rate{8, 20 * time.Second}}, {&l.Network, Rate{60, 2 * time.Second}},
		{&l.Account, Rate{60, time.Minute}}} {
		if *d.rate == (Rate{}) {
			*d.rate = d.usual
		}
	}
	if l.Kept == 0 {
		l.Kept = 50_000
	}
	return l
}

// Outcome is what other nodes have to know of a log-in here: a wrong password, or the first right one for an account
// from a network.
type Outcome struct {
	From    netip.Addr `json:"from"`
	Account string     `json:"account"`
	Right   bool       `json:"right,omitempty"`
}

// Logins slows the guessing of passwords: by the network it comes from, by account across networks, and by both. A
// network from which the right password for an account was given is known for it: then neither its neighbours nor
// guessers elsewhere lock it out.
type Logins struct {
	limits LoginLimits
	tell   func(Outcome)

	mu        sync.Mutex
	pairs     table[pair, *tries]
	networks  table[netip.Prefix, *tries]
	accounts  table[account, *tries]
	known     table[pair, struct{}]
	concluded chan struct{} // closed when an attempt ends
}

// account is the digest of a name, which may be long and is a stranger's.
type account [16]byte

type pair struct {
	network netip.Prefix
	account account
}

// tries are the wrong passwords of one key. Attempts that run count as if they failed.
type tries struct {
	*rate.Limiter
	running int
}

// NewLogins makes a guard; tell (which may be nil) passes outcomes on to the Elsewhere of other nodes, and must not
// block.
func NewLogins(limits LoginLimits, tell func(Outcome)) *Logins {
	limits = limits.withDefaults()
	if tell == nil {
		tell = func(Outcome) {}
	}
	return &Logins{
		limits: limits, tell: tell, concluded: make(chan struct{}), pairs: newTable[pair, *tries](limits.Kept),
		networks: newTable[netip.Prefix, *tries](limits.Kept), accounts: newTable[account, *tries](limits.Kept),
		known: newTable[pair, struct{}](limits.Kept),
	}
}

// maxName is how much of a name counts, in bytes.
const maxName = 320

// nameOf is a name as accounts are told apart: blind to case and to spaces around, as log-ins are, and text on the way
// to other nodes.
func nameOf(name string) string {
	name = strings.ToLower(strings.TrimSpace(name[:min(len(name), maxName)]))
	return strings.ToValidUTF8(name, "\ufffd")
}

func accountOf(name string) (a account) {
	sum := sha256.Sum256([]byte(nameOf(name)))
	copy(a[:], sum[:])
	return a
}

// TooMany is the error of a log-in that is not looked at: there were too many wrong passwords.
type TooMany struct{ Wait time.Duration }

func (e *TooMany) Error() string {
	return fmt.Sprintf("too many wrong passwords: wait %d s and try again", int(e.Wait.Seconds())+1)
}

// errBusy: other attempts run that may turn out to be one too many.
var errBusy = errors.New("other attempts run")

// Try begins an attempt to log in, which the caller ends in any case. *TooMany when its password may not be looked at.
// Attempts at the same time, which might all be wrong, wait for each other rather than be refused: an office that comes
// in the morning is let in.
func (g *Logins) Try(ctx context.Context, from netip.Addr, name string) (*Attempt, error) {
	for {
		a, wait, err := g.try(from, name)
		if !errors.Is(err, errBusy) {
			return a, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (g *Logins) try(from netip.Addr, name string) (*Attempt, <-chan struct{}, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := pair{Network(from), accountOf(name)}
	list := g.counting(p)
	if err := free(list, time.Now()); err != nil {
		return nil, g.concluded, err
	}
	for _, t := range list {
		t.running++
	}
	return &Attempt{guard: g, from: from, name: name, counting: list}, nil, nil
}

// counting lists where a wrong password for p counts.
func (g *Logins) counting(p pair) []*tries {
	list := []*tries{g.pairs.of(p, g.limits.Pair.tries)}
	if _, known := g.known.lru.Get(p); known {
		return list
	}
	return append(list, g.networks.of(p.network, g.limits.Network.tries),
		g.accounts.of(p.account, g.limits.Account.tries))
}

func (r Rate) tries() *tries { return &tries{Limiter: r.limiter()} }

// free tells why one more attempt may not begin: *TooMany, or errBusy.
func free(list []*tries, now time.Time) error {
	var wait time.Duration
	busy := false
	for _, t := range list {
		if t.Limit() == rate.Inf {
			continue
		}
		tokens := t.TokensAt(now)
		busy = busy || tokens < float64(t.running)+1
		if tokens < 1 {
			wait = max(wait, time.Duration((1-tokens)/float64(t.Limit())*float64(time.Second)))
		}
	}
	switch {
	case wait > 0:
		return &TooMany{wait}
	case busy:
		return errBusy
	}
	return nil
}

// Allows tells whether a password is looked at now, for doors that know at once whether it is right; see Wrong and
// Right.
func (g *Logins) Allows(from netip.Addr, name string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var many *TooMany
	if err := free(g.counting(pair{Network(from), accountOf(name)}), time.Now()); errors.As(err, &many) {
		return many
	}
	return nil
}

// Wrong counts a wrong password, here and on the other nodes.
func (g *Logins) Wrong(from netip.Addr, name string) {
	g.count(from, name)
	g.tell(Outcome{From: from, Account: nameOf(name)})
}

func (g *Logins) count(from netip.Addr, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	count(g.counting(pair{Network(from), accountOf(name)}), time.Now())
}

// count takes one token of each, also where there is none left: a debt is waited for too.
func count(list []*tries, now time.Time) {
	for _, t := range list {
		t.ReserveN(now, 1)
	}
}

// Right forgives the wrong passwords of an account from a network where the right one was given now, and remembers
// that.
func (g *Logins) Right(from netip.Addr, name string) {
	if g.learn(from, name) {
		g.tell(Outcome{From: from, Account: nameOf(name), Right: true})
	}
}

// learn tells whether it is news.
func (g *Logins) learn(from netip.Addr, name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := pair{Network(from), accountOf(name)}
	g.pairs.lru.Remove(p)
	_, known := g.known.lru.Get(p)
	g.known.lru.Add(p, struct{}{})
	return !known
}

// Elsewhere takes an outcome that another node told, so that a guesser gets no more tries by asking all of them.
func (g *Logins) Elsewhere(o Outcome) {
	if o.Right {
		g.learn(o.From, o.Account)
		return
	}
	g.count(o.From, o.Account)
}

// Attempt is one log-in under way.
type Attempt struct {
	guard    *Logins
	from     netip.Addr
	name     string
	counting []*tries
	once     sync.Once
}

// Right ends an attempt whose password is right.
func (a *Attempt) Right() { a.end(false, func() { a.guard.Right(a.from, a.name) }) }

// Wrong ends an attempt whose password is wrong.
func (a *Attempt) Wrong() {
	a.end(true, func() { a.guard.tell(Outcome{From: a.from, Account: nameOf(a.name)}) })
}

// End ends an attempt that neither was, because something else failed; after Right or Wrong it does nothing.
func (a *Attempt) End() { a.end(false, func() {}) }

func (a *Attempt) end(wrong bool, then func()) {
	a.once.Do(func() {
		g := a.guard
		g.mu.Lock()
		for _, t := range a.counting {
			t.running--
		}
		if wrong {
			count(a.counting, time.Now())
		}
		close(g.concluded)
		g.concluded = make(chan struct{})
		g.mu.Unlock()
		then()
	})
}
