package pbx

import (
	"frontdesk/media"
	"frontdesk/pbx/call"
)

// pair is the scene of two who are connected: they hear each other unless one holds, and keys are passed on.
type pair struct{ call.Scene }

func (p pair) Said(m *call.Member, e Event) {
	if d, ok := e.(Digit); ok && m.Active() {
		p.presses(m, d)
	}
	p.Scene.Said(m, e)
}

func (p pair) Gone(m *call.Member, e Gone) {
	if p.crossed(m, e) {
		p.GaveUp(e.Cause)
		return
	}
	p.End(e.Cause)
}

// crossed tells that the caller gave up before the answer reached it.
func (p pair) crossed(m *call.Member, e Gone) bool {
	return m == p.Caller && e.Cause == CauseCancelled
}

func (p pair) Hears(m *call.Member) []*media.Track {
	if m.Held {
		return nil
	}
	peer := p.Peer(m)
	switch {
	case peer == nil:
		return p.Translated(m, nil)
	case peer.Held && m.Party.Led != "": // a meeting hears no music
		return nil
	case peer.Held && !peer.Music:
		return []*media.Track{p.Board.Sounds.MusicIn(m.Codec, p.Plan.Music())}
	}
	return p.Translated(m, peer.Sound())
}

// presses writes a key that is not in the sound yet into it.
func (p pair) presses(m *call.Member, d Digit) {
	if peer := p.Peer(m); peer != nil && peer.Mixed != nil { // the mixer passes on sound only
		peer.Keypad(peer.Mixed.Track()).Press(d.Key)
		return
	}
	for _, t := range m.Tracks {
		if !d.InBand && t.Codec.Kind() == media.Audio {
			m.Keypad(t).Press(d.Key)
		}
	}
}

// numberOf is the number under which our people know a member.
func (p pair) numberOf(m *call.Member) string {
	switch {
	case m.Party.Private:
		return ""
	case m.Known != "":
		return m.Known
	case m == p.Caller:
		return p.In.From
	case m.Party.Kind == Outside:
		return p.In.To
	default:
		return p.Plan.Caller(m.Party)
	}
}
