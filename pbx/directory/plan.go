package directory

import (
	"cmp"
	"slices"
	"strings"
)

// Plan is the dial plan at one moment: a value that never changes, so a call sees one state of it.
type Plan struct {
	region     string
	trunks     []Trunk           // active ones, carriers first
	numbers    map[string]Number // by E.164
	extensions map[string]Extension
	devices    map[string][]string  // ids of the desk phones, by user
	meetings   map[string]string    // titles of those that a number or extension leads to, by id
	schedules  map[string]*Schedule // by id
	handlings  map[string]Handling  // by user; of who has none he is rung
	groups     map[string]HuntGroup // by id
	codes      Codes
	menus      map[string]Menu         // by id
	boxes      map[string]VoicemailBox // by id
	queues     map[string]Queue        // by id
	policy     OutboundPolicy
	routes     []OutboundRoute // of calls outside, in their order
}

func newPlan(region string, trunks []Trunk, numbers []Number, extensions []Extension, devices []Device,
	meetings map[string]string, schedules []Schedule, groups []HuntGroup, queues []Queue,
	handlings map[string]Handling, codes Codes, policy OutboundPolicy) *Plan {
	p := &Plan{region: region, policy: policy, handlings: handlings, codes: codes,
		numbers: map[string]Number{}, extensions: map[string]Extension{}, devices: map[string][]string{},
		meetings: meetings, schedules: map[string]*Schedule{}, groups: map[string]HuntGroup{},
		queues: map[string]Queue{}}
	p.trunks = slices.DeleteFunc(slices.Clone(trunks), func(t Trunk) bool { return !t.Active })
	slices.SortStableFunc(p.trunks, func(a, b Trunk) int { return cmp.Compare(a.Kind, b.Kind) }) // "carrier" < "pbx"
	for i := range schedules {
		p.schedules[schedules[i].ID] = &schedules[i]
	}
	for _, q := range queues {
		p.queues[q.ID] = q
	}
	for _, g := range groups {
		p.groups[g.ID] = g
	}
	for _, n := range numbers {
		p.numbers[n.E164] = n
	}
	for _, e := range extensions {
		p.extensions[e.Number] = e
	}
	for _, v := range devices {
		if v.Off {
			continue
		}
		p.devices[v.User] = append(p.devices[v.User], v.ID)
	}
	return p
}

// Region is the country whose national numbers people dial.
func (p *Plan) Region() string { return p.region }

// Owns tells whether an E.164 number is one of ours: rented, or shown by a trunk.
func (p *Plan) Owns(e164 string) bool {
	_, rented := p.numbers[e164]
	return e164 != "" && (rented || slices.ContainsFunc(p.trunks, func(t Trunk) bool { return t.CallerID == e164 }))
}

// trunk is an active trunk, or nil.
func (p *Plan) trunk(id string) *Trunk {
	for i := range p.trunks {
		if p.trunks[i].ID == id {
			return &p.trunks[i]
		}
	}
	return nil
}

// MaxCalls is how many calls an active trunk carries at once; 0: no limit.
func (p *Plan) MaxCalls(trunk string) int {
	if t := p.trunk(trunk); t != nil {
		return t.MaxCalls
	}
	return 0
}

// MeetingTitle is the title of a meeting that a number or extension leads to.
func (p *Plan) MeetingTitle(id string) string { return p.meetings[id] }

// extensionOf is the shortest, then lowest internal number of a user, "" without one.
func (p *Plan) extensionOf(user string) (number string) {
	for _, e := range p.extensions {
		if e.Kind == "user" && e.User == user &&
			(number == "" || cmp.Or(cmp.Compare(len(e.Number), len(number)), cmp.Compare(e.Number, number)) < 0) {
			number = e.Number
		}
	}
	return number
}

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

// leadsTo is a number, extension or hunt group that leads to the meeting, "" when none does.
func (p *Plan) leadsTo(meeting string) string {
	for _, n := range p.numbers {
		if slices.Contains(n.Timed.meetings(n.Destination), meeting) {
			return n.E164
		}
	}
	for _, e := range p.extensions {
		if slices.Contains(e.Timed.meetings(e.Destination), meeting) {
			return e.Number
		}
	}
	for _, g := range p.groups {
		if g.Otherwise != nil && g.Otherwise.Meeting == meeting {
			return g.Name
		}
	}
	for _, q := range p.queues {
		for _, to := range q.Leads.all() {
			if *to != nil && (*to).Meeting == meeting {
				return q.Name
			}
		}
	}
	return ""
}

// MeetingPrefix and the id of a meeting are what is dialled to come in.
const MeetingPrefix = "meet:"

// Inbound is a call as it arrives: who, and for whom.
type Inbound struct {
	Call      string // id
	Direction string // in, out, internal, meeting
	From      string // E.164 or extension; raw when it is neither; "" when withheld
	Name      string // display name as the wire gave it
	Private   bool   // the caller withholds its number
	Dialled   string // as dialled
	To        string // the same in E.164, or an extension, or a meeting's id
	DID       string // our number that was dialled, in E.164
	Trunk     string // id of the trunk it came through
	Party     Party  // of the calling leg
}

// Inbound describes the call of a party that dialled something.
func (p *Plan) Inbound(call string, party Party, dialled string) Inbound {
	in := Inbound{Call: call, Name: party.Name, Private: party.Private, Dialled: dialled, Trunk: party.Trunk,
		Party: party}
	in.From = p.Caller(party)
	if in.Private {
		in.From, in.Name = "", ""
	}
	p.dialled(&in)
	return in
}

// Caller is the number under which our people know a party.
func (p *Plan) Caller(party Party) string {
	if party.Kind != Line {
		return cmp.Or(p.extensionOf(party.User), party.Number)
	}
	number := bare(party.Number)
	if strings.EqualFold(number, "anonymous") || strings.EqualFold(number, "unknown") {
		return ""
	}
	if t := p.trunk(party.Trunk); t != nil && t.Kind == PBX && digits(number, 1, maxExtension) {
		return t.Prefix + number // what our people dial to call back
	}
	if e164, ok := Normalise(number, p.region); ok {
		return e164
	}
	return strings.ToValidUTF8(number[:min(len(number), maxDialled)], "") // no half of a character is left
}

// dialled fills in To, DID and Direction.
func (p *Plan) dialled(in *Inbound) {
	raw := compact(in.Dialled)
	e164, full := Normalise(in.Dialled, p.region)
	_, ours := p.numbers[e164]
	_, extension := p.extensions[raw]
	fromLine := in.Party.Kind == Line
	meeting, isMeeting := strings.CutPrefix(in.Dialled, MeetingPrefix)
	isMeeting = isMeeting && !fromLine // outsiders come in by a number
	if only := p.onlyNumber(in); fromLine && !ours && only != "" {
		e164, ours = only, true
	}
	in.Direction = "internal"
	switch {
	case isMeeting:
		in.To, in.Direction = meeting, "meeting"
	case ours:
		in.To, in.DID = e164, e164
	case extension:
		in.To = raw
	case full:
		in.To = e164
	default:
		in.To = strings.ToValidUTF8(raw[:min(len(raw), maxDialled)], "")
	}
	switch {
	case fromLine:
		in.Direction = "in"
	case p.code(*in) != Code{}:
	case in.Direction == "internal" && !ours && !extension:
		in.Direction = "out"
	}
}

// onlyNumber is the one number of a trunk that registers and puts its own user name, not the number, into each call; ""
// otherwise.
func (p *Plan) onlyNumber(in *Inbound) (only string) {
	t := p.trunk(in.Trunk)
	if t == nil || !t.Register || bare(in.Dialled) != t.Username {
		return ""
	}
	for _, n := range p.numbers {
		if n.Trunk != t.ID {
			continue
		}
		if only != "" {
			return ""
		}
		only = n.E164
	}
	return only
}

// code is what our people ask for by what they dial; nothing where that is no code.
func (p *Plan) code(in Inbound) (c Code) {
	if in.Party.Kind != Line && in.Dialled == ParkTarget {
		return Code{Feature: Park}
	}
	if in.Party.Kind != Line && !p.isNumber(in.To) {
		c.Feature, c.Argument = p.codes.feature(in.To)
	}
	return c
}

// isNumber tells whether what was dialled leads somewhere by itself.
func (p *Plan) isNumber(dialled string) bool {
	_, internal := p.extensions[dialled]
	return internal || strings.HasPrefix(dialled, "+")
}
