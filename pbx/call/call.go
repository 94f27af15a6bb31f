package call

import (
	"context"
	"reflect"
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/mailbox"
)

// States of a call, as they are shown.
const (
	StateRouting  = "routing"
	StateRinging  = "ringing"
	StateAnswered = "answered"
	StateEnded    = "ended"
)

// New makes a call that is about to begin with its first act.
func New(board *Switchboard, others func(leg string) *Call, plan *dialplan.Plan, in dialplan.Inbound,
	first func(*Call) Act) *Call {
	c := &Call{Board: board, Others: others, Plan: plan, In: in, Log: board.Log.With("call", in.Call), Name: in.Name,
		homes: map[*Member]*mailbox.Home[Message]{}, box: mailbox.New[Message](), Ledger: board.Ledger.Entry()}
	c.Record = ledger.Record{ID: in.Call, Direction: in.Direction, From: in.From, FromName: in.Name, To: in.To,
		Line: in.DID, Trunk: in.Trunk, Verified: string(in.Party.Verified), Users: []string{}, Rang: []string{},
		Started: time.Now()}
	c.act = first(c)
	c.publish()
	return c
}

// Run serves messages and alarms from the first act until the call is over.
func (c *Call) Run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for c.act.Begin(); !c.over; {
		c.Settle()
		select {
		case <-c.box.Wake():
			for c.batch = c.box.Take(); len(c.batch) > 0; {
				m := c.batch[0]
				c.batch = c.batch[1:]
				c.handle(m)
			}
		case <-timer.C:
		case <-c.Board.Ctx.Done():
			c.End(CauseDraining)
		}
		c.Alarms.ringDue()
		timer.Reset(c.Alarms.untilNext()) // those that an alarm has set, too
	}
}

// Perform goes over to another act.
func (c *Call) Perform(a Act) {
	c.act = a
	a.Begin()
}

// Performs tells whether an act is that of now.
func (c *Call) Performs(a Act) bool { return c.act == a }

// Idle tells whether nothing waits to happen.
func (c *Call) Idle() bool { return c.box.Idle() }

func (c *Call) handle(m Message) {
	if c.over {
		m.Late()
		return
	}
	m.Happen(c)
	c.Settle()
}

// Settle brings what is played and what is shown in line with the new state.
func (c *Call) Settle() {
	c.Mix()
	c.publish()
}

// Mix plays to each member what it shall hear and see now.
func (c *Call) Mix() {
	c.address()
	for _, m := range c.Members {
		if m.supervisor != nil {
			continue
		}
		var want []*media.Track
		switch {
		case c.over:
		case m.Asked != nil:
			want = []*media.Track{m.Asked}
		case c.recorded.tells(m):
			want = c.recorded.told[m].Sound(m)
		case m.Listens():
			want = c.withVoices(m, c.act.Hears(m))
		}
		m.hear(want)
	}
	c.overhear()
	c.records()
}

// publish tells the view when it changed.
func (c *Call) publish() {
	if c.silent && !c.over {
		return
	}
	now := picture{View: c.Picture()}
	now.own, now.Supervisors = c.watched()
	if before := c.view.Load(); before != nil && reflect.DeepEqual(before, &now) {
		return
	}
	first := c.view.Swap(&now) == nil
	if c.Board.Hooks.Changed != nil && !first {
		c.Board.Hooks.Changed(now.View)
	}
	for user := range now.own {
		if c.Board.Hooks.Supervised != nil {
			c.Board.Hooks.Supervised(user, now.seenBy(user))
		}
	}
	if c.Forgets {
		c.forgetGone()
	}
}

// Picture is the call as it is to be shown, on its own goroutine.
func (c *Call) Picture() View {
	r := &c.Record
	v := View{Call: r.ID, Node: c.Board.Config.Node, Direction: r.Direction, State: c.act.State(), From: r.From,
		FromName: c.Name, To: r.To, Line: r.Line, Meeting: r.Meeting, Started: r.Started, Answered: r.Answered,
		Cause: r.Cause, Verified: r.Verified,
		Outcome: r.Outcome, Legs: make([]LegView, 0, len(c.Members))}
	for _, m := range c.Members {
		if m.supervisor == nil {
			v.Legs = append(v.Legs, m.Look())
		}
	}
	c.act.Look(&v)
	c.recorded.look(&v)
	return v
}

func (c *Call) forgetGone() {
	c.Members = slices.DeleteFunc(c.Members, func(m *Member) bool {
		if m.Gone() {
			delete(c.homes, m)
		}
		return m.Gone()
	})
}

// Took notes users who take part, each once.
func (c *Call) Took(users ...string) {
	for _, user := range users {
		if user != "" && !slices.Contains(c.Record.Users, user) {
			c.Record.Users = append(c.Record.Users, user)
		}
	}
}

// TakePart notes, shows and writes down who takes part now.
func (c *Call) TakePart(users ...string) {
	c.Took(users...)
	c.Settle()
	c.Record.Shown = c.Seen()
	c.Ledger.Answered(c.Record)
}

// TellRinging says whom a call from outside is about to ring.
func (c *Call) TellRinging(users []string) {
	told := c.Board.Hooks.Ringing
	if told == nil || c.In.Party.Kind != Outside {
		return
	}
	ctx, cancel := context.WithTimeout(c.Board.Ctx, c.Board.Config.MaxLookup)
	defer cancel()
	told(ctx, c.In.Call, users)
}

// Engage counts the member's user as busy, once.
func (c *Call) Engage(m *Member) {
	if !m.engaged {
		m.engaged = true
		c.Board.engage(m.Party.User, +1)
	}
}

// Dismiss hangs a leg up and forgets it: what it says from now on doesn't count.
func (c *Call) Dismiss(m *Member, cause Cause) {
	if m.Gone() {
		return
	}
	c.depart(m, cause)
	m.Leg.Hangup(cause)
}

// depart releases what a leg held.
func (c *Call) depart(m *Member, cause Cause) {
	if m.engaged {
		c.Board.engage(m.Party.User, -1)
	}
	c.Ledger.GiveBack(m.Channel)
	c.Board.Paid(m.Charge)
	if m.supervisor != nil && !m.Gone() {
		c.supervisorLeft(m)
	}
	tookPart := m.Active()
	m.leaves(cause)
	if tookPart {
		c.act.Parted(m)
	}
}

// Seen is the call as it is shown now; for other goroutines.
func (c *Call) Seen() View { return c.view.Load().View }

// SeenBy is the call as a user sees it who supervises it; false: he does not.
func (c *Call) SeenBy(user string) (View, bool) {
	p := c.view.Load()
	_, supervises := p.own[user]
	return p.seenBy(user), supervises
}

// HangUp has the call end by command; false: it has ended.
func (c *Call) HangUp() bool { return c.Put(hangup{}) }

// hangup ends a call by command.
type hangup struct{}

func (hangup) Late() {}

func (hangup) Happen(c *Call) {
	if c.Record.Answered.IsZero() {
		c.End(CauseCancelled)
		return
	}
	c.End(CauseNormal)
}

// End hangs up every leg that is still there. It may be called again.
func (c *Call) End(cause Cause) {
	if c.over {
		return
	}
	c.over, c.Record.Cause, c.Record.Ended = true, cause, time.Now()
	c.Alarms.clear()
	c.act.Ended(cause)
	for _, m := range c.Members {
		c.Dismiss(m, cause)
	}
}

// Conclude writes down the ended call.
func (c *Call) Conclude() {
	c.Record.Outcome = ledger.Outcome(c.Record)
	for _, m := range c.box.Close() {
		c.handle(m)
	}
	c.Mix()
	last := c.Picture()
	last.State = StateEnded
	c.Record.Shown = last
	if !c.Unwritten {
		WaitFor(c.Ledger.Conclude(c.Record), EndPatience)
	}
}

// over is the act after all others: it shows what the last one showed.
type over struct{ Act }

func (over) State() string { return StateEnded }

// Farewell tells that the call has ended.
func (c *Call) Farewell() {
	c.act = over{c.act}
	c.publish()
	if !c.Unwritten {
		c.Board.Metrics.Count(c.Record)
	}
}
