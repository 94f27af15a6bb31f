package pbx

import (
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// ring is the act in which phones of the called party ring, as steps of the program say.
type ring struct {
	program
	first dialplan.Step
	hunt  *hunt.Hunt
}

func (r *ring) Begin() {
	codecs, hears := r.who.Leg.Offer(), r.who.Leg.Offer()
	if r.who.Active() {
		codecs, hears = call.Spoken(r.who.Codec), []media.Codec{r.who.Codec}
	}
	r.hunt = hunt.New(r.way, r, codecs, hears)
	r.hunt.Leads(r.first)
}

// happens is the event that it rings, for the caller and whom the step that rings first rings.
func (r *ring) happens() store.Event {
	users := slices.Clone(r.hunt.Trail.Users())
	if u := r.who.Party.User; u != "" && !slices.Contains(users, u) {
		users = append(users, u)
	}
	return store.Event{Type: ledger.CallRinging, Key: r.Record.ID, For: users, Data: r.Picture()}
}

func (r *ring) Said(m *call.Member, e Event) {
	r.hunt.Said(m, e)
	r.program.Said(m, e)
}

// Hears is what a trunk sends before the answer, or, once a machine has answered, the tone that the far end of a phone
// call sends otherwise.
func (r *ring) Hears(m *call.Member) []*media.Track {
	early := r.hunt.Sound()
	if early == nil && m == r.who && m.Active() && !m.Held {
		return []*media.Track{r.Board.Sounds.RingbackIn(m.Codec)}
	}
	return early
}

func (r *ring) Gone(m *call.Member, e Gone) {
	if !r.hunt.Lost(m, e) {
		r.program.Gone(m, e)
	}
}

func (r *ring) Rung(*call.Member) {
	if !r.way.Told {
		r.way.Told = true
		r.Ledger.Tell(r.happens())
		r.Board.TellWaiting()
	}
}

func (r *ring) Rings(early bool) {
	if r.who.Active() {
		return
	}
	if early {
		r.Mix() // Play comes before Ring, see Leg
	}
	r.who.Leg.Ring(early)
}

func (r *ring) Answered(m *call.Member, codec media.Codec) {
	r.Board.TellWaiting()
	r.connect(m, codec)
}

func (r *ring) Ended(Cause) { r.Board.TellWaiting() }
