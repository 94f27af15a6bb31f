package pbx

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
)

// States of a call.
const (
	routing  = "routing"
	ringing  = "ringing"
	answered = "answered"
	ended    = "ended"
)

// Call is a room of legs: two make a phone call, more a meeting. One goroutine owns it and takes messages from its mailbox.
type Call struct {
	x    *Exchange
	plan *directory.Plan
	in   directory.Inbound
	box  *mailbox
	log  *slog.Logger
	view atomic.Pointer[View]

	meeting  string       // id, for a meeting
	mixer    *media.Mixer // of a meeting, for those who have one line only; of a phone call whose parties speak different codecs
	caller   *member      // who called; nil for a meeting
	members  []*member
	state    string
	name     string    // best name of the caller
	hunts    []*hunt   // who is being rung: one at most, except in a meeting
	visits   []*visit  // of a meeting: who was called in or came in from outside
	transfer *transfer // under way; nil when none is
	vain     *transfer // the last one, which came to nothing
	record   ledger.Record
	ledger   *ledger.Entry
	batch    []message // taken from the mailbox, not handled yet
	given    bool      // its party went on to another call: it only waits to end
	over     bool

	knocks []knock // of a meeting: who asks to be let in

	limit, wait, door alarm // of the whole call; for the lookup or an empty meeting's end; of those who knock
}

func newCall(x *Exchange, plan *directory.Plan, in directory.Inbound) *Call {
	c := &Call{x: x, plan: plan, in: in, box: newMailbox(), ledger: x.ledger.Entry(), log: x.log.With("call", in.Call), state: routing, name: in.Name}
	c.record = ledger.Record{ID: in.Call, Direction: in.Direction, From: in.From, FromName: in.Name, To: in.To, Line: in.DID, Trunk: in.Trunk,
		Users: []string{}, Rang: []string{}, Started: time.Now()}
	c.publish()
	return c
}

// run lives as long as the call.
func (c *Call) run(leg Leg) {
	c.x.enter(c)
	c.caller = c.add(leg, legCalling)
	c.limit.set(c.x.config.MaxRing, c.rangOut)
	c.prepare()
	c.loop()
	c.finish()
}

// prepare writes the call down, counts it against its trunk's limit and asks the CRM who calls, off this goroutine. The call is routed when
// all have answered, and at the latest after lookupLimit.
func (c *Call) prepare() {
	c.ledger.Begin(c.record)
	c.wait.set(lookupLimit, func() {
		c.x.metrics.late.Inc()
		c.log.Warn("CRM and database did not answer in time", "limit", lookupLimit)
		c.route(directory.Hint{})
	})
	limit := c.plan.MaxCalls(c.in.Trunk)
	c.x.running.Go(func() {
		if line, cause := c.ledger.SeizeInbound(c.in.Call, c.in.Trunk, limit); line != nil || cause != CauseNone {
			c.post(counted{c, c.caller, line, cause})
			if cause == CauseOverload {
				return
			}
		}
		hint := c.x.lookUp(c.in)
		waitFor(c.ledger.Tried(), lookupLimit)
		c.box.put(prepared{hint}, true)
	})
}

// prepared: the call is written down and counted, and the CRM has answered.
type prepared struct{ hint directory.Hint }

func (prepared) late() {}

func (p prepared) happen(c *Call) {
	if p.hint.Name != "" { // worth knowing even when it comes too late for the routing
		c.name, c.record.FromName = p.hint.Name, p.hint.Name
	}
	if c.state == routing {
		c.wait.off()
		c.route(p.hint)
	}
}

// counted is a call from a trunk with a limit: it has one of the lines, or there is none.
type counted struct {
	call  *Call
	m     *member
	line  *ledger.Channel
	cause Cause
}

func (r counted) late() { r.call.ledger.GiveBack(r.line) }

func (r counted) happen(c *Call) {
	switch {
	case r.m.state == legGone:
		r.late()
	case r.cause == CauseOverload && c.state != answered: // one that talks since the limit was not known in time goes on
		c.end(r.cause)
	default:
		r.m.line = r.line
	}
}

// loop serves messages and alarms until the call is over.
func (c *Call) loop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for !c.over {
		c.settle()
		select {
		case <-c.box.wake:
			for c.batch = c.box.take(); len(c.batch) > 0; {
				m := c.batch[0]
				c.batch = c.batch[1:]
				c.handle(m)
			}
		case <-timer.C:
		case <-c.x.ctx.Done():
			c.end(CauseDraining)
		}
		ringDue(c.alarms())
		timer.Reset(untilNext(c.alarms())) // those that an alarm has set, too
	}
}

// post puts a message that must come through, from another goroutine of the exchange.
func (c *Call) post(m message) {
	if !c.box.put(m, true) {
		m.late()
	}
}

func (c *Call) alarms() []*alarm {
	all := []*alarm{&c.limit, &c.wait, &c.door}
	for _, h := range c.hunts {
		all = append(all, &h.over)
	}
	return all
}

func (c *Call) handle(m message) {
	if c.over {
		m.late()
		return
	}
	m.happen(c)
	c.settle()
}

// settle brings what is played and what is shown in line with the new state.
func (c *Call) settle() {
	c.mix()
	c.publish()
}

// lookUp asks the CRM who calls, where the call comes from outside.
func (x *Exchange) lookUp(in directory.Inbound) directory.Hint {
	if in.Party.Kind != Line || x.hooks.Lookup == nil {
		return directory.Hint{}
	}
	ctx, cancel := context.WithTimeout(x.ctx, lookupLife)
	defer cancel()
	begun := time.Now()
	hint, err := x.hooks.Lookup(ctx, in)
	x.metrics.lookup.Observe(time.Since(begun).Seconds())
	if err != nil {
		x.log.Warn("the CRM failed to recognise the caller", "call", in.Call, "err", err)
	}
	return hint
}

// route follows the dial plan.
func (c *Call) route(hint directory.Hint) {
	first := c.plan.Route(c.in, c.x.facts(hint), time.Now())
	if cause := refusal(first); cause != CauseNone {
		c.end(cause)
		return
	}
	c.state = ringing
	c.ring(&hunt{record: &c.record, walk: directory.NewWalk(first), codecs: c.caller.leg.Offer(), from: c.in.Party, number: c.in.From,
		rings: func() { c.caller.leg.Ring(false) }, answered: c.connect, failed: c.end})
}

// rangOut ends a call that nobody answered in all its steps.
func (c *Call) rangOut() {
	if c.state != answered {
		c.end(CauseNoAnswer)
	}
}

// hangup ends a call by command.
type hangup struct{}

func (hangup) late() {}

func (hangup) happen(c *Call) {
	if c.state == answered {
		c.end(CauseNormal)
		return
	}
	c.end(CauseCancelled)
}

// end hangs up every leg that is still there. It may be called again.
func (c *Call) end(cause Cause) {
	if c.over {
		return
	}
	c.over, c.record.Cause, c.record.Ended = true, cause, time.Now()
	if c.transfer != nil {
		c.transfer.tell(cause)
	}
	for _, a := range c.alarms() {
		a.off()
	}
	c.hunts = nil
	for _, m := range c.members {
		c.dismiss(m, cause)
	}
	for _, v := range slices.Clone(c.visits) { // who was being called in; those over are taken out
		c.visitOver(v, cause)
	}
}

// finish writes down the ended call and forgets it.
func (c *Call) finish() {
	c.record.Outcome = ledger.Outcome(c.record)
	for _, m := range c.box.close() {
		c.handle(m)
	}
	c.mix()
	waitFor(c.ledger.Conclude(c.record), endPatience)
	c.x.leave(c)
	c.state = ended
	c.publish()
	c.x.metrics.count(c.record)
}

// publish tells the view when it changed.
func (c *Call) publish() {
	if c.given && !c.over { // those in it are told by the call that they are in now
		return
	}
	now := c.look()
	if before := c.view.Load(); before != nil && reflect.DeepEqual(*before, now) {
		return
	}
	first := c.view.Swap(&now) == nil
	if c.x.hooks.Changed != nil && !first {
		c.x.hooks.Changed(now)
	}
	if c.meeting != "" {
		c.members = slices.DeleteFunc(c.members, func(m *member) bool { return m.state == legGone })
	}
}

func (c *Call) look() View {
	r := &c.record
	v := View{Call: r.ID, Node: c.x.config.Node, Direction: r.Direction, State: c.state, From: r.From, FromName: c.name, To: r.To, Line: r.Line, Meeting: r.Meeting,
		Started: r.Started, Answered: r.Answered, Cause: r.Cause, Outcome: r.Outcome, Legs: []LegView{}}
	for _, m := range c.members {
		v.Legs = append(v.Legs, m.look())
	}
	for _, visit := range c.visits {
		if visit.state == legFailed {
			v.Legs = append(v.Legs, visit.look())
		}
	}
	v.Knocks = c.waiting()
	v.Transfer = c.lookTransfer()
	return v
}
