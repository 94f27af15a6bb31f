package directory

import (
	"slices"
	"strings"

	"frontdesk/pbx/cause"
)

// Dial calls a number through a trunk.
type Dial struct {
	Trunk    string
	MaxCalls int    // of the trunk
	Number   string // to dial through it
	CallerID string // to show through it
	Seconds  int
	For      string // the user who forwards the call there, "" where it was dialled
	Confirm  bool   // who answers takes the call by pressing a key

	Next  Step // the far end was not reached: another trunk may do so
	Final Step // what the far end itself says, busy or declined or no answer, no other trunk would change
}

// Outcomes of Dial.
func (Dial) Outcomes() []Outcome { return rings() }

// After Dial.
func (d Dial) After(o Outcome) Step {
	switch o {
	case Busy, Declined, NoAnswer, Unknown:
		return d.Final
	}
	return d.Next
}

// lineSeconds is how long an outside number rings before its trunk counts as silent.
const lineSeconds = 120

func (p *Plan) dial(t *Trunk, number, callerID string) Dial {
	return Dial{Trunk: t.ID, MaxCalls: t.MaxCalls, Number: number, CallerID: callerID, Seconds: lineSeconds,
		Final: HangUp{}}
}

// forwardSeconds is how long somebody rings for a call that is forwarded to him.
const forwardSeconds = 25

// connected finds the PBX whose prefix the number has, the longest prefix first, and the number without it.
func (p *Plan) connected(dialled string) (found *Trunk, number string) {
	for i := range p.trunks {
		t := &p.trunks[i]
		rest, ok := strings.CutPrefix(dialled, t.Prefix)
		if t.Kind == PBX && t.Prefix != "" && ok && digits(rest, 1, maxExtension) &&
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
	if slices.Contains(p.policy.Short, in.To) {
		return orUnavailable(p.world(in, facts, true, func(*Trunk) string { return in.To }))
	}
	if !strings.HasPrefix(in.To, "+") {
		return Refuse{Cause: cause.NotFound}
	}
	if !p.policy.allows(in.To) {
		return Refuse{Cause: cause.Forbidden}
	}
	return orUnavailable(p.world(in, facts, false, func(t *Trunk) string { return inFormat(in.To, t.Format, p.region) }))
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
