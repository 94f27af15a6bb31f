package pbx

import (
	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
)

// referral is the wish of a party to have its peer connected to somebody else and to leave (RFC 3515), and the scene
// as long as nothing has come of it.
type referral struct {
	pair
	by, peer *call.Member
	done     func(Cause)     // nil once told, or when nobody asked here
	back     func(*Transfer) // those in the call talk; what came to nothing is shown, nil for nothing
}

// tell reports the result, the first time.
func (r *referral) tell(cause Cause) {
	if done := r.done; done != nil {
		r.done = nil
		done(cause)
	}
}

func (r *referral) Ended(cause Cause) { r.tell(cause) }

// Gone: the phone that transfers hangs up early; its peer waits on.
func (r *referral) Gone(m *call.Member, e Gone) {
	if m != r.by || r.crossed(m, e) {
		r.pair.Gone(m, e)
	}
}

// huntFor rings on behalf of the peer; by had it sent there.
func (r *referral) huntFor(of hunt.Hunter, first dialplan.Step, by string) *hunt.Hunt {
	w := hunt.NewWay(r.Call, first, &r.Record, r.Ledger, r.peer.Party, r.numberOf(r.peer))
	w.By = by
	codecs := []media.Codec{r.peer.Codec}
	return hunt.New(w, of, codecs, codecs)
}

// waits is what the peer hears while the hunt rings somebody.
func (r *referral) waits(h *hunt.Hunt) []*media.Track {
	if early := h.Sound(); early != nil {
		return early
	}
	return []*media.Track{r.Board.Sounds.RingbackIn(r.peer.Codec)}
}

// settled: the peer talks with m, who answered.
func (r *referral) settled(m *call.Member, shown *Transfer) {
	r.tell(CauseNone)
	r.Dismiss(r.by, CauseNormal)
	r.back(shown)
	r.TakePart(m.Party.User)
}

// shows is what people see of it at its beginning.
func (r *referral) shows() Transfer {
	return Transfer{By: r.by.Party.User, Leg: r.by.Leg.ID(), Peer: r.peer.Leg.ID()}
}
