package pbx

import (
	"log/slog"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/mailbox"
)

// States of a call, as they are shown.
const (
	routing  = "routing"
	ringing  = "ringing"
	answered = "answered"
	ended    = "ended"
)

// Call is legs that hear each other: two make a phone call, more a meeting. It keeps who is in it, what each of them is
// played, what is shown of it and what is written down. What happens in it is its act, one at a time. One goroutine
// owns the call and takes messages from its mailbox.
type Call struct {
	board  *switchboard
	others func(leg string) *Call // the call of this node that a leg is in; nil when there is none
	plan   *dialplan.Plan
	in     dialplan.Inbound
	log    *slog.Logger
	view   atomic.Pointer[View]

	act     act
	members []*member
	homes   map[*member]*mailbox.Home[message] // where their events go
	caller  *member                            // who called; nil for a meeting
	name    string                             // best name of the caller
	record  ledger.Record
	ledger  *ledger.Entry
	mixer   *media.Mixer // for who has one line only in a meeting, or another codec than his peer; nil: not needed yet

	box    *mailbox.Box[message]
	batch  []message // taken from the mailbox, not handled yet
	alarms alarms
	limit  alarm // of the whole call

	forgets bool // who has left is shown once and then forgotten: many come and go
	silent  bool // its party went on to another call, which those in it are told of
	over    bool
}

// act is what happens in a call now. It decides, the call carries out: an act plays, rings, writes down and hangs up
// by the methods of its call, and ends by letting the call perform the next act or by ending the call. The call
// itself asks no act which one it is.
//
// A new act is a new file: a type that embeds scene, which has what is so in any act, and says what is special. Park,
// where a party hears music until somebody fetches it or nobody has for too long, would be
//
//	type park struct { scene; long alarm; back func() }
//	func (p *park) begin()                         { p.alarms.set(&p.long, parkLasts, p.back) }
//	func (p *park) hears(m *member) []*media.Track { return []*media.Track{p.board.sounds.musicIn(m.codec)} }
//	func (p *park) said(m *member, e Event)        // who fetches it proposes to join, as in an attended transfer
//
// and the act that parks says c.perform(&park{…}). An act that is a step of the dial plan embeds program instead
// (act_announce.go is the shortest), is named in actOf, and ends by p.over(outcome): the step says what follows.
type act interface {
	begin()                         // it is the act from now on
	state() string                  // as shown: routing, ringing or answered
	said(m *member, e Event)        // by a member; what it sends, holds and mutes is noted already
	hears(m *member) []*media.Track // what a member who calls or takes part shall be played
	gone(m *member, e Gone)         // a member left by itself, and is out
	parted(m *member)               // a member who took part is out, by itself or put out
	look(v *View)                   // adds what the act has to show
	ended(cause Cause)              // the call ends: who waits for the act is told so
}

// message is something that happened to a call.
type message interface {
	happen(c *Call) // on the call's goroutine
	late()          // instead, when the call is over
}

// newCall makes a call that is about to begin with its first act.
func newCall(board *switchboard, others func(leg string) *Call, plan *dialplan.Plan, in dialplan.Inbound,
	first func(*Call) act) *Call {
	c := &Call{board: board, others: others, plan: plan, in: in, log: board.log.With("call", in.Call), name: in.Name,
		homes: map[*member]*mailbox.Home[message]{}, box: mailbox.New[message](), ledger: board.ledger.Entry()}
	c.record = ledger.Record{ID: in.Call, Direction: in.Direction, From: in.From, FromName: in.Name, To: in.To,
		Line: in.DID, Trunk: in.Trunk, Users: []string{}, Rang: []string{}, Started: time.Now()}
	c.act = first(c)
	c.publish()
	return c
}

// run serves messages and alarms from the first act until the call is over.
func (c *Call) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for c.act.begin(); !c.over; {
		c.settle()
		select {
		case <-c.box.Wake():
			for c.batch = c.box.Take(); len(c.batch) > 0; {
				m := c.batch[0]
				c.batch = c.batch[1:]
				c.handle(m)
			}
		case <-timer.C:
		case <-c.board.ctx.Done():
			c.end(CauseDraining)
		}
		c.alarms.ringDue()
		timer.Reset(c.alarms.untilNext()) // those that an alarm has set, too
	}
}

// perform goes over to another act.
func (c *Call) perform(a act) {
	c.act = a
	a.begin()
}

// post puts a message that must come through, from another goroutine of the exchange.
func (c *Call) post(m message) {
	if !c.box.Put(m, true) {
		m.late()
	}
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

// mix plays to each member what it shall hear and see now.
func (c *Call) mix() {
	for _, m := range c.members {
		var want []*media.Track
		switch {
		case c.over:
		case m.asked != nil:
			want = []*media.Track{m.asked}
		case m.listens():
			want = c.act.hears(m)
		}
		m.hear(want)
	}
}

// publish tells the view when it changed.
func (c *Call) publish() {
	if c.silent && !c.over {
		return
	}
	now := c.picture()
	if before := c.view.Load(); before != nil && reflect.DeepEqual(*before, now) {
		return
	}
	first := c.view.Swap(&now) == nil
	if c.board.hooks.Changed != nil && !first {
		c.board.hooks.Changed(now)
	}
	if c.forgets {
		c.forgetGone()
	}
}

func (c *Call) picture() View {
	r := &c.record
	v := View{Call: r.ID, Node: c.board.config.Node, Direction: r.Direction, State: c.act.state(), From: r.From,
		FromName: c.name, To: r.To, Line: r.Line, Meeting: r.Meeting, Started: r.Started, Answered: r.Answered,
		Cause:   r.Cause,
		Outcome: r.Outcome, Legs: []LegView{}}
	for _, m := range c.members {
		v.Legs = append(v.Legs, m.look())
	}
	c.act.look(&v)
	return v
}

func (c *Call) forgetGone() {
	c.members = slices.DeleteFunc(c.members, func(m *member) bool {
		if m.gone() {
			delete(c.homes, m)
		}
		return m.gone()
	})
}

// took notes users who take part, each once.
func (c *Call) took(users ...string) {
	for _, user := range users {
		if user != "" && !slices.Contains(c.record.Users, user) {
			c.record.Users = append(c.record.Users, user)
		}
	}
}

// takePart notes, shows and writes down who takes part now.
func (c *Call) takePart(users ...string) {
	c.took(users...)
	c.settle()
	c.record.Shown = *c.view.Load()
	c.ledger.Answered(c.record)
}

// active are the members who take part now.
func (c *Call) active() (now []*member) {
	for _, m := range c.members {
		if m.active() {
			now = append(now, m)
		}
	}
	return now
}

// engage counts the member's user as busy, once.
func (c *Call) engage(m *member) {
	if !m.engaged {
		m.engaged = true
		c.board.engage(m.party.User, +1)
	}
}

// dismiss hangs a leg up and forgets it: what it says from now on doesn't count.
func (c *Call) dismiss(m *member, cause Cause) {
	if m.gone() {
		return
	}
	c.depart(m, cause)
	m.leg.Hangup(cause)
}

// depart releases what a leg held.
func (c *Call) depart(m *member, cause Cause) {
	if m.engaged {
		c.board.engage(m.party.User, -1)
	}
	c.ledger.GiveBack(m.channel)
	tookPart := m.active()
	m.leaves(cause)
	if tookPart {
		c.act.parted(m)
	}
}

// hangup ends a call by command.
type hangup struct{}

func (hangup) late() {}

func (hangup) happen(c *Call) {
	if c.record.Answered.IsZero() {
		c.end(CauseCancelled)
		return
	}
	c.end(CauseNormal)
}

// end hangs up every leg that is still there. It may be called again.
func (c *Call) end(cause Cause) {
	if c.over {
		return
	}
	c.over, c.record.Cause, c.record.Ended = true, cause, time.Now()
	c.alarms.clear()
	c.act.ended(cause)
	for _, m := range c.members {
		c.dismiss(m, cause)
	}
}

// conclude writes down the ended call.
func (c *Call) conclude() {
	c.record.Outcome = ledger.Outcome(c.record)
	for _, m := range c.box.Close() {
		c.handle(m)
	}
	c.mix()
	last := c.picture()
	last.State = ended
	c.record.Shown = last
	waitFor(c.ledger.Conclude(c.record), endPatience)
}

// over is the act after all others: it shows what the last one showed.
type over struct{ act }

func (over) state() string { return ended }

// farewell tells that the call has ended.
func (c *Call) farewell() {
	c.act = over{c.act}
	c.publish()
	c.board.metrics.count(c.record)
}
