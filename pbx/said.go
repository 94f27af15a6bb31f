package pbx

import (
	"slices"
	"time"

	"frontdesk/media"
)

// said is an event of a leg.
type said struct {
	m     *member
	event Event
}

// late answers what a leg asks.
func (s said) late() {
	switch e := s.event.(type) {
	case TransferAsked:
		e.Done(CauseFailed)
	case CallAsked:
		e.Done(CauseFailed)
	}
}

func (s said) happen(c *Call) {
	m := s.m
	if m.state == legGone { // hung up by us while it spoke: answer and cancel crossed
		s.late()
		return
	}
	switch e := s.event.(type) {
	case Ringing:
		c.rings(m)
	case Answered:
		c.answers(m, e.Codec)
	case TrackAdded:
		c.sends(m, e.Track)
	case TrackRemoved:
		c.stopsSending(m, e.Track)
	case Held:
		m.held = e.On && m.state == legActive
		m.music = m.held && e.Music
	case Muted:
		m.mutes(e)
	case Digit:
		c.presses(m, e)
	case TransferAsked:
		c.transferTo(m, e)
	case TakenBack:
		c.takeBack(m)
	case CallAsked:
		c.callIn(m, e)
	case RemoveAsked:
		c.remove(e.Whom)
	case KnockAnswered:
		c.opens(m, e)
	case Gone:
		m.moved = e.Moved
		c.gone(m, e.Cause)
	}
}

// sends notes a new stream. One that comes from a trunk or a phone before the answer is early media: the caller hears it.
func (c *Call) sends(m *member, t *media.Track) {
	if slices.Contains(m.tracks, t) {
		return
	}
	m.tracks = append(m.tracks, t)
	if h := m.hunt; h != nil && c.meeting == "" && m.state == legRinging && m.party.Kind != Browser && len(h.ringing) == 1 && t.Codec.Kind() == media.Audio {
		c.early(m, t)
	}
}

func (c *Call) early(m *member, t *media.Track) {
	if c.state == answered { // a transfer: the waiting party speaks one codec
		if t.Codec.Is(c.transfer.peer.codec) {
			m.hunt.early = m
		}
		return
	}
	if c.caller.speaks(t.Codec) {
		m.hunt.early = m
		c.mix() // Play comes before Ring, see Leg
		c.caller.leg.Ring(true)
	}
}

func (c *Call) stopsSending(m *member, t *media.Track) {
	m.tracks = slices.DeleteFunc(m.tracks, func(x *media.Track) bool { return x == t })
	if k := m.keypads[t]; k != nil {
		k.Close()
		delete(m.keypads, t)
	}
}

func (m *member) mutes(e Muted) {
	if e.Kind == media.Video {
		m.dark = e.On
		return
	}
	m.muted = e.On
}

// presses writes a key that is not in the sound yet into it.
func (c *Call) presses(m *member, d Digit) {
	if c.meeting != "" || m.state != legActive {
		return
	}
	if peer := c.peer(m); peer != nil && peer.mixed != nil { // the mixer passes on sound only
		peer.keypad(peer.mixed.Track()).Press(d.Key)
		return
	}
	for _, t := range m.tracks {
		if !d.InBand && t.Codec.Kind() == media.Audio {
			m.keypad(t).Press(d.Key)
		}
	}
}

// keypad writes keys into a track.
func (m *member) keypad(t *media.Track) *media.Keypad {
	if m.keypads[t] == nil {
		m.keypads[t] = media.NewKeypad(t)
	}
	return m.keypads[t]
}

// gone takes a leg out of the call that left by itself.
func (c *Call) gone(m *member, cause Cause) {
	was := m.state
	c.depart(m, cause)
	switch {
	case was == legRinging:
		c.notTaken(m, cause)
	case c.meeting != "":
		c.left()
	case m == c.caller && (c.state != answered || cause == CauseCancelled):
		c.gaveUp(cause)
	case c.transfer != nil && m == c.transfer.by:
		// The phone that transfers hangs up early: its peer waits on for the target.
	default:
		c.end(cause)
	}
}

// gaveUp ends a call whose caller left before the answer reached it.
func (c *Call) gaveUp(cause Cause) {
	if cause == CauseNormal || cause == CauseNone {
		cause = CauseCancelled
	}
	c.record.Answered = time.Time{} // an answer that crossed the caller's cancel is none
	c.end(cause)
}
