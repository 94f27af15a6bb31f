package pbx

import (
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// ring is the act in which the phones of the called party ring for the caller, as the program of the dial plan says.
type ring struct {
	scene
	first directory.Step
	hunt  *hunt
	told  bool // that it rings
}

func (*ring) state() string { return ringing }

func (r *ring) begin() {
	r.hunt = &hunt{Call: r.Call, of: r, trail: trail{record: &r.record}, entry: r.ledger,
		walk:   directory.NewWalk(r.first),
		codecs: r.caller.leg.Offer(), from: r.in.Party, number: r.in.From}
	r.hunt.begin()
}

// happens is the event that it rings, for the caller and whom the step that rings first rings.
func (r *ring) happens() store.Event {
	users := slices.Clone(r.hunt.trail.users())
	if u := r.caller.party.User; u != "" && !slices.Contains(users, u) {
		users = append(users, u)
	}
	return store.Event{Type: ledger.CallRinging, Key: r.record.ID, For: users, Data: r.picture()}
}

func (r *ring) said(m *member, e Event) {
	if p, ok := e.(proposal); ok {
		r.joins(m, p)
		return
	}
	r.hunt.said(m, e)
	r.scene.said(m, e)
}

// joins: there is nobody to join the caller's other call with yet, so that one rings him instead.
func (r *ring) joins(m *member, p proposal) {
	if m != r.caller {
		p.answer(CauseNotFound)
		return
	}
	p.from.box.Put(ringInstead{p.from, r.in.Dialled}, true)
	r.end(CauseCancelled)
}

// hears is what a trunk sends before the answer.
func (r *ring) hears(*member) []*media.Track { return r.hunt.sound() }

func (r *ring) gone(m *member, e Gone) {
	if !r.hunt.lost(m, e) {
		r.gaveUp(e.Cause)
	}
}

func (r *ring) rung(*member) {
	if !r.told {
		r.told = true
		r.ledger.Tell(r.happens())
	}
}

func (r *ring) rings(early bool) {
	if early {
		r.mix() // Play comes before Ring, see Leg
	}
	r.caller.leg.Ring(early)
}

// answered connects the caller and the party that answered.
func (r *ring) answered(m *member, codec media.Codec) {
	r.caller.state, r.caller.codec = legActive, codec
	r.caller.leg.Answer(codec)
	r.record.Answered = time.Now()
	r.alarms.set(&r.limit, r.board.config.MaxCall, func() { r.end(CauseNormal) })
	r.perform(newTalk(r.Call))
	r.takePart(r.takers(m)...)
}

// takers are the users who took part: who answered comes first in a call from outside, who called otherwise.
func (r *ring) takers(callee *member) []string {
	if r.in.Direction == "in" {
		return []string{callee.party.User}
	}
	return []string{r.caller.party.User, callee.party.User}
}

func (r *ring) failed(cause Cause) { r.end(cause) }
