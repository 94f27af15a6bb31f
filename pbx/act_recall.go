package pbx

import (
	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
)

// recallSeconds is how long who transferred is rung for the call.
const recallSeconds = 25

// recall is the act after a transfer that failed when who transferred had hung up: he is called back for the call.
type recall struct {
	referral
	hunt  *hunt.Hunt
	shown Transfer
}

// failed: who transferred keeps the call, or is called back when he has hung up. Shown is the transfer as people saw
// it; without State they saw none.
func (r *referral) failed(cause Cause, shown Transfer) {
	r.tell(cause)
	shown.Cause = cause
	switch {
	case !r.by.Gone() && shown.State == "":
		r.back(nil)
	case !r.by.Gone():
		shown.State = "failed"
		r.back(&shown)
	case r.by.Party.User == "":
		r.End(cause)
	default:
		r.Log.Info("transfer failed: calling back", "cause", cause)
		shown.State = "back"
		r.Perform(&recall{referral: *r, shown: shown})
	}
}

func (r *recall) Begin() {
	r.hunt = r.huntFor(r, r.Plan.Ring([]string{r.by.Party.User}, recallSeconds, nil), "")
	r.hunt.Begin()
}

func (r *recall) Said(m *call.Member, e Event) {
	r.hunt.Said(m, e)
	r.pair.Said(m, e)
}

func (r *recall) Hears(*call.Member) []*media.Track { return r.waits(r.hunt) }

func (r *recall) Gone(m *call.Member, e Gone) {
	if !r.hunt.Lost(m, e) {
		r.referral.Gone(m, e)
	}
}

func (r *recall) Look(v *View) { v.Transfer = new(r.shown) }

func (r *recall) Rung(*call.Member) {}

func (r *recall) Rings(bool) {}

func (r *recall) Answered(m *call.Member, _ media.Codec) {
	r.shown.By, r.shown.Leg, r.shown.State = m.Party.User, m.Leg.ID(), "failed"
	r.settled(m, &r.shown)
}

func (r *recall) Leads(dialplan.Step) { r.End(CauseUnavailable) }

func (r *recall) Failed(cause Cause) { r.End(cause) }
