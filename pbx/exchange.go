package pbx

import (
	"context"
	"slices"
	"sync"

	"frontdesk/pbx/call"
	"frontdesk/pbx/meeting"
	"frontdesk/store"
)

// Exchange runs the calls of this node. It is safe for concurrent use.
type Exchange struct {
	board *call.Switchboard

	mu       sync.Mutex
	draining bool
	arrived  int // calls and meetings under way
	empty    chan struct{}
	calls    map[string]*call.Call
	meetings map[string]*meeting.Meeting
	leasing  keyed // by meeting; before mu
}

// admit starts serve in a goroutine, or says why not. While meetings run, who dials one is let in to the end: late is
// who came after the drain began.
func (x *Exchange) admit(serve func(late bool)) Cause {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.draining && len(x.meetings) == 0:
		return CauseDraining
	case x.arrived >= x.board.Config.MaxCalls:
		x.board.Metrics.Refused.Inc()
		return CauseOverload
	}
	x.arrived++
	late := x.draining
	x.board.Running.Go(func() {
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

// conclude writes down a call that is over, and forgets it.
func (x *Exchange) conclude(c *call.Call) {
	c.Conclude()
	x.leave(c)
	c.Farewell()
}

func (x *Exchange) drained() <-chan struct{} {
	x.board.Desk.CallsBack(nil)
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
	x.board.Close()
}

// Calls are the calls and meetings of this node, in no order.
func (x *Exchange) Calls() []View {
	x.mu.Lock()
	defer x.mu.Unlock()
	views := []View{}
	for _, c := range x.calls {
		views = append(views, c.Seen())
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
	return c.Seen(), true
}

// CallsOf are the calls a user takes part in, is rung by or supervises.
func (x *Exchange) CallsOf(user string) []View {
	x.mu.Lock()
	defer x.mu.Unlock()
	mine := []View{}
	for _, c := range x.calls {
		v, supervises := c.SeenBy(user)
		if supervises ||
			slices.ContainsFunc(v.Legs, func(l LegView) bool { return l.User == user && l.State != call.LegGone }) {
			mine = append(mine, v)
		}
	}
	return mine
}

// Tell tells events of a call of this node in its order, after what is written of it so far; false when it is over.
func (x *Exchange) Tell(call string, events ...store.Event) bool {
	x.mu.Lock()
	c, runs := x.calls[call]
	x.mu.Unlock()
	if runs {
		c.Ledger.Tell(events...)
	}
	return runs
}

// Written waits until the record of a call of this node is written, or could not be, while ctx lasts: what is noted
// of a call before that would never be ended, should the process die in between.
func (x *Exchange) Written(ctx context.Context, call string) {
	x.mu.Lock()
	c, runs := x.calls[call]
	x.mu.Unlock()
	if !runs {
		return
	}
	select {
	case <-c.Ledger.Tried():
	case <-ctx.Done():
	}
}

// Busy tells whether a user calls, talks or is in a meeting. Being rung isn't busy.
func (x *Exchange) Busy(user string) bool { return x.board.Busy(user) }

// Hangup ends a call or meeting for all; ErrNotFound.
func (x *Exchange) Hangup(call string) error {
	x.mu.Lock()
	c := x.calls[call]
	x.mu.Unlock()
	if c == nil || !c.HangUp() {
		return ErrNotFound
	}
	return nil
}

func (x *Exchange) enter(c *call.Call) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.calls[c.In.Call] = c
	x.board.Metrics.Calls.Set(float64(len(x.calls)))
}

func (x *Exchange) leave(c *call.Call) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.calls, c.In.Call)
	x.board.Metrics.Calls.Set(float64(len(x.calls)))
}

// callOf is the call that a leg of this node is in; nil when there is none.
func (x *Exchange) callOf(leg string) *call.Call {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range x.calls {
		if slices.ContainsFunc(c.Seen().Legs, func(l LegView) bool { return l.Leg == leg && l.State != call.LegGone }) {
			return c
		}
	}
	return nil
}
