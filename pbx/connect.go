package pbx

import (
	"time"

	"frontdesk/media"
)

// connect has who is led talk with the one who took the call.
func (p program) connect(m *member, codec media.Codec) {
	p.take(codec)
	if p.record.Answered.IsZero() {
		p.record.Answered = time.Now()
	}
	p.perform(newTalk(p.Call, p.acts))
	p.takePart(p.takers(m)...)
}

// takers are the users who took part: who answered comes first in a call from outside, who called otherwise.
func (p program) takers(callee *member) []string {
	if p.in.Direction == "in" {
		return []string{callee.party.User}
	}
	return []string{p.who.party.User, callee.party.User}
}
