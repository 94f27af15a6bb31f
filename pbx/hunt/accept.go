package hunt

import (
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
)

// AcceptWithin is how long who answered a forwarded call may think about it: a mobile's voicemail presses nothing.
const AcceptWithin = 20 * time.Second

// acceptance is asked of who answers a call that a user forwards outside: he takes it by pressing 1. Until then it
// rings on for the caller.
type acceptance struct {
	language string      // in which he is asked
	codec    media.Codec // none before the answer
	over     call.Alarm
}

// asked tells whether somebody has answered and is asked now.
func (a *acceptance) asked() bool { return a != nil && a.codec.Name != "" }

// asks has who answered hear that he is asked; late is what happens when he takes too long.
func (a *acceptance) asks(c *call.Call, m *call.Member, codec media.Codec, late func()) {
	a.codec, m.Asked = codec, c.Board.Sounds.QuestionIn(codec, a.language)
	c.Alarms.Set(&a.over, AcceptWithin, late)
}
