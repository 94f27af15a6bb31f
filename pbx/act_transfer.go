package pbx

import (
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
)

// transfer is the act in which somebody is rung for a party's peer, which waits: a blind transfer (RFC 5589 §6).
type transfer struct {
	referral
	acts  acts   // of what is no ringing
	to    string // as asked
	hunt  *hunt.Hunt
	shown Transfer
}

// Begin rings the target by the dial plan, with the rights of the party that transfers.
func (t *transfer) Begin() {
	in := t.Plan.Inbound(t.In.Call, t.by.Party, t.to)
	first := t.Plan.Route(in, t.Board.Facts(dialplan.Hint{}), time.Now())
	t.shown = t.shows()
	t.shown.To, t.shown.User, t.shown.State = in.To, dialplan.OnlyUser(first), "calling"
	if cause := hunt.Refusal(first); cause != CauseNone && !roomByNumber(in, first) {
		t.Failed(cause)
		return
	}
	t.Log.Info("transfer", "to", in.To)
	by := t.by.Party.User
	if t.toDesk() { // nobody is sent anywhere
		by, t.shown.To = "", t.to
	}
	t.hunt = t.huntFor(t, first, by)
	t.hunt.Begin()
}

// roomByNumber: who dials the number or extension of a meeting comes in, and may send others there; one that is named
// by its id asks who is invited.
func roomByNumber(in dialplan.Inbound, first dialplan.Step) bool {
	_, first = dialplan.Decided(first)
	_, joins := first.(dialplan.Join)
	return joins && in.Direction != "meeting"
}

func (t *transfer) Said(m *call.Member, e Event) {
	if _, back := e.(TakenBack); back && m == t.by {
		t.takeBack()
		return
	}
	t.hunt.Said(m, e)
	t.pair.Said(m, e)
}

// takeBack gives the call again to the party that began the transfer. When the target answered just now, or it came
// to nothing, nothing is left to be done, and the View tells.
func (t *transfer) takeBack() {
	t.hunt.Cancel()
	t.tell(CauseCancelled)
	t.back(nil)
}

// toDesk tells that the party goes on with the call on its own desk phone: until that is picked up the two talk.
func (t *transfer) toDesk() bool { return t.to == dialplan.DeskTarget }

// Hears: who waits for the target hears it ring, who transfers hears nothing.
func (t *transfer) Hears(m *call.Member) []*media.Track {
	if t.toDesk() {
		return t.pair.Hears(m)
	}
	if m == t.by {
		return nil
	}
	return t.waits(t.hunt)
}

func (t *transfer) Gone(m *call.Member, e Gone) {
	if !t.hunt.Lost(m, e) {
		t.referral.Gone(m, e)
	}
}

func (t *transfer) Look(v *View) { v.Transfer = new(t.shown) }

func (t *transfer) Rung(*call.Member) {}

func (t *transfer) Rings(early bool) {
	if !early {
		t.shown.State = "ringing"
		t.tell(CauseNone)
	}
}

func (t *transfer) Answered(m *call.Member, _ media.Codec) { t.settled(m, nil) }

// Leads: a machine takes the call, who transfers leaves.
func (t *transfer) Leads(step dialplan.Step) {
	t.tell(CauseNone)
	t.Dismiss(t.by, CauseNormal)
	t.peer.By = t.by.Party.User
	program{Scene: t.Scene, way: t.hunt.Way, who: t.peer, acts: t.acts, phone: t.by.Party.Device}.Leads(step)
}

func (t *transfer) Failed(cause Cause) { t.referral.failed(cause, t.shown) }
