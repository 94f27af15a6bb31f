package load

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const sweep = 5 * time.Millisecond // how often a party looks what came

// Heard is what a generator measured.
type Heard struct {
	Sent, Heard int
	P50, P99    time.Duration // from a party's send to another's socket
	Late        time.Duration // p99 of how long after its time a party sent
}

// Generator has parties talk.
type Generator struct {
	Parties []*Party
	Flood   int // datagrams of garbage a second, to where the first party sends

	window atomic.Uint32 // what is sent now belongs to it; 0: to none
	mu     sync.Mutex
	sent   int
	late   samples
	delays samples
}

// Run has the parties talk and measures between one line of in and the next, until in ends. It writes to out what it
// measured.
func (g *Generator) Run(in *bufio.Scanner, out io.Writer) {
	go g.send()
	go g.receive()
	go g.remind()
	if g.Flood > 0 {
		go g.flood()
	}
	for window := byte(1); in.Scan(); window++ {
		g.window.Store(uint32(window))
		in.Scan()
		g.window.Store(0)
		time.Sleep(40 * sweep) // what is under way
		json.NewEncoder(out).Encode(g.result())
	}
}

// result is what was measured since the last one.
func (g *Generator) result() Heard {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := Heard{Sent: g.sent, Heard: len(g.delays), P50: g.delays.quantile(0.5), P99: g.delays.quantile(0.99),
		Late: g.late.quantile(0.99)}
	g.sent, g.late, g.delays = 0, nil, nil
	return h
}

// due is a party's next tick.
type due struct {
	at    time.Duration
	party *Party
}

// send is the parties' clocks.
func (g *Generator) send() {
	exact()
	var order []due
	start := monotonic()
	for _, p := range g.Parties {
		if p.talk.Every > 0 {
			order = append(order, due{start + p.talk.Every + p.phase, p})
		}
	}
	slices.SortFunc(order, func(a, b due) int { return cmp.Compare(a.at, b.at) })
	for len(order) > 0 {
		next := order[0]
		sleepUntil(next.at)
		late := monotonic() - next.at
		if sent := next.party.tick(byte(g.window.Load())); sent > 0 {
			g.mu.Lock()
			g.sent += sent
			g.late = append(g.late, int64(late))
			g.mu.Unlock()
		}
		next.at += next.party.talk.Every
		order = order[:copy(order, order[1:])]
		i, _ := slices.BinarySearchFunc(order, next.at,
			func(d due, at time.Duration) int { return cmp.Compare(d.at, at) })
		order = slices.Insert(order, i, next)
	}
}

// flood sends garbage.
func (g *Generator) flood() {
	exact()
	from, err := NewParty()
	if err != nil {
		panic(err)
	}
	from.to = g.Parties[0].to
	garbage := make([]byte, 172)
	for due := monotonic(); ; due += time.Millisecond {
		sleepUntil(due)
		for range g.Flood / 1000 {
			from.emit(garbage)
		}
	}
}

// checks is how often Chromium checks a way that works.
const checks = 2500 * time.Millisecond

// remind sends what keeps the ways open, of one party after the other.
func (g *Generator) remind() {
	tick := time.Tick(checks / time.Duration(len(g.Parties)))
	for i := 0; ; i++ {
		<-tick
		if p := g.Parties[i%len(g.Parties)]; p.Alive != nil {
			p.emit(p.Alive)
		}
	}
}

// receive looks at every party's socket from time to time. Nobody waits at a socket: a packet that the server sends
// wakes nobody, as on a wire.
func (g *Generator) receive() {
	exact()
	tell := func(took int64) { g.delays = append(g.delays, took) }
	for due := monotonic(); ; sleepUntil(due) {
		due = max(due+sweep, monotonic())
		g.mu.Lock()
		for _, p := range g.Parties {
			p.drain(tell)
		}
		g.mu.Unlock()
	}
}
