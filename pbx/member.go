package pbx

import (
	"cmp"
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/ledger"
)

// States of a leg, as they are shown.
const (
	legCalling = "calling"
	legRinging = "ringing"
	legActive  = "active"
	legGone    = "gone"
	legFailed  = "failed" // a visit's, see there
)

// member is a leg as its call keeps it.
type member struct {
	leg     Leg
	party   Party
	state   string
	codec   media.Codec    // once active
	tracks  []*media.Track // what the party sends
	plays   []*media.Track // what is played to it
	keypads map[*media.Track]*media.Keypad
	mixed   *media.Mix // what it hears of a meeting, where it has one line only, or of a party with another codec
	held    bool
	music   bool // while it holds, it sends a sound of its own
	muted   bool
	dark    bool            // the camera is off
	engaged bool            // counted as busy
	channel *ledger.Channel // of its trunk, to be given back; nil for none
	cause   Cause
	accepts *acceptance  // has to take the call by a key; nil: by answering
	asked   *media.Track // what it hears while it is asked to
	known   string       // the number under which our people know it, when another call gave it

	// As it is shown.
	visit string // the id of its own record, of who is in a meeting from outside
	by    string // the user who transferred the call to it, or had it called into a meeting
	name  string // under which the CRM knows it, where that is more than its leg tells
}

func newMember(leg Leg, state string) *member {
	return &member{leg: leg, party: partyOf(leg), state: state, keypads: map[*media.Track]*media.Keypad{}}
}

func (m *member) gone() bool { return m.state == legGone }

// active: it takes part.
func (m *member) active() bool { return m.state == legActive }

// listens: it takes part, or calls and waits.
func (m *member) listens() bool { return m.active() || m.state == legCalling }

// leaves lets go of all that the member's sound needed.
func (m *member) leaves(cause Cause) {
	for _, k := range m.keypads {
		k.Close()
	}
	if m.mixed != nil {
		m.mixed.Close()
	}
	m.state, m.cause, m.engaged, m.channel = legGone, cause, false, nil
	m.held, m.music, m.tracks, m.keypads, m.mixed, m.asked = false, false, nil, nil, nil, nil
}

func (m *member) look() LegView {
	return LegView{Leg: m.leg.ID(), Kind: m.party.Kind, User: m.party.User, Number: m.party.Number,
		Name: cmp.Or(m.name, m.party.Name), State: m.state, Held: m.held, Muted: m.muted, Camera: m.camera(),
		Cause: m.cause,
		Call:  m.visit, By: m.by}
}

// camera tells whether the party sends pictures.
func (m *member) camera() bool {
	return !m.dark && slices.ContainsFunc(m.tracks, func(t *media.Track) bool { return t.Codec.Kind() == media.Video })
}

// sends notes a stream; false when it is known.
func (m *member) sends(t *media.Track) bool {
	known := slices.Contains(m.tracks, t)
	if !known {
		m.tracks = append(m.tracks, t)
	}
	return !known
}

func (m *member) stopsSending(t *media.Track) {
	m.tracks = slices.DeleteFunc(m.tracks, func(x *media.Track) bool { return x == t })
	m.release(t)
}

func (m *member) holds(e Held) {
	m.held = e.On && m.active()
	m.music = m.held && e.Music
}

func (m *member) mutes(e Muted) {
	if e.Kind == media.Video {
		m.dark = e.On
		return
	}
	m.muted = e.On
}

// keypad writes keys into a track.
func (m *member) keypad(t *media.Track) *media.Keypad {
	if m.keypads[t] == nil {
		m.keypads[t] = media.NewKeypad(t)
	}
	return m.keypads[t]
}

// release ends the keypad of a track.
func (m *member) release(t *media.Track) {
	if k := m.keypads[t]; k != nil {
		k.Close()
		delete(m.keypads, t)
	}
}

// sound is what the member sends, with the keys it pressed.
func (m *member) sound() (all []*media.Track) {
	for _, t := range m.tracks {
		if k := m.keypads[t]; k != nil {
			t = k.Track()
		}
		all = append(all, t)
	}
	return all
}

// hear plays to the party what it shall hear and see now, and stops what it shall not.
func (m *member) hear(want []*media.Track) {
	for _, t := range m.plays {
		if !slices.Contains(want, t) {
			m.leg.Stop(t)
		}
	}
	for _, t := range want {
		if !slices.Contains(m.plays, t) {
			m.leg.Play(t)
		}
	}
	m.plays = want
}

// acceptance is asked of who answers a call that a user forwards outside: he takes it by pressing 1. Until then it rings
// on for the caller.
type acceptance struct {
	codec media.Codec // none before the answer
	over  alarm
}
