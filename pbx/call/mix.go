package call

import (
	"slices"

	"frontdesk/media"
)

// LineCodecs are what a party with one line can speak where we mix for it. Its own order, or its trunk's, decides.
func LineCodecs() []media.Codec { return []media.Codec{media.G722(), media.PCMA(), media.PCMU()} }

// Spoken are the codecs in which somebody can be connected to a party that speaks one: its own best, others that we
// mix.
func Spoken(codec media.Codec) []media.Codec {
	all := []media.Codec{codec}
	if !slices.ContainsFunc(LineCodecs(), codec.Is) {
		return all
	}
	return append(all, slices.DeleteFunc(LineCodecs(), codec.Is)...)
}

// Peer is the other one of two, or nil.
func (c *Call) Peer(m *Member) *Member {
	for _, other := range c.Active() {
		if other != m {
			return other
		}
	}
	return nil
}

// Listens gives a member with one line the sum of what it shall hear.
func (c *Call) Listens(m *Member) {
	if c.mixer == nil {
		c.mixer = media.NewMixer()
	}
	m.Mixed = c.mixer.Mix(m.Leg.ID()+"/mix", m.Codec)
}

// Translated are tracks as the member can hear them: where it has a line of the mixer, their sum with the keys that
// are pressed.
func (c *Call) Translated(m *Member, tracks []*media.Track) []*media.Track {
	if m.Mixed == nil {
		return tracks
	}
	m.Mixed.Hear(slices.Concat(tracks, c.voices(m)))
	return m.line()
}

// line is the member's line of the mixer, with the keys that are pressed into it.
func (m *Member) line() []*media.Track {
	if k := m.keypads[m.Mixed.Track()]; k != nil {
		return []*media.Track{k.Track()}
	}
	return []*media.Track{m.Mixed.Track()}
}

// Translate lets parties that speak different codecs hear each other: each gets its own by the mixer, as phones in a
// meeting do. Only calls that were joined need it.
func (c *Call) Translate() {
	for _, m := range c.Active() {
		if peer := c.Peer(m); peer != nil && m.Mixed == nil && !m.Codec.Is(peer.Codec) {
			c.Listens(m)
		}
	}
}

// Untranslate gives back the member's line of the mixer.
func (c *Call) Untranslate(m *Member) {
	if m.Mixed != nil {
		m.release(m.Mixed.Track())
		m.Mixed.Close()
		m.Mixed, m.addressed = nil, false
	}
}
