package call

import "frontdesk/store"

// maxShown is how many characters are kept of what a wire says about a party.
const maxShown = 200

// PartyOf is the party of a leg, with what people read of it made text: a name in Latin-1 is read as it was meant.
func PartyOf(leg Leg) Party {
	p := leg.Party()
	p.Number, p.Name = Shown(p.Number), Shown(p.Name)
	return p
}

// Shown is what a wire says, made text, and not longer than anybody reads.
func Shown(wire string) string {
	wire = store.Text(wire)
	n := 0
	for i := range wire {
		if n == maxShown {
			return wire[:i]
		}
		n++
	}
	return wire
}

// Refuse ends a leg that no call took.
func Refuse(leg Leg, cause Cause) {
	leg.Listen(func(Event) {})
	leg.Hangup(cause)
}
