package call

import (
	"cmp"
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/toll"
)

// States of a leg, as they are shown.
const (
	LegCalling = "calling"
	LegRinging = "ringing"
	LegActive  = "active"
	LegGone    = "gone"
	LegFailed  = "failed" // a visit's, see there
)

// legSupervises is the state of a member who supervises. He takes no part: no act knows of him, and the call goes on
// as if he were not there.
const legSupervises = "supervises"

// supervisor is what a member is who supervises; nil: he doesn't.
type supervisor struct {
	how    string   // as it was allowed and written down; "" not yet: he hears nothing
	over   []string // the users for whom that is so
	hidden bool     // those in the call don't see him, unless all hear him
	asks   bool     // whether he may is being asked
}

// Member is a leg as its call keeps it.
type Member struct {
	Leg     Leg
	Party   Party
	State   string
	Codec   media.Codec    // once active
	Tracks  []*media.Track // what the party sends
	plays   []*media.Track // what is played to it
	keypads map[*media.Track]*media.Keypad
	Mixed   *media.Mix // what it hears of a meeting, where it has one line only, or of a party with another codec
	Held    bool
	Music   bool // while it holds, it sends a sound of its own
	muted   bool
	dark    bool            // the camera is off
	engaged bool            // counted as busy
	Channel *ledger.Channel // of its trunk, to be given back; nil for none
	Charge  *toll.Charge    // of a call outside that costs; nil for none
	cause   Cause
	Asked   *media.Track // what it hears while it is asked to take the call by a key, and nothing else
	Known   string       // the number under which our people know it, when another call gave it

	supervisor *supervisor // nil: it does not supervise the call
	addressed  bool        // its line of the mixer is there for what supervisors say

	// As it is shown.
	Visit string // the id of its own record, of who is in a meeting from outside
	By    string // the user who transferred the call to it, or had it called into a meeting
	Name  string // under which the CRM knows it, where that is more than its leg tells
}

func newMember(leg Leg, state string) *Member {
	return &Member{Leg: leg, Party: PartyOf(leg), State: state, keypads: map[*media.Track]*media.Keypad{}}
}

// Gone: it has left.
func (m *Member) Gone() bool { return m.State == LegGone }

// Active: it takes part.
func (m *Member) Active() bool { return m.State == LegActive }

// Listens: it takes part, or calls and waits.
func (m *Member) Listens() bool { return m.Active() || m.State == LegCalling }

// leaves lets go of all that the member's sound needed.
func (m *Member) leaves(cause Cause) {
	for _, k := range m.keypads {
		k.Close()
	}
	if m.Mixed != nil {
		m.Mixed.Close()
	}
	m.State, m.cause, m.engaged, m.Channel, m.Charge = LegGone, cause, false, nil, nil
	m.Held, m.Music, m.Tracks, m.keypads, m.Mixed, m.Asked = false, false, nil, nil, nil, nil
}

// Look is the member as it is shown.
func (m *Member) Look() LegView {
	return LegView{Leg: m.Leg.ID(), Kind: m.Party.Kind, User: m.Party.User, Number: m.Party.Number,
		Name: cmp.Or(m.Name, m.Party.Name), State: m.State, Held: m.Held, Muted: m.muted, Camera: m.camera(),
		Cause: m.cause,
		Call:  m.Visit, By: m.By}
}

// camera tells whether the party sends pictures.
func (m *Member) camera() bool {
	return !m.dark && slices.ContainsFunc(m.Tracks, func(t *media.Track) bool { return t.Codec.Kind() == media.Video })
}

// sends notes a stream; false when it is known.
func (m *Member) sends(t *media.Track) bool {
	known := slices.Contains(m.Tracks, t)
	if !known {
		m.Tracks = append(m.Tracks, t)
	}
	return !known
}

func (m *Member) stopsSending(t *media.Track) {
	m.Tracks = slices.DeleteFunc(m.Tracks, func(x *media.Track) bool { return x == t })
	m.release(t)
}

func (m *Member) holds(e Held) {
	m.Held = e.On && m.Active()
	m.Music = m.Held && e.Music
}

func (m *Member) mutes(e Muted) {
	if e.Kind == media.Video {
		m.dark = e.On
		return
	}
	m.muted = e.On
}

// hears tells whether a track is played to the party, alone or in the sum that it gets.
func (m *Member) hears(t *media.Track) bool {
	return slices.Contains(m.plays, t) || m.Mixed != nil && m.Mixed.Hears(t)
}

// Keypad writes keys into a track.
func (m *Member) Keypad(t *media.Track) *media.Keypad {
	if m.keypads[t] == nil {
		m.keypads[t] = media.NewKeypad(t)
	}
	return m.keypads[t]
}

// release ends the keypad of a track.
func (m *Member) release(t *media.Track) {
	if k := m.keypads[t]; k != nil {
		k.Close()
		delete(m.keypads, t)
	}
}

// Sound is what the member sends, with the keys it pressed.
func (m *Member) Sound() (all []*media.Track) {
	for _, t := range m.Tracks {
		if k := m.keypads[t]; k != nil {
			t = k.Track()
		}
		all = append(all, t)
	}
	return all
}

// Hearing tells whether the party hears a track, alone or in the sum that it gets.
func (m *Member) Hearing(t *media.Track) bool { return m.hears(t) }

// hear plays to the party what it shall hear and see now, and stops what it shall not.
func (m *Member) hear(want []*media.Track) {
	for _, t := range m.plays {
		if !slices.Contains(want, t) {
			m.Leg.Stop(t)
		}
	}
	for _, t := range want {
		if !slices.Contains(m.plays, t) {
			m.Leg.Play(t)
		}
	}
	m.plays = want
}
