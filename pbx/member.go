package pbx

import (
	"cmp"
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/ledger"
)

// States of a leg.
const (
	legCalling = "calling"
	legRinging = "ringing"
	legActive  = "active"
	legGone    = "gone"
	legFailed  = "failed" // a visit's, see there
)

// member is a leg as its call keeps it.
type member struct {
	moved   []string // numbers to call instead
	leg     Leg
	party   Party
	state   string
	codec   media.Codec    // once active
	tracks  []*media.Track // what the party sends
	plays   []*media.Track // what is played to it
	keypads map[*media.Track]*media.Keypad
	mixed   *media.Line // what it hears of a meeting, where it has one line only, or of a party with another codec
	held    bool
	music   bool // while it holds, it sends a sound of its own
	muted   bool
	dark    bool            // the camera is off
	engaged bool            // counted as busy
	line    *ledger.Channel // seized, to be released; nil when none
	cause   Cause
	home    *home  // where its events go
	known   string // the number under which our people know it, when another call gave it
	by      string // the user who transferred the call to it
	hunt    *hunt  // that rings it, or did
	visit   *visit // nil for our own people
}

// add takes a leg into the call and listens to it.
func (c *Call) add(leg Leg, state string) *member {
	m := &member{leg: leg, party: partyOf(leg), state: state, keypads: map[*media.Track]*media.Keypad{}, home: &home{call: c}}
	c.members = append(c.members, m)
	if state == legCalling {
		c.engage(m)
	}
	leg.Listen(func(e Event) {
		_, last := e.(Gone)
		if s := (said{m, e}); !m.home.put(s, last) && !last {
			s.late()
			leg.Hangup(CauseOverload)
		}
	})
	return m
}

// engage counts the member's user as busy, once.
func (c *Call) engage(m *member) {
	if !m.engaged {
		m.engaged = true
		c.x.engage(m.party.User, +1)
	}
}

// dismiss hangs a leg up and forgets it: what it says from now on doesn't count.
func (c *Call) dismiss(m *member, cause Cause) {
	if m.state == legGone {
		return
	}
	c.depart(m, cause)
	m.leg.Hangup(cause)
}

// depart releases what a leg held.
func (c *Call) depart(m *member, cause Cause) {
	if m.engaged {
		c.x.engage(m.party.User, -1)
	}
	c.ledger.GiveBack(m.line)
	for _, k := range m.keypads {
		k.Close()
	}
	if m.mixed != nil {
		m.mixed.Close()
	}
	if m.visit != nil && m.state != legRinging { // while it rings, other lines may be tried
		c.visitOver(m.visit, cause)
	}
	m.state, m.cause, m.engaged, m.line = legGone, cause, false, nil
	m.held, m.music, m.tracks, m.keypads, m.mixed = false, false, nil, nil, nil
}

func (m *member) look() LegView {
	v := LegView{Leg: m.leg.ID(), Kind: m.party.Kind, User: m.party.User, Number: m.party.Number, Name: m.party.Name, State: m.state,
		Held: m.held, Muted: m.muted, Camera: m.camera(), Cause: m.cause, By: m.by}
	if m.visit != nil {
		v.Call, v.By, v.Name = m.visit.record.ID, m.visit.by, cmp.Or(m.visit.name, v.Name)
	}
	return v
}

// camera tells whether the party sends pictures.
func (m *member) camera() bool {
	return !m.dark && slices.ContainsFunc(m.tracks, func(t *media.Track) bool { return t.Codec.Kind() == media.Video })
}

// speaks tells whether the party offered the codec.
func (m *member) speaks(codec media.Codec) bool {
	return slices.ContainsFunc(m.leg.Offer(), codec.Is)
}

// active are the members who take part now.
func (c *Call) active() (now []*member) {
	for _, m := range c.members {
		if m.state == legActive {
			now = append(now, m)
		}
	}
	return now
}

// peer is the other one of two, or nil.
func (c *Call) peer(m *member) *member {
	for _, other := range c.active() {
		if other != m {
			return other
		}
	}
	return nil
}
