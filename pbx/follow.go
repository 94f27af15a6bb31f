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
	programs := c.elsewhere(h, m)
	if len(programs) == 0 {
		return false
	}
	if len(h.ringing) == 0 && h.dialling == 0 {
		h.walk.Insert(programs...)
		c.nextStep(h, directory.Failed)
		return true
	}
	dials, _ := c.dials(h, programs[0])
	h.dialling += len(dials)
	c.dialAll(h, dials)
	h.walk.Insert(programs[0].After(directory.Failed))
	h.walk.Insert(programs[1:]...)
	return true
}

// elsewhere routes the numbers by the dial plan: with the rights of the phone that forwards, and where a carrier says that a number has moved, with
// the caller's. So nobody gets further by forwarding than by dialling.
func (c *Call) elsewhere(h *hunt, m *member) (programs []directory.Step) {
	who := m.party
	if who.Kind == Line {
		who = h.from
	}
	for _, number := range m.moved[:min(len(m.moved), maxMoved)] {
		in := c.plan.Inbound(c.in.Call, who, number)
		first := c.plan.Route(in, c.x.facts(directory.Hint{}), time.Now())
		cause := refusal(first)
		c.log.Info("called party is elsewhere", "by", m.party.Number, "to", in.To, "cause", cause)
		if cause != CauseNone {
			h.worse(cause)
			continue
		}
		programs = append(programs, first)
	}
	return programs
}
