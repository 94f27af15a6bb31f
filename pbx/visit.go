package pbx

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// visit is the call of somebody from outside into a meeting, or of ours to somebody who is called into it. It has a record of its own, as every call has.
type visit struct {
	record ledger.Record
	ledger *ledger.Entry
	by     string  // the user who had him called, "" for who came by himself
	name   string  // under which the CRM knows him
	m      *member // nil until something rang
	hunt   *hunt   // that rings him, or did
	begun  bool    // who wants him in was told that he is being called
	state  string  // "" while it goes on; legFailed: called in vain, still shown; legGone
}

// maxFailed are shown of those who were called in vain.
const maxFailed = 10

// lineCodecs are what a party with one line can speak in a meeting, as we mix for it. Its own order, or its trunk's, decides.
func lineCodecs() []media.Codec { return []media.Codec{media.G722(), media.PCMA(), media.PCMU()} }

// listens gives a party with one line the sum of the others.
func (c *Call) listens(m *member) { m.mixed = c.mixer.Line(m.leg.ID()+"/mix", m.codec) }

// arrives begins the record of somebody who dialled the meeting's number.
func (c *Call) arrives(m *member, in directory.Inbound) {
	m.visit = &visit{m: m, record: ledger.Record{Direction: in.Direction, From: in.From, FromName: in.Name, To: in.To, Line: in.DID, Trunk: in.Trunk}}
	c.visit(m.visit)
}

// visit begins a visit.
func (c *Call) visit(v *visit) {
	r := &v.record
	v.ledger = c.x.ledger.Entry()
	r.ID, r.Meeting, r.Started, r.Rang = store.NewID(), c.meeting, time.Now(), []string{}
	v.ledger.Begin(*r)
	c.visits = append(c.visits, v)
}

// callIn rings an outside number into the meeting, by the dial plan of now and with the rights of who asks. Colleagues are asked in by name.
func (c *Call) callIn(m *member, e CallAsked) {
	if c.meeting == "" || m.state != legActive {
		e.Done(CauseForbidden)
		return
	}
	in, first := c.routeOut(m, e.To)
	switch {
	case in.Direction != "out":
		e.Done(cmp.Or(refusal(first), CauseForbidden))
	case c.visiting(in.To):
		e.Done(CauseBusy)
	default:
		e.Done(c.callOut(m, in, first))
	}
}

// routeOut is where the dial plan of this moment leads a number that a member asks for: a meeting may have begun long ago.
func (c *Call) routeOut(m *member, to string) (directory.Inbound, directory.Step) {
	plan, err := c.x.directory.Plan(c.x.ctx)
	if err != nil {
		c.log.Error("no dial plan", "err", err)
		return directory.Inbound{}, directory.Refuse{Cause: CauseFailed}
	}
	in := plan.Inbound(c.in.Call, m.party, to)
	return in, plan.Route(in, c.x.facts(directory.Hint{}), time.Now())
}

// visiting tells whether a number is in the meeting or being called in.
func (c *Call) visiting(number string) bool {
	return slices.ContainsFunc(c.visits, func(v *visit) bool { return v.state == "" && v.number() == number })
}

// callOut begins to call, or says why not.
func (c *Call) callOut(by *member, in directory.Inbound, first directory.Step) Cause {
	v := &visit{by: by.party.User, record: ledger.Record{Direction: in.Direction, From: in.From, To: in.To, Users: []string{by.party.User}}}
	c.visit(v)
	cause := refusal(first)
	switch {
	case cause != CauseNone:
		c.visitOver(v, cause)
	case c.full():
		c.visitOver(v, CauseOverload)
	default:
		c.log.Info("called into the meeting", "visit", v.record.ID, "to", in.To)
		c.forget(func(old *visit) bool { return old.state == legFailed && old.number() == in.To })
		v.begun = true
		c.ringIn(by, v, in, first)
	}
	return v.record.Cause
}

// full tells whether the meeting has no room for one more, those counted who are being called in.
func (c *Call) full() bool { return len(c.active())+len(c.hunts) >= c.x.config.MaxLegs }

func (c *Call) ringIn(by *member, v *visit, in directory.Inbound, first directory.Step) {
	v.hunt = &hunt{record: &v.record, visit: v, walk: directory.NewWalk(first), codecs: lineCodecs(), from: by.party, number: in.From, shows: in.To,
		rings:  func() {},
		failed: func(cause Cause) { c.visitOver(v, cause) },
		answered: func(m *member, _ media.Codec) {
			c.wait.off()
			c.listens(m)
			c.entered(m)
		}}
	c.ring(v.hunt)
}

// meets notes for the visits with whom of ours they were.
func (c *Call) meets(m *member) {
	for _, other := range c.active() {
		if m.visit != nil {
			m.visit.took(other.party.User)
		} else if other.visit != nil {
			other.visit.took(m.party.User)
		}
	}
}

func (v *visit) took(user string) {
	if user != "" && !slices.Contains(v.record.Users, user) {
		v.record.Users = append(v.record.Users, user)
	}
}

// number of the party from outside.
func (v *visit) number() string {
	if v.by != "" {
		return v.record.To
	}
	return v.record.From
}

// visitOver writes down how a visit ended, once; the meeting does not wait for that.
func (c *Call) visitOver(v *visit, cause Cause) {
	if v.state != "" {
		return
	}
	r := &v.record
	if r.Answered.IsZero() && cause == CauseNormal {
		cause = CauseCancelled // who called him has left
	}
	r.Cause, r.Ended = cause, time.Now()
	r.Outcome = ledger.Outcome(*r)
	v.state = legGone
	if v.begun && r.Answered.IsZero() && cause != CauseCancelled {
		v.state = legFailed
	}
	c.forget(func(v *visit) bool { return v.state == legGone })
	c.forgetOldest()
	c.x.metrics.count(*r)
	v.ledger.Conclude(*r)
}

func (c *Call) forget(which func(*visit) bool) { c.visits = slices.DeleteFunc(c.visits, which) }

// forgetOldest keeps no more than maxFailed of those who were called in vain.
func (c *Call) forgetOldest() {
	failed := 0
	for _, v := range c.visits {
		if v.state == legFailed {
			failed++
		}
	}
	c.forget(func(v *visit) bool {
		old := v.state == legFailed && failed > maxFailed
		if old {
			failed--
		}
		return old
	})
}

// look is the visit of somebody who was called in vain.
func (v *visit) look() LegView {
	return LegView{Leg: v.record.ID, Kind: Line, Number: v.number(), Name: v.name, State: v.state, Cause: v.record.Cause, Call: v.record.ID, By: v.by}
}

// remove puts out somebody from outside, stops ringing him, or no longer shows that he was called in vain.
func (c *Call) remove(whom string) {
	for _, v := range c.visits {
		if whom != v.record.ID && (v.m == nil || whom != v.m.leg.ID()) {
			continue
		}
		switch {
		case v.state == legFailed:
			c.forget(func(other *visit) bool { return other == v })
		case v.hunt != nil && (v.m == nil || v.m.state != legActive):
			c.stop(v.hunt)
			c.stopRinging(v.hunt, nil, CauseCancelled)
			c.visitOver(v, CauseCancelled)
		default:
			c.dismiss(v.m, CauseNormal)
			c.left()
		}
		return
	}
}

// named is what the CRM knows of a visit.
type named struct{ visit, name string }

func (named) late() {}

func (n named) happen(c *Call) {
	for _, v := range c.visits {
		if v.record.ID != n.visit {
			continue
		}
		v.name = n.name
		if v.by == "" {
			v.record.FromName = n.name
		}
	}
}

// Named tells under which name the CRM knows somebody from outside in a meeting: call and visit are the ids of their records.
func (x *Exchange) Named(call, visit, name string) {
	x.mu.Lock()
	c := x.calls[call]
	x.mu.Unlock()
	if c != nil {
		c.box.put(named{visit, name}, true)
	}
}
