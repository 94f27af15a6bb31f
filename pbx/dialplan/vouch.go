package dialplan

// What comes of Vouch.
const (
	Vouched Outcome = "vouched"
	Doubted Outcome = "doubted"
)

// Vouch is where the carrier's word on the caller chooses the way.
type Vouch struct {
	Verified Verified
	Says     Outcome
	Trusted  Step
	Doubted  Step
}

// Outcomes of Vouch.
func (Vouch) Outcomes() []Outcome { return []Outcome{Vouched, Doubted} }

// After Vouch.
func (v Vouch) After(o Outcome) Step {
	switch o {
	case Vouched:
		return v.Trusted
	case Doubted:
		return v.Doubted
	}
	return nil
}

// Decides what comes of it.
func (v Vouch) Decides() Outcome { return v.Says }

// number is where a call to one of our numbers leads.
func (p *Plan) number(n Number, in Inbound, facts Facts) Step {
	leads := p.timed(n.Destination, n.Timed, facts)
	if n.Doubts == nil || in.Party.Verified == "" {
		return leads
	}
	v := Vouch{Verified: in.Party.Verified, Says: Vouched, Trusted: leads, Doubted: p.destination(n.Doubts.To, facts)}
	if n.Doubts.hold(in.Party.Verified) {
		v.Says = Doubted
	}
	return v
}
