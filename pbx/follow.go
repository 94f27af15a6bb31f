package pbx

import (
	"time"

	"frontdesk/pbx/directory"
)

// maxMoved is how many of the numbers that somebody who moved names are tried.
const maxMoved = 3

// follow calls a party that is to be found elsewhere at the numbers that it names, beside whoever rings on; false when there is nowhere to go.
func (c *Call) follow(h *hunt, m *member) bool {
	if h.followed || len(m.moved) == 0 {
		return false
	}
	h.followed = true
	steps := c.x.downLast(c.elsewhere(h, m))
	if len(steps) == 0 {
		return false
	}
	if len(h.ringing) == 0 && h.dialling == 0 {
		h.steps = append(steps, h.steps...)
		c.nextStep(h)
		return true
	}
	now := h.step
	h.step = steps[0]
	dials := c.dials(h)
	h.dialling += len(dials)
	c.dialAll(h, dials)
	h.step, h.steps = now, append(steps[1:], h.steps...)
	return true
}

// elsewhere routes the numbers by the dial plan: with the rights of the phone that forwards, and where a carrier says that a number has moved, with
// the caller's. So nobody gets further by forwarding than by dialling.
func (c *Call) elsewhere(h *hunt, m *member) (steps []directory.Step) {
	who := m.party
	if who.Kind == Line {
		who = h.from
	}
	for _, number := range m.moved[:min(len(m.moved), maxMoved)] {
		in := c.plan.Inbound(c.in.Call, who, number)
		r := c.plan.Route(in, directory.Hint{}, time.Now())
		if r.Meeting != "" {
			r.Cause = CauseForbidden
		}
		c.log.Info("called party is elsewhere", "by", m.party.Number, "to", in.To, "cause", r.Cause)
		if r.Cause != CauseNone {
			h.worse(r.Cause)
			continue
		}
		steps = append(steps, r.Steps...)
	}
	return steps
}
