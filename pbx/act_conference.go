package pbx

import (
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/call"
)

// conference is the act of three and more who hear each other, after somebody brought his two calls together: until two
// of them are left, who talk on.
type conference struct {
	call.Scene
	two func() // has the last two talk on
}

// mixable tells whether parties with these codecs can hear each other's sum.
func mixable(codecs ...media.Codec) bool {
	return !slices.ContainsFunc(codecs,
		func(c media.Codec) bool { return !slices.ContainsFunc(call.LineCodecs(), c.Is) })
}

func (f *conference) Begin() {
	for _, m := range f.Active() {
		f.Untranslate(m)
		f.Listens(m)
	}
}

func (f *conference) Said(m *call.Member, e Event) {
	if d, ok := e.(Digit); ok && m.Active() {
		f.presses(m, d)
	}
	f.Scene.Said(m, e)
}

// presses plays a key to the others, whose lines of the mixer pass on sound only.
func (f *conference) presses(m *call.Member, d Digit) {
	for _, other := range f.Active() {
		if other != m {
			other.Keypad(other.Mixed.Track()).Press(d.Key)
		}
	}
}

func (f *conference) Hears(m *call.Member) []*media.Track {
	var all []*media.Track
	for _, other := range f.Active() {
		if other != m && !other.Held && !m.Held {
			all = append(all, other.Sound()...)
		}
	}
	return f.Translated(m, all)
}

func (f *conference) Gone(_ *call.Member, e Gone) {
	left := f.Active()
	switch {
	case len(left) < 2:
		f.End(e.Cause)
	case len(left) == 2:
		for _, m := range left {
			f.Untranslate(m)
		}
		f.two()
	}
}
