package call

import (
	"slices"

	"frontdesk/pbx/mailbox"
)

// said is an event of a leg.
type said struct {
	m     *Member
	event Event
}

// Late answers what a leg asks.
func (s said) Late() { decline(s.event, CauseFailed) }

// Happen notes what a member sends, holds and mutes; what follows from an event is up to the act.
func (s said) Happen(c *Call) {
	m := s.m
	if m.Gone() { // hung up by us while it spoke: answer and cancel crossed
		s.Late()
		return
	}
	switch e := s.event.(type) {
	case TrackAdded:
		if !m.sends(e.Track) {
			return
		}
	case TrackRemoved:
		m.stopsSending(e.Track)
	case Held:
		m.holds(e)
	case Muted:
		m.mutes(e)
	case RecordAsked:
		c.recordAsked(m, e.Do)
		return
	case Gone:
		c.depart(m, e.Cause)
		if m.supervisor == nil {
			c.act.Gone(m, e)
		}
		return
	}
	if m.supervisor != nil {
		if !c.supervisorSays(m, s.event) {
			decline(s.event, CauseForbidden)
		}
		return
	}
	c.Serve(m, s.event)
}

// Serve has the act serve what a member says.
func (c *Call) Serve(m *Member, e Event) { c.act.Said(m, e) }

// question is an event that waits for an answer.
type question interface{ Answer(Cause) }

func (e TransferAsked) Answer(cause Cause)  { e.Done(cause) }
func (e SuperviseAsked) Answer(cause Cause) { e.Done(cause) }
func (e CallAsked) Answer(cause Cause)      { e.Done(cause) }

// decline answers an event, where it asks something.
func decline(e Event, cause Cause) {
	if q, ok := e.(question); ok {
		q.Answer(cause)
	}
}

// Add takes a leg into the call and listens to it.
func (c *Call) Add(leg Leg, state string) *Member {
	m, h := newMember(leg, state), mailbox.NewHome(c.box)
	c.Members, c.homes[m] = append(c.Members, m), h
	if state == LegCalling {
		c.Engage(m)
	}
	leg.Listen(func(e Event) {
		_, last := e.(Gone)
		if s := (said{m, e}); !h.Put(s, last) && !last {
			s.Late()
			leg.Hangup(CauseOverload)
		}
	})
	return m
}

// unheard takes out what waits of a member's events.
func (c *Call) unheard(m *Member) (waiting []Message) {
	of := func(x Message) bool {
		s, ok := x.(said)
		return ok && s.m == m
	}
	rest := slices.Concat(c.batch, c.box.TakeOf(of))
	c.batch = slices.DeleteFunc(slices.Clone(c.batch), of)
	return slices.DeleteFunc(rest, func(x Message) bool { return !of(x) })
}
