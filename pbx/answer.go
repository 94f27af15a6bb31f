package pbx

import (
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/ledger"
)

// connect joins the caller and the party that answered.
func (c *Call) connect(m *member, codec media.Codec) {
	c.caller.state, c.caller.codec = legActive, codec
	c.caller.leg.Answer(codec)
	c.state, c.record.Answered = answered, time.Now()
	c.took(takers(&c.record, c.caller, m)...)
	c.limit.set(c.x.config.MaxCall, func() { c.end(CauseNormal) })
	c.settle()
	c.ledger.Answered(c.record)
}

// takers are the users who took part: who answered comes first in a call from outside, who called otherwise.
func takers(r *ledger.Record, caller, callee *member) []string {
	if r.Direction == "in" {
		return []string{callee.party.User}
	}
	return []string{caller.party.User, callee.party.User}
}

// took notes users who take part, each once.
func (c *Call) took(users ...string) {
	for _, user := range users {
		if user != "" && !slices.Contains(c.record.Users, user) {
			c.record.Users = append(c.record.Users, user)
		}
	}
}
