package pbx

import (
	"frontdesk/media"
	"frontdesk/pbx/dialplan"
)

// recallSeconds is how long who transferred is rung for the call.
const recallSeconds = 25

// recall is the act after a transfer that failed when who transferred had hung up: he is called back for the call.
type recall struct {
	referral
	hunt  *hunt
	shown Transfer
}

// failed: who transferred keeps the call, or is called back when he has hung up. Shown is the transfer as people saw
// it; without State they saw none.
func (r *referral) failed(cause Cause, shown Transfer) {
	r.tell(cause)
	shown.Cause = cause
	switch {
	case !r.by.gone() && shown.State == "":
		r.back(nil)
	case !r.by.gone():
		shown.State = "failed"
		r.back(&shown)
	case r.by.party.User == "":
		r.end(cause)
	default:
		r.log.Info("transfer failed: calling back", "cause", cause)
		shown.State = "back"
		r.perform(&recall{referral: *r, shown: shown})
	}
}

func (r *recall) begin() {
	r.hunt = r.huntFor(r, r.plan.Ring([]string{r.by.party.User}, recallSeconds, nil), "")
	r.hunt.begin()
}

func (r *recall) said(m *member, e Event) {
	r.hunt.said(m, e)
	r.pair.said(m, e)
}

func (r *recall) hears(*member) []*media.Track { return r.waits(r.hunt) }

func (r *recall) gone(m *member, e Gone) {
	if !r.hunt.lost(m, e) {
		r.referral.gone(m, e)
	}
}

func (r *recall) look(v *View) { v.Transfer = new(r.shown) }

func (r *recall) rung(*member) {}

func (r *recall) rings(bool) {}

func (r *recall) answered(m *member, _ media.Codec) {
	r.shown.By, r.shown.Leg, r.shown.State = m.party.User, m.leg.ID(), "failed"
	r.settled(m, &r.shown)
}

func (r *recall) leads(dialplan.Step) { r.end(CauseUnavailable) }

func (r *recall) failed(cause Cause) { r.end(cause) }
