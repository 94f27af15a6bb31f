package pbx

import "frontdesk/media"

// pair is the scene of two who are connected: they hear each other unless one holds, and keys are passed on.
type pair struct{ scene }

func (p pair) said(m *member, e Event) {
	if d, ok := e.(Digit); ok && m.active() {
		p.presses(m, d)
	}
	p.scene.said(m, e)
}

func (p pair) gone(m *member, e Gone) {
	if p.crossed(m, e) {
		p.gaveUp(e.Cause)
		return
	}
	p.end(e.Cause)
}

// crossed tells that the caller gave up before the answer reached it.
func (p pair) crossed(m *member, e Gone) bool { return m == p.caller && e.Cause == CauseCancelled }

func (p pair) hears(m *member) []*media.Track {
	if m.held {
		return nil
	}
	peer := p.peer(m)
	switch {
	case peer == nil:
		return p.translated(m, nil)
	case peer.held && !peer.music:
		return []*media.Track{p.board.sounds.musicIn(m.codec)}
	}
	return p.translated(m, peer.sound())
}

// presses writes a key that is not in the sound yet into it.
func (p pair) presses(m *member, d Digit) {
	if peer := p.peer(m); peer != nil && peer.mixed != nil { // the mixer passes on sound only
		peer.keypad(peer.mixed.Track()).Press(d.Key)
		return
	}
	for _, t := range m.tracks {
		if !d.InBand && t.Codec.Kind() == media.Audio {
			m.keypad(t).Press(d.Key)
		}
	}
}

// numberOf is the number under which our people know a member.
func (p pair) numberOf(m *member) string {
	switch {
	case m.party.Private:
		return ""
	case m.known != "":
		return m.known
	case m == p.caller:
		return p.in.From
	case m.party.Kind == Outside:
		return p.in.To
	default:
		return p.plan.Caller(m.party)
	}
}
