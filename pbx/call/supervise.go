package call

import (
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/supervision"
)

// maxSupervisors of one call.
const maxSupervisors = 3

// Supervise brings in a leg that supervises, if its user may; false: the call is over.
func (c *Call) Supervise(leg Leg, how string) bool { return c.Put(supervises{leg, how}) }

// supervises is a leg that wants to supervise the call.
type supervises struct {
	leg Leg
	how string
}

func (s supervises) Late() { Refuse(s.leg, CauseNotFound) }

func (s supervises) Happen(c *Call) {
	user, there := PartyOf(s.leg).User, 0
	for _, m := range c.Members {
		if m.supervisor != nil && !m.Gone() {
			there++
		}
	}
	switch {
	case user == "" || !supervision.Valid(s.how) || slices.Contains(c.ours(), user):
		Refuse(s.leg, CauseForbidden)
	case c.Record.Meeting != "" || c.Record.Answered.IsZero() || len(c.ours()) == 0:
		Refuse(s.leg, CauseNotFound)
	case there >= maxSupervisors:
		Refuse(s.leg, CauseBusy)
	case len(media.Common(s.leg.Offer(), LineCodecs())) == 0:
		Refuse(s.leg, CauseNoCodec)
	default:
		m := c.Add(s.leg, legSupervises)
		m.supervisor = &supervisor{}
		c.judge(m, s.how, func(Cause) {})
	}
}
