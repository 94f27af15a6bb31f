package pbx

import "frontdesk/store"

// maxShown is how many characters are kept of what a wire says about a party.
const maxShown = 200

// partyOf is the party of a leg, with what people read of it made text: a name in Latin-1 is read as it was meant.
func partyOf(leg Leg) Party {
	p := leg.Party()
	p.Number, p.Name = shown(p.Number), shown(p.Name)
	return p
}

func shown(wire string) string {
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

// refuse ends a leg that no call took.
func refuse(leg Leg, cause Cause) {
	leg.Listen(func(Event) {})
	leg.Hangup(cause)
}
