package pbx

import (
	"frontdesk/media"
	"frontdesk/pbx/dialplan"
)

// referral is the wish of a party to have its peer connected to somebody else and to leave (RFC 3515), and the scene
// as long as nothing has come of it.
type referral struct {
	pair
	by, peer *member
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

func (r *referral) ended(cause Cause) { r.tell(cause) }

// gone: the phone that transfers hangs up early; its peer waits on.
func (r *referral) gone(m *member, e Gone) {
	if m != r.by || r.crossed(m, e) {
		r.pair.gone(m, e)
	}
}

// huntFor rings on behalf of the peer; by had it sent there.
func (r *referral) huntFor(of hunter, first dialplan.Step, by string) *hunt {
	w := &way{Call: r.Call, walk: dialplan.NewWalk(first), trail: trail{record: &r.record}, entry: r.ledger,
		from: r.peer.party, number: r.numberOf(r.peer), by: by}
	codecs := []media.Codec{r.peer.codec}
	return &hunt{way: w, of: of, codecs: codecs, hears: codecs}
}

// waits is what the peer hears while the hunt rings somebody.
func (r *referral) waits(h *hunt) []*media.Track {
	if early := h.sound(); early != nil {
		return early
	}
	return []*media.Track{r.board.sounds.ringbackIn(r.peer.codec)}
}

// settled: the peer talks with m, who answered.
func (r *referral) settled(m *member, shown *Transfer) {
	r.tell(CauseNone)
	r.dismiss(r.by, CauseNormal)
	r.back(shown)
	r.takePart(m.party.User)
}

// shows is what people see of it at its beginning.
func (r *referral) shows() Transfer {
	return Transfer{By: r.by.party.User, Leg: r.by.leg.ID(), Peer: r.peer.leg.ID()}
}
