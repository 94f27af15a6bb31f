package directory

import (
	"slices"
	"strings"
	"time"

	"frontdesk/pbx/cause"
)

// Hint is what the CRM knows about a caller.
type Hint struct {
	Users []string // who should take the call, the responsible user first
	Name  string   // best name known
}

// Route says what to do with a call: ring step after step, join a meeting, or refuse.
type Route struct {
	Cause   cause.Cause // a refusal, cause.None otherwise
	Steps   []Step
	Meeting string // id
}

// Step rings all its targets together. Either Users or Trunk is set.
type Step struct {
	Users    []string
	Devices  map[string][]string // ids of the users' desk phones
	Trunk    string
	MaxCalls int    // of the trunk
	Number   string // to dial through the trunk
	CallerID string // to show through the trunk
	Seconds  int
}

// lineSeconds is how long an outside number rings before its trunk counts as silent.
const lineSeconds = 120

// Route decides. It is pure: the same plan, call, hint and time give the same route.
func (p *Plan) Route(in Inbound, hint Hint, _ time.Time) Route {
	number, ours := p.numbers[in.DID]
	extension, internal := p.extensions[in.To]
	switch {
	case in.Direction == "meeting":
		return Route{Meeting: in.To} // whether there is one, and he may come in, the exchange asks
	case ours:
		return p.destination(number.Destination, hint)
	case internal && p.mayDialExtensions(in):
		return p.destination(extension.Destination, hint)
	case in.Party.Kind == Line && p.unchosen(in.Trunk):
		return Route{Cause: cause.Unavailable} // whom its calls ring is not chosen yet
	case in.Party.Kind == Line:
		return Route{Cause: cause.NotFound} // outsiders reach us, never the outside through us
	default:
		return p.outside(in)
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

func (p *Plan) meeting(id string) Route {
	if _, exists := p.meetings[id]; !exists {
		return Route{Cause: cause.NotFound}
	}
	return Route{Meeting: id}
}

func (p *Plan) destination(to Destination, hint Hint) (r Route) {
	switch to.Kind {
	case "meeting":
		return p.meeting(to.Meeting)
	case "user":
		to.Users = []string{to.User}
	}
	groups := [][]string{to.Users}
	if to.Responsible && len(hint.Users) > 0 {
		groups = [][]string{hint.Users[:1], hint.Users[1:], to.Users}
	}
	for i, users := range groups {
		if len(users) > 0 && (i == 0 || !slices.Equal(users, groups[i-1])) && !(i == 2 && slices.Equal(users, groups[0])) {
			r.Steps = append(r.Steps, p.Step(users, to.Seconds))
		}
	}
	if len(r.Steps) == 0 {
		r.Cause = cause.Unavailable
	}
	return r
}

// Step rings users, with their desk phones.
func (p *Plan) Step(users []string, seconds int) Step {
	s := Step{Users: users, Devices: map[string][]string{}, Seconds: seconds}
	for _, user := range users {
		if devices := p.devices[user]; len(devices) > 0 {
			s.Devices[user] = devices
		}
	}
	return s
}

// outside routes a call of our own people: to an extension of a connected PBX, or to the world.
func (p *Plan) outside(in Inbound) Route {
	if t, number := p.connected(in.To); t != nil {
		return Route{Steps: []Step{p.line(t, number, in.From)}}
	}
	if slices.Contains(p.policy.Short, in.To) {
		return p.world(in, func(*Trunk) string { return in.To })
	}
	if !strings.HasPrefix(in.To, "+") {
		return Route{Cause: cause.NotFound}
	}
	if !p.policy.allows(in.To) {
		return Route{Cause: cause.Forbidden}
	}
	return p.world(in, func(t *Trunk) string { return inFormat(in.To, t.Format, p.region) })
}

// connected finds the PBX whose prefix the number has, the longest prefix first, and the number without it.
func (p *Plan) connected(dialled string) (found *Trunk, number string) {
	for i := range p.trunks {
		t := &p.trunks[i]
		rest, ok := strings.CutPrefix(dialled, t.Prefix)
		if t.Kind == PBX && t.Prefix != "" && ok && digits(rest, 1, maxExtension) && (found == nil || len(t.Prefix) > len(found.Prefix)) {
			found, number = t, rest
		}
	}
	return found, number
}

// world tries the trunks in order, carriers before connected PBXs: the next one where one fails.
func (p *Plan) world(in Inbound, number func(*Trunk) string) (r Route) {
	for i := range p.trunks {
		t := &p.trunks[i]
		r.Steps = append(r.Steps, p.line(t, number(t), p.callerID(in.Party.User, t)))
	}
	if len(r.Steps) == 0 {
		r.Cause = cause.Unavailable
	}
	return r
}

func (p *Plan) line(t *Trunk, number, callerID string) Step {
	return Step{Trunk: t.ID, MaxCalls: t.MaxCalls, Number: number, CallerID: callerID, Seconds: lineSeconds}
}
