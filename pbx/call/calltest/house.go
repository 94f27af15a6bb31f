package calltest

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// House is a switchboard with a clock of its own, and the calls that a test has run at it. Who is rung there is an
// Actor.
type House struct {
	*call.Switchboard
	T  testing.TB
	DB *store.DB

	mu      sync.Mutex
	calls   []*call.Call
	dialled []*Actor
	absent  func(call.Target) error
	views   []call.View
}

// Play runs a script in a house, on SQLite, with its own clock (testing/synctest). Prompts last a second; the one
// named broken can't be read.
func Play(t *testing.T, c call.Config, hooks call.Hooks, script func(h *House)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &House{T: t, DB: storetest.SQLite(t)}
		if c.Node == "" {
			c.Node = "n1"
		}
		if c.Prompt == nil {
			c.Prompt = prompt
		}
		changed := hooks.Changed
		hooks.Changed = func(v call.View) {
			h.with(func() { h.views = append(h.views, v) })
			if changed != nil {
				changed(v)
			}
		}
		d := directory.New(directory.Config{Node: c.Node, Region: "RO"}, h.DB, nil)
		h.Switchboard = call.NewSwitchboard(c, h.DB, d, call.Dialers{Browser: edge{h, call.Browser},
			Phone: edge{h, call.Phone}, Trunk: edge{h, call.Outside}}, hooks, slog.New(slog.DiscardHandler),
			prometheus.NewRegistry())
		defer h.Close()
		script(h)
	})
}

func prompt(_ context.Context, id string) ([]int16, error) {
	if id == "broken" {
		return nil, store.ErrNotFound
	}
	return make([]int16, media.Rate), nil
}

func (h *House) with(fn func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fn()
}

// Plan is the dial plan of now.
func (h *House) Plan() *dialplan.Plan {
	h.T.Helper()
	plan, err := h.Directory.Plan(context.Background())
	if err != nil {
		h.T.Fatal(err)
	}
	return plan
}

// Call makes a call of a party to a number of ours, with its first act, and runs it as an exchange does. Without a
// caller nobody is in it.
func (h *House) Call(caller *Actor, first func(*call.Call) call.Act) *call.Call {
	h.T.Helper()
	in := dialplan.Inbound{Call: store.NewID(), Direction: "in", From: "+40722123456", To: "+40311000001",
		DID: "+40311000001"}
	if caller != nil {
		in.Party = caller.Party()
	}
	c := call.New(h.Switchboard, h.callOf, h.Plan(), in, first)
	if caller != nil {
		c.Caller = c.Add(caller, call.LegCalling)
	}
	h.with(func() { h.calls = append(h.calls, c) })
	h.Running.Go(func() {
		c.Run()
		c.Conclude()
		h.with(func() { h.calls = slices.DeleteFunc(h.calls, func(x *call.Call) bool { return x == c }) })
		c.Farewell()
	})
	h.Settle()
	return c
}

func (h *House) callOf(leg string) *call.Call {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.calls {
		in := func(l call.LegView) bool { return l.Leg == leg && l.State != call.LegGone }
		if slices.ContainsFunc(c.Seen().Legs, in) {
			return c
		}
	}
	return nil
}

// Runs tells whether a call goes on.
func (h *House) Runs(c *call.Call) (runs bool) {
	h.with(func() { runs = slices.Contains(h.calls, c) })
	return runs
}

// On does something on the goroutine of a call, and waits for it; false: the call is over.
func (h *House) On(c *call.Call, do func()) bool {
	done := make(chan bool, 1)
	c.Post(errand{do, done})
	h.Settle()
	return <-done
}

type errand struct {
	do   func()
	done chan<- bool
}

func (e errand) Happen(*call.Call) {
	e.do()
	e.done <- true
}

func (e errand) Late() { e.done <- false }

// Settle waits until nothing happens any more at this moment.
func (h *House) Settle() { synctest.Wait() }

// Sleep lets time pass for everybody.
func (h *House) Sleep(d time.Duration) {
	time.Sleep(d)
	h.Settle()
}

// Say has a party say things, one after the other.
func (h *House) Say(a *Actor, events ...call.Event) {
	for _, e := range events {
		a.Say(e)
	}
	h.Settle()
}

// Last is the newest view of any call.
func (h *House) Last() call.View {
	h.T.Helper()
	all := h.Views()
	if len(all) == 0 {
		h.T.Fatal("no view")
	}
	return all[len(all)-1]
}

// Views are all that were told, in order.
func (h *House) Views() (all []call.View) {
	h.with(func() { all = slices.Clone(h.views) })
	return all
}

// Absent says for each target why it can't be dialled; nil: it can.
func (h *House) Absent(absent func(call.Target) error) { h.with(func() { h.absent = absent }) }

// Dialled are all that were rung so far, in order.
func (h *House) Dialled() (all []*Actor) {
	h.with(func() { all = slices.Clone(h.dialled) })
	return all
}

// Ringing are those of them that were not hung up, and did not leave.
func (h *House) Ringing() []*Actor { return slices.DeleteFunc(h.Dialled(), (*Actor).Over) }

// Rung is the only one that rings.
func (h *House) Rung() *Actor {
	h.T.Helper()
	now := h.Ringing()
	if len(now) != 1 {
		h.T.Fatalf("%d ring, want 1", len(now))
	}
	return now[0]
}

// WantCause checks why a party was hung up.
func (h *House) WantCause(a *Actor, want call.Cause) {
	h.T.Helper()
	if got := a.HungUp(); got != want {
		h.T.Errorf("hung up with %q, want %q", got, want)
	}
}

// WantHears checks what is played to a party.
func (h *House) WantHears(a *Actor, want ...string) {
	h.T.Helper()
	if got := a.Hears(); !slices.Equal(got, want) {
		h.T.Errorf("hears %q, want %q", got, want)
	}
}

// edge dials actors.
type edge struct {
	h    *House
	kind call.PartyKind
}

func (e edge) Dial(_ context.Context, t call.Target, r call.Request) (leg call.Leg, err error) {
	e.h.mu.Lock()
	defer e.h.mu.Unlock()
	if e.h.absent != nil {
		if err := e.h.absent(t); err != nil {
			return nil, err
		}
	}
	a := New(call.Party{Kind: e.kind, User: t.User, Device: t.Device, Trunk: t.Trunk, Number: t.Number}, r.Codecs...)
	a.Asked, a.To = r, t
	e.h.dialled = append(e.h.dialled, a)
	return a, nil
}
