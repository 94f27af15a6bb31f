package pbx

import (
	"time"

	"frontdesk/media"
)

// acceptWithin is how long who answered a forwarded call may think about it: a mobile's voicemail presses nothing.
const acceptWithin = 20 * time.Second

// asks has who answered hear that he is asked.
func (h *hunt) asks(m *member, codec media.Codec) {
	h.alarms.off(&h.silence)
	m.accepts.codec, m.asked = codec, h.board.sounds.questionIn(codec)
	h.alarms.set(&m.accepts.over, acceptWithin, func() {
		if h.lost(m, Gone{Cause: CauseNoAnswer}) {
			h.dismiss(m, CauseNoAnswer)
		}
	})
}

// presses serves the keys of who is asked.
func (h *hunt) presses(m *member, key rune) {
	a := m.accepts
	if a == nil || a.codec.Name == "" || key != '1' {
		return
	}
	h.alarms.off(&a.over)
	m.accepts, m.asked = nil, nil
	h.answers(m, a.codec)
}

// pickedUp lets in who takes a call that rings him or a colleague of a group of his, on another device than those.
func (h *hunt) pickedUp(m *member, w wantsIn) {
	if h.stopped || !h.plan.MayPickUp(m.party.User, h.trail.users()) {
		w.answer(CauseForbidden)
		return
	}
	if !h.letIn(m, h.codecs) {
		return
	}
	h.trail.pickedUp(m.party.User)
	h.stop()
	h.stopRinging(m, CauseElsewhere)
	h.of.answered(m, m.codec)
}
