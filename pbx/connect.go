package pbx

import (
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
)

// connect has who is led talk with the one who took the call.
func (p program) connect(m *call.Member, codec media.Codec) {
	p.take(codec)
	if p.taken != nil {
		p.taken()
	}
	if p.Record.Answered.IsZero() {
		p.Record.Answered = time.Now()
	}
	p.Perform(newTalk(p.Call, p.acts))
	p.TakePart(p.takers(m)...)
}

// takers are the users who took part: who answered comes first in a call from outside, who called otherwise.
func (p program) takers(callee *call.Member) []string {
	if p.In.Direction == "in" {
		return []string{callee.Party.User}
	}
	return []string{p.who.Party.User, callee.Party.User}
}
