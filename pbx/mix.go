package pbx

import (
	"slices"

	"frontdesk/media"
)

// lineCodecs are what a party with one line can speak where we mix for it. Its own order, or its trunk's, decides.
func lineCodecs() []media.Codec { return []media.Codec{media.G722(), media.PCMA(), media.PCMU()} }

// spoken are the codecs in which somebody can be connected to a party that speaks one: its own best, others that we mix.
func spoken(codec media.Codec) []media.Codec {
	all := []media.Codec{codec}
	if !slices.ContainsFunc(lineCodecs(), codec.Is) {
		return all
	}
	return append(all, slices.DeleteFunc(lineCodecs(), codec.Is)...)
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

// listens gives a member with one line the sum of what it shall hear.
func (c *Call) listens(m *member) {
	if c.mixer == nil {
		c.mixer = media.NewMixer()
	}
	m.mixed = c.mixer.Mix(m.leg.ID()+"/mix", m.codec)
}

// translated are tracks as the member can hear them: where it has a line of the mixer, their sum with the keys that
// are pressed.
func (c *Call) translated(m *member, tracks []*media.Track) []*media.Track {
	if m.mixed == nil {
		return tracks
	}
	m.mixed.Hear(tracks)
	if k := m.keypads[m.mixed.Track()]; k != nil {
		return []*media.Track{k.Track()}
	}
	return []*media.Track{m.mixed.Track()}
}

// translate lets parties that speak different codecs hear each other: each gets its own by the mixer, as phones in a
// meeting do. Only calls that were joined need it.
func (c *Call) translate() {
	for _, m := range c.active() {
		if peer := c.peer(m); peer != nil && m.mixed == nil && !m.codec.Is(peer.codec) {
			c.listens(m)
		}
	}
}

// untranslate gives back the member's line of the mixer.
func (c *Call) untranslate(m *member) {
	if m.mixed != nil {
		m.release(m.mixed.Track())
		m.mixed.Close()
		m.mixed = nil
	}
}
