package pbx

import (
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
)

// transfer is the act in which somebody is rung for a party's peer, which waits: a blind transfer (RFC 5589 §6).
type transfer struct {
	referral
	acts  acts   // of what is no ringing
	to    string // as asked
	hunt  *hunt
	shown Transfer
}

// begin rings the target by the dial plan, with the rights of the party that transfers.
func (t *transfer) begin() {
	in := t.plan.Inbound(t.in.Call, t.by.party, t.to)
	first := t.plan.Route(in, t.board.facts(dialplan.Hint{}), time.Now())
	t.shown = t.shows()
	t.shown.To, t.shown.User, t.shown.State = in.To, dialplan.OnlyUser(first), "calling"
	if cause := refusal(first); cause != CauseNone {
		t.failed(cause)
		return
	}
	t.log.Info("transfer", "to", in.To)
	t.hunt = t.huntFor(t, first, t.by.party.User)
	t.hunt.begin()
}

func (t *transfer) said(m *member, e Event) {
	if _, back := e.(TakenBack); back && m == t.by {
		t.takeBack()
		return
	}
	t.hunt.said(m, e)
	t.pair.said(m, e)
}

// takeBack gives the call again to the party that began the transfer. When the target answered just now, or it came
// to nothing, nothing is left to be done, and the View tells.
func (t *transfer) takeBack() {
	t.hunt.cancel()
	t.tell(CauseCancelled)
	t.back(nil)
}

// hears: who waits for the target hears it ring, who transfers hears nothing.
func (t *transfer) hears(m *member) []*media.Track {
	if m == t.by {
		return nil
	}
	return t.waits(t.hunt)
}

func (t *transfer) gone(m *member, e Gone) {
	if !t.hunt.lost(m, e) {
		t.referral.gone(m, e)
	}
}

func (t *transfer) look(v *View) { v.Transfer = new(t.shown) }

func (t *transfer) rung(*member) {}

func (t *transfer) rings(early bool) {
	if !early {
		t.shown.State = "ringing"
		t.tell(CauseNone)
	}
}

func (t *transfer) answered(m *member, _ media.Codec) { t.settled(m, nil) }

// leads: a machine takes the call, who transfers leaves.
func (t *transfer) leads(step dialplan.Step) {
	t.tell(CauseNone)
	t.dismiss(t.by, CauseNormal)
	t.peer.by = t.by.party.User
	program{scene: t.scene, way: t.hunt.way, who: t.peer, acts: t.acts}.leads(step)
}

func (t *transfer) failed(cause Cause) { t.referral.failed(cause, t.shown) }
