package pbx

import (
	"slices"

	"frontdesk/media"
)

// mix plays to each party what it shall hear and see now, and stops what it shall not.
func (c *Call) mix() {
	for _, m := range c.members {
		want := c.hears(m)
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
}

// hears are the tracks m shall be played.
func (c *Call) hears(m *member) []*media.Track {
	switch {
	case c.over || m.state == legGone || m.state == legRinging:
		return nil
	case m.state == legCalling:
		return c.earlySound()
	case c.meeting != "":
		return c.inMeeting(m)
	case c.transfer != nil && !c.transfer.joining:
		return c.whileTransferred(m)
	case m.held:
		return nil
	}
	peer := c.peer(m)
	if peer != nil && peer.held && !peer.music {
		return []*media.Track{c.x.sounds.musicIn(m.codec)}
	}
	return c.translated(m, c.everybodyBut(m))
}

// earlySound is what a trunk sends before the answer.
func (c *Call) earlySound() []*media.Track {
	for _, h := range c.hunts {
		if h.early != nil {
			return h.early.sound()
		}
	}
	return nil
}

// inMeeting are the others' streams, or for who has one line only their sum.
func (c *Call) inMeeting(m *member) []*media.Track {
	others := c.everybodyBut(m)
	if m.mixed == nil {
		return others
	}
	return c.translated(m, others)
}

// translated are the others' tracks as the member can hear them: where it has a line of the mixer, their sum with the keys they press.
func (c *Call) translated(m *member, others []*media.Track) []*media.Track {
	if m.mixed == nil {
		return others
	}
	m.mixed.Hear(others)
	if k := m.keypads[m.mixed.Track()]; k != nil {
		return []*media.Track{k.Track()}
	}
	return []*media.Track{m.mixed.Track()}
}

// everybodyBut are the tracks of all other parties.
func (c *Call) everybodyBut(m *member) (all []*media.Track) {
	for _, other := range c.active() {
		if other != m && (!other.held || other.music && c.meeting == "") {
			all = append(all, other.sound()...)
		}
	}
	return all
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

// whileTransferred: who waits for the target hears it ring, who transfers hears nothing.
func (c *Call) whileTransferred(m *member) []*media.Track {
	if m == c.transfer.by {
		return nil
	}
	if early := c.earlySound(); early != nil {
		return early
	}
	return []*media.Track{c.x.sounds.ringbackIn(m.codec)}
}
