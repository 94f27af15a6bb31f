package pbx

import (
	"time"

	"frontdesk/pbx/dialplan"
)

// maxMoved is how many of the numbers that somebody who moved names are tried.
const maxMoved = 3

// elsewhere routes the numbers that a party names to be called instead, by the dial plan: with the rights of the
// phone that forwards, and where a carrier says that a number has moved, with the caller's. So nobody gets further by
// forwarding than by dialling. Refused says of each number that leads nowhere why not.
func (c *Call) elsewhere(caller Party, m *member, numbers []string) (programs []dialplan.Step, refused []Cause) {
	who := m.party
	if who.Kind == Outside {
		who = caller
	}
	for _, number := range numbers[:min(len(numbers), maxMoved)] {
		in := c.plan.Inbound(c.in.Call, who, number)
		first := c.plan.Route(in, c.board.facts(dialplan.Hint{}), time.Now())
		cause := refusal(first)
		c.log.Info("called party is elsewhere", "by", m.party.Number, "to", in.To, "cause", cause)
		if cause != CauseNone {
			refused = append(refused, cause)
			continue
		}
		programs = append(programs, first)
	}
	return programs, refused
}
