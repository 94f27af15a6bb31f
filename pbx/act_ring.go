package pbx

import (
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// ring is the act in which phones of the called party ring, as steps of the program say.
type ring struct {
	program
	first dialplan.Step
	hunt  *hunt
}

func (r *ring) begin() {
	r.hunt = &hunt{way: r.way, of: r, codecs: r.who.leg.Offer(), hears: r.who.leg.Offer()}
	if r.who.active() {
		r.hunt.codecs, r.hunt.hears = spoken(r.who.codec), []media.Codec{r.who.codec}
	}
	r.hunt.leads(r.first)
}

// happens is the event that it rings, for the caller and whom the step that rings first rings.
func (r *ring) happens() store.Event {
	users := slices.Clone(r.hunt.trail.users())
	if u := r.who.party.User; u != "" && !slices.Contains(users, u) {
		users = append(users, u)
	}
	return store.Event{Type: ledger.CallRinging, Key: r.record.ID, For: users, Data: r.picture()}
}

func (r *ring) said(m *member, e Event) {
	r.hunt.said(m, e)
	r.program.said(m, e)
}

// hears is what a trunk sends before the answer, or, once a machine has answered, the tone that the far end of a phone
// call sends otherwise.
func (r *ring) hears(m *member) []*media.Track {
	early := r.hunt.sound()
	if early == nil && m == r.who && m.active() && !m.held {
		return []*media.Track{r.board.sounds.ringbackIn(m.codec)}
	}
	return early
}

func (r *ring) gone(m *member, e Gone) {
	if !r.hunt.lost(m, e) {
		r.program.gone(m, e)
	}
}

func (r *ring) rung(*member) {
	if !r.way.told {
		r.way.told = true
		r.ledger.Tell(r.happens())
		r.board.tellWaiting()
	}
}

func (r *ring) rings(early bool) {
	if r.who.active() {
		return
	}
	if early {
		r.mix() // Play comes before Ring, see Leg
	}
	r.who.leg.Ring(early)
}

func (r *ring) answered(m *member, codec media.Codec) {
	r.board.tellWaiting()
	r.connect(m, codec)
}

func (r *ring) ended(Cause) { r.board.tellWaiting() }
