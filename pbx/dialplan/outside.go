package dialplan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"frontdesk/pbx/cause"
)

// callerID is what the outside sees when a user calls through a trunk: his own number on that trunk, or the trunk's.
func (p *Plan) callerID(user string, t *Trunk) (number string) {
	for _, n := range p.numbers {
		own := n.Trunk == t.ID && n.Destination.Kind == "user" && n.Destination.User == user && user != ""
		if own && (number == "" || n.E164 < number) {
			number = n.E164
		}
	}
	return cmp.Or(number, t.CallerID)
}

// trunkSeconds is how long an outside number rings before its trunk counts as silent.
const trunkSeconds = 120

func (p *Plan) dial(t *Trunk, number, callerID string) Dial {
	return Dial{Trunk: t.ID, MaxCalls: t.MaxCalls, Number: number, CallerID: callerID, Seconds: trunkSeconds,
		Final: HangUp{}}
}

// forwardSeconds is how long somebody rings for a call that is forwarded to him.
const forwardSeconds = 25

// connected finds the PBX whose prefix the number has, the longest prefix first, and the number without it.
func (p *Plan) connected(dialled string) (found *Trunk, number string) {
	for i := range p.trunks {
		t := &p.trunks[i]
		rest, ok := strings.CutPrefix(dialled, t.Prefix)
		if t.Kind == PBX && t.Prefix != "" && ok && Digits(rest, 1, maxExtension) &&
			(found == nil || len(t.Prefix) > len(found.Prefix)) {
			found, number = t, rest
		}
	}
	return found, number
}

// world tries the trunks that a call may go out by: the next one where one fails, for each costs a caller seconds.
func (p *Plan) world(in Inbound, facts Facts, short bool, number func(*Trunk) string) (first Step) {
	route := p.wayOut(in, facts.at)
	for _, t := range slices.Backward(p.over(route, short, facts.Down)) {
		d := p.dial(t, number(t), p.callerID(in.Party.User, t))
		if !short {
			d.Costs, d.Consent = in.To, in.Consent
		}
		if route != nil && route.CallerID != "" && slices.Contains(route.Trunks, t.ID) {
			d.CallerID = route.CallerID
		}
		d.Next = first
		first = d
	}
	return first
}

// outside routes a call of our own people: to an extension of a connected PBX, or to the world.
func (p *Plan) outside(in Inbound, facts Facts) Step {
	if t, number := p.connected(in.To); t != nil {
		return p.dial(t, number, in.From)
	}
	if slices.Contains(p.policy.Short, in.To) || phonenumbers.IsEmergencyNumber(in.To, p.region) {
		return orUnavailable(p.world(in, facts, true, func(*Trunk) string { return in.To }))
	}
	if !strings.HasPrefix(in.To, "+") {
		return Refuse{Cause: cause.NotFound}
	}
	if !p.policy.allows(in.To) {
		return Refuse{Cause: cause.Forbidden}
	}
	return orUnavailable(p.world(in, facts, false,
		func(t *Trunk) string { return inFormat(in.To, t.Format, p.region) }))
}

// Payer is whose a call outside is that a party makes, or has made: his user, or the trunk of a connected PBX; "" for
// who calls us, whom the company sends on.
func (p *Plan) Payer(by Party) string {
	if t := p.trunk(by.Trunk); t != nil && t.Kind == PBX {
		return t.ID
	}
	return by.User
}

// Through is a call of our own people to the outside over one trunk, whatever the routes say: a Dial, or why it may not
// be made.
func (p *Plan) Through(in Inbound, trunk string) Step {
	t := p.trunk(trunk)
	if t == nil {
		return Refuse{Cause: cause.Unavailable}
	}
	alone := *p
	alone.trunks, alone.routes = []Trunk{*t}, nil
	return alone.outside(in, Facts{})
}

// orUnavailable refuses where nothing could ring.
func orUnavailable(first Step) Step {
	if first == nil {
		return Refuse{Cause: cause.Unavailable}
	}
	return first
}

// sentOut is a call outside that a user sends there, then what follows; only that, where he may not call. A trunk that
// may shows who calls.
func (p *Plan) sentOut(outside Step, user string, confirm bool, facts Facts) (first Step, leads bool) {
	d, leads := outside.(Dial)
	if !leads {
		return facts.then, false
	}
	d.For, d.Confirm, d.Final = user, confirm, facts.then
	if facts.then != nil { // somebody else waits to be rung
		d.Seconds = forwardSeconds
	}
	if t := p.trunk(d.Trunk); t != nil && t.ShowsCaller && facts.caller != "" {
		d.CallerID = facts.caller
	}
	d.Next, _ = p.sentOut(d.Next, user, confirm, facts)
	return d, true
}

// wayOut is the route of a call; nil: none decides.
func (p *Plan) wayOut(in Inbound, at time.Time) *OutboundRoute {
	for i := range p.routes {
		r := &p.routes[i]
		if !r.fits(in.To, in.Party.User, p.departments[in.Party.User]) {
			continue
		}
		if s := p.schedules[r.Schedule]; s != nil {
			if open, _ := s.Open(at); !open {
				continue
			}
		}
		return r
	}
	return nil
}

// WayOut is the name of the route that a call takes at a moment; "": none decides.
func (p *Plan) WayOut(in Inbound, at time.Time) string {
	if r := p.wayOut(in, at); r != nil {
		return r.Name
	}
	return ""
}

// over are the trunks that a call may go out by, in the order in which they are tried, those last that do not answer.
// Where it is a short number, such as that of an emergency, all others follow those of its route: it has to get
// through.
func (p *Plan) over(r *OutboundRoute, short bool, down func(trunk string) bool) []*Trunk {
	all := make([]*Trunk, 0, len(p.trunks))
	if r != nil {
		for _, id := range r.Trunks {
			if t := p.trunk(id); t != nil {
				all = append(all, t)
			}
		}
		all = inOrder(all, down)
	}
	if r != nil && !short {
		return all
	}
	var rest []*Trunk
	for i := range p.trunks {
		if t := &p.trunks[i]; !slices.Contains(all, t) {
			rest = append(rest, t)
		}
	}
	return append(all, inOrder(rest, down)...)
}

// inOrder puts those last that do not answer.
func inOrder(trunks []*Trunk, down func(trunk string) bool) []*Trunk {
	var up, silent []*Trunk
	for _, t := range trunks {
		if down != nil && down(t.ID) {
			silent = append(silent, t)
		} else {
			up = append(up, t)
		}
	}
	return append(up, silent...)
}
