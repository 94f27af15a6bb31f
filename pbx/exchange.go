package pbx

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// lookupLimit is how long a caller waits for the CRM; lookupLife is when a late lookup is given up altogether.
const (
	lookupLimit = 300 * time.Millisecond
	lookupLife  = 10 * time.Second
)

// Hooks are what the exchange asks and tells the rest of the house. Each may be nil.
type Hooks struct {
	// Lookup is asked who calls, for calls from a Line, before anything rings. The call waits at most 300 ms for it.
	Lookup func(ctx context.Context, in directory.Inbound) (directory.Hint, error)
	// Changed is told each new View of a call, in order, from the call's goroutine: it must not block. The view with state "ended" comes last, after the
	// record is committed, or a second later where the database is slow.
	Changed func(View)
	// Ringing is told which users a step of a call from a Line is about to ring, before any of their phones does. The ringing waits for it: be quick.
	Ringing func(call string, users []string)
	// BusyElsewhere tells whether a user takes part in a call of another node.
	BusyElsewhere func(user string) bool
	// Available tells whether a user may be rung at all (present, not in do-not-disturb).
	Available func(user string) bool
	// LineDown tells that a trunk does not answer just now: it is tried after the others.
	LineDown func(trunk string) bool
}

// Dialers are the edges that can ring somebody. Each may be nil.
type Dialers struct {
	Browser Dialer // Target.User
	Phone   Dialer // Target.Device
	Line    Dialer // Target.Trunk
}

// Exchange runs the calls of this node. It is safe for concurrent use.
type Exchange struct {
	config    Config
	directory *directory.Directory
	ledger    *ledger.Ledger
	hooks     Hooks
	log       *slog.Logger
	metrics   *metrics
	sounds    *sounds
	dialers   atomic.Pointer[Dialers]

	ctx     context.Context // ends at Close
	cancel  context.CancelFunc
	running sync.WaitGroup // every goroutine of the exchange

	mu       sync.Mutex
	draining bool
	arrived  int // calls and meetings under way
	empty    chan struct{}
	calls    map[string]*Call
	meetings map[string]*Call
	leasing  keyed          // by meeting; before mu
	engaged  map[string]int // calls a user takes part in
}

// New makes an exchange. SetDialers must follow before calls arrive, and Recover should.
func New(c Config, db *store.DB, d *directory.Directory, h Hooks, log *slog.Logger, reg prometheus.Registerer) *Exchange {
	x := &Exchange{config: c.withDefaults(), directory: d, ledger: ledger.New(ledger.Config{Node: c.Node, Epoch: c.epoch()}, db, log, reg),
		hooks: h, log: log, metrics: newMetrics(reg), sounds: newSounds(), calls: map[string]*Call{}, meetings: map[string]*Call{}, engaged: map[string]int{}}
	x.ctx, x.cancel = context.WithCancel(context.Background())
	x.dialers.Store(&Dialers{})
	return x
}

// SetDialers names the edges.
func (x *Exchange) SetDialers(d Dialers) { x.dialers.Store(&d) }

// Arrive takes a calling leg and what it dialled: a number, an extension, or "meet:" and the id of a meeting. It returns at once, with the id of the
// call (not meaningful for a meeting, whose legs share one call).
func (x *Exchange) Arrive(leg Leg, dialled string) (call string) {
	call = store.NewID()
	if cause := x.admit(func(late bool) { x.serve(call, leg, dialled, late) }); cause != CauseNone {
		refuse(leg, cause)
	}
	return call
}

// admit starts serve in a goroutine, or says why not. While meetings run, who dials one is let in to the end: late is who came after the drain began.
func (x *Exchange) admit(serve func(late bool)) Cause {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.draining && len(x.meetings) == 0:
		return CauseDraining
	case x.arrived >= x.config.MaxCalls:
		x.metrics.refused.Inc()
		return CauseOverload
	}
	x.arrived++
	late := x.draining
	x.running.Go(func() {
		defer x.departed()
		serve(late)
	})
	return CauseNone
}

func (x *Exchange) departed() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.arrived--
	if x.arrived == 0 && x.empty != nil {
		close(x.empty)
		x.empty = nil
	}
}

func (x *Exchange) serve(id string, leg Leg, dialled string, late bool) {
	plan, err := x.directory.Plan(x.ctx)
	if err != nil {
		x.log.Error("call refused: no dial plan", "call", id, "err", err)
		refuse(leg, CauseFailed)
		return
	}
	in := plan.Inbound(id, partyOf(leg), shown(dialled))
	if to, ok := plan.Route(in, x.facts(directory.Hint{}), time.Now()).(directory.Join); ok {
		x.comesTo(joined{plan: plan, in: in, leg: leg}, to.Meeting)
		return
	}
	if late {
		refuse(leg, CauseDraining)
		return
	}
	newCall(x, plan, in).run(leg)
}

// facts are what the dial plan is asked with.
func (x *Exchange) facts(hint directory.Hint) directory.Facts {
	return directory.Facts{Hint: hint, Down: x.hooks.LineDown}
}

// refuse ends a leg that no call took.
func refuse(leg Leg, cause Cause) {
	leg.Listen(func(Event) {})
	leg.Hangup(cause)
}

// Drain takes no new calls (CauseDraining) and waits until the running ones have ended, or ctx has.
func (x *Exchange) Drain(ctx context.Context) error {
	drained := x.drained()
	x.releaseIdle()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (x *Exchange) drained() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.draining = true
	if x.arrived == 0 {
		done := make(chan struct{})
		close(done)
		return done
	}
	if x.empty == nil {
		x.empty = make(chan struct{})
	}
	return x.empty
}

// Close ends all calls, writes their records and waits for everything the exchange started.
func (x *Exchange) Close() {
	x.drained()
	x.cancel()
	x.running.Wait()
	x.ledger.Close()
	x.sounds.close()
}

// Calls are the calls and meetings of this node, in no order.
func (x *Exchange) Calls() []View {
	x.mu.Lock()
	defer x.mu.Unlock()
	views := []View{}
	for _, c := range x.calls {
		views = append(views, *c.view.Load())
	}
	return views
}

// Call is one running call of this node.
func (x *Exchange) Call(id string) (View, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	c, ok := x.calls[id]
	if !ok {
		return View{}, false
	}
	return *c.view.Load(), true
}

// CallsOf are the calls a user takes part in or is rung by.
func (x *Exchange) CallsOf(user string) []View {
	mine := []View{}
	for _, v := range x.Calls() {
		for _, leg := range v.Legs {
			if leg.User == user && leg.State != legGone {
				mine = append(mine, v)
				break
			}
		}
	}
	return mine
}

// Busy tells whether a user calls, talks or is in a meeting. Being rung isn't busy.
func (x *Exchange) Busy(user string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.engaged[user] > 0
}

// Hangup ends a call or meeting for all; ErrNotFound.
func (x *Exchange) Hangup(call string) error {
	x.mu.Lock()
	c := x.calls[call]
	x.mu.Unlock()
	if c == nil || !c.box.put(hangup{}, true) {
		return ErrNotFound
	}
	return nil
}

func (x *Exchange) enter(c *Call) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.calls[c.in.Call] = c
	x.metrics.calls.Set(float64(len(x.calls)))
}

func (x *Exchange) leave(c *Call) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.calls, c.in.Call)
	x.metrics.calls.Set(float64(len(x.calls)))
}

// engage counts a user as busy, or (by = -1) no longer.
func (x *Exchange) engage(user string, by int) {
	if user != "" {
		x.count(x.engaged, user, by)
	}
}

// count changes a counter and forgets it at zero.
func (x *Exchange) count(of map[string]int, key string, by int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if of[key] += by; of[key] == 0 {
		delete(of, key)
	}
}
