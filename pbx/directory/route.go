package directory

import (
	"slices"
	"strings"
	"time"

	"frontdesk/pbx/cause"
)

// Route is the program of a call. It is pure: the same plan, call, facts and time give the same program.
func (p *Plan) Route(in Inbound, facts Facts, at time.Time) Step {
	number, ours := p.numbers[in.DID]
	extension, internal := p.extensions[in.To]
	switch {
	case in.Direction == "meeting":
		return Join{in.To} // whether there is one, and he may come in, the exchange asks
	case ours:
		return p.timed(number.Destination, number.Timed, facts, at)
	case internal && p.mayDialExtensions(in):
		return p.timed(extension.Destination, extension.Timed, facts, at)
	case in.Party.Kind == Line && p.unchosen(in.Trunk):
		return Refuse{cause.Unavailable} // whom its calls ring is not chosen yet
	case in.Party.Kind == Line:
		return Refuse{cause.NotFound} // outsiders reach us, never the outside through us
	default:
		return p.outside(in, facts)
	}
}

// unchosen tells whether no number of a carrier leads anywhere yet.
func (p *Plan) unchosen(trunk string) bool {
	for _, n := range p.numbers {
		if n.Trunk == trunk {
			return false
		}
	}
	t := p.trunk(trunk)
	return t != nil && t.Kind == Carrier
}

// mayDialExtensions: our own people, and those of a connected PBX.
func (p *Plan) mayDialExtensions(in Inbound) bool {
	if in.Party.Kind != Line {
		return true
	}
	t := p.trunk(in.Trunk)
	return t != nil && t.Kind == PBX
}

// outside routes a call of our own people: to an extension of a connected PBX, or to the world.
func (p *Plan) outside(in Inbound, facts Facts) Step {
	if t, number := p.connected(in.To); t != nil {
		return p.dial(t, number, in.From)
	}
	if slices.Contains(p.policy.Short, in.To) {
		return orUnavailable(p.world(in, facts.Down, func(*Trunk) string { return in.To }))
	}
	if !strings.HasPrefix(in.To, "+") {
		return Refuse{cause.NotFound}
	}
	if !p.policy.allows(in.To) {
		return Refuse{cause.Forbidden}
	}
	return orUnavailable(p.world(in, facts.Down, func(t *Trunk) string { return inFormat(in.To, t.Format, p.region) }))
}
