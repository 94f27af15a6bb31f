package pbx

import (
	"slices"

	"frontdesk/media"
)

// conference is the act of three and more who hear each other, after somebody brought his two calls together: until two
// of them are left, who talk on.
type conference struct {
	scene
	acts acts
}

// mixable tells whether parties with these codecs can hear each other's sum.
func mixable(codecs ...media.Codec) bool {
	return !slices.ContainsFunc(codecs, func(c media.Codec) bool { return !slices.ContainsFunc(lineCodecs(), c.Is) })
}

// confers has a party that came from another call talk with both of this one.
func (j *join) confers(m *member) {
	j.tell(CauseNone)
	j.by.held, j.by.music = false, false // he had one of them wait
	m.held, j.peer.held = false, false
	j.perform(&conference{scene: j.scene, acts: j.acts})
	j.takePart(m.party.User)
}

func (f *conference) begin() {
	for _, m := range f.active() {
		f.untranslate(m)
		f.listens(m)
	}
}

func (f *conference) said(m *member, e Event) {
	if d, ok := e.(Digit); ok && m.active() {
		f.presses(m, d)
	}
	f.scene.said(m, e)
}

// presses plays a key to the others, whose lines of the mixer pass on sound only.
func (f *conference) presses(m *member, d Digit) {
	for _, other := range f.active() {
		if other != m {
			other.keypad(other.mixed.Track()).Press(d.Key)
		}
	}
}

func (f *conference) hears(m *member) []*media.Track {
	var all []*media.Track
	for _, other := range f.active() {
		if other != m && !other.held && !m.held {
			all = append(all, other.sound()...)
		}
	}
	return f.translated(m, all)
}

func (f *conference) gone(_ *member, e Gone) {
	left := f.active()
	switch {
	case len(left) < 2:
		f.end(e.Cause)
	case len(left) == 2:
		for _, m := range left {
			f.untranslate(m)
		}
		f.perform(newTalk(f.Call, f.acts))
	}
}
