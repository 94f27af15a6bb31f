package pbx

import (
	"slices"

	"frontdesk/pbx/mailbox"
)

// said is an event of a leg.
type said struct {
	m     *member
	event Event
}

// late answers what a leg asks.
func (s said) late() { decline(s.event, CauseFailed) }

// happen notes what a member sends, holds and mutes; what follows from an event is up to the act.
func (s said) happen(c *Call) {
	m := s.m
	if m.gone() { // hung up by us while it spoke: answer and cancel crossed
		s.late()
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
	case Gone:
		c.depart(m, e.Cause)
		c.act.gone(m, e)
		return
	}
	c.act.said(m, s.event)
}

// question is an event that waits for an answer.
type question interface{ answer(Cause) }

func (e TransferAsked) answer(cause Cause) { e.Done(cause) }
func (e CallAsked) answer(cause Cause)     { e.Done(cause) }

// decline answers an event, where it asks something.
func decline(e Event, cause Cause) {
	if q, ok := e.(question); ok {
		q.answer(cause)
	}
}

// add takes a leg into the call and listens to it.
func (c *Call) add(leg Leg, state string) *member {
	m, h := newMember(leg, state), mailbox.NewHome(c.box)
	c.members, c.homes[m] = append(c.members, m), h
	if state == legCalling {
		c.engage(m)
	}
	leg.Listen(func(e Event) {
		_, last := e.(Gone)
		if s := (said{m, e}); !h.Put(s, last) && !last {
			s.late()
			leg.Hangup(CauseOverload)
		}
	})
	return m
}

// unheard takes out what waits of a member's events.
func (c *Call) unheard(m *member) (waiting []message) {
	of := func(x message) bool {
		s, ok := x.(said)
		return ok && s.m == m
	}
	rest := slices.Concat(c.batch, c.box.TakeOf(of))
	c.batch = slices.DeleteFunc(slices.Clone(c.batch), of)
	return slices.DeleteFunc(rest, func(x message) bool { return !of(x) })
}
