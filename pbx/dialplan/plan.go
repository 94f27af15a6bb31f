package dialplan

import (
	"cmp"
	"slices"
)

// Tables are what a plan is made of.
type Tables struct {
	Region     string // country whose national numbers people dial
	Trunks     []Trunk
	Numbers    []Number
	Extensions []Extension
	Devices    map[string][]string // ids of the desk phones that may ring, by user
	Meetings   map[string]string   // titles of those that something leads to, by id
	Schedules  []Schedule
	Groups     []HuntGroup
	Queues     []Queue
	Menus      []Menu
	Boxes      []VoicemailBox
	Handlings  map[string]Handling // by user; of who has none he is rung
	Codes      Codes
	Policy     OutboundPolicy
	Routes     []OutboundRoute // of calls outside, in their order
	Music      string          // prompt that who waits hears; "": what ships

	Departments map[string][]string // that users are in, by user: their own and those above it
}

// Doors are the meetings that anything leads to.
func (t Tables) Doors() (ids []string) {
	t.destinations(func(to Destination) { ids = append(ids, to.Meeting) })
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// destinations tells do of all that anything leads to.
func (t Tables) destinations(do func(Destination)) {
	lead := func(to *Destination) {
		if to != nil {
			to.each(do)
		}
	}
	for _, n := range t.Numbers {
		lead(&n.Destination)
		lead(n.Closed)
		if n.Doubts != nil {
			lead(&n.Doubts.To)
		}
	}
	for _, e := range t.Extensions {
		lead(&e.Destination)
		lead(e.Closed)
	}
	for _, q := range t.Queues {
		for _, to := range q.Leads.All() {
			lead(to)
		}
	}
	for _, g := range t.Groups {
		lead(g.Otherwise)
	}
	for _, m := range t.Menus {
		lead(m.Otherwise)
		for _, k := range m.Keys {
			lead(&k.To)
		}
	}
}

// Plan is the dial plan at one moment: a value that never changes, so a call sees one state of it.
type Plan struct {
	region     string
	trunks     []Trunk           // carriers first
	numbers    map[string]Number // by E.164
	extensions map[string]Extension
	devices    map[string][]string  // by user
	meetings   map[string]string    // titles, by id
	schedules  map[string]*Schedule // by id
	handlings  map[string]Handling  // by user
	groups     map[string]HuntGroup // by id
	codes      Codes
	menus      map[string]Menu         // by id
	boxes      map[string]VoicemailBox // by id
	queues     map[string]Queue        // by id
	policy     OutboundPolicy
	routes     []OutboundRoute
	music      string

	departments map[string][]string // by user
	ties        bool                // a destination asks what ties users to who calls
}

// New makes the plan of what the tables have now.
func New(t Tables) *Plan {
	p := &Plan{region: t.Region, policy: t.Policy, routes: t.Routes, music: t.Music, departments: t.Departments,
		handlings: t.Handlings, codes: t.Codes,
		devices: t.Devices, meetings: t.Meetings, trunks: slices.Clone(t.Trunks), schedules: map[string]*Schedule{}}
	slices.SortStableFunc(p.trunks, func(a, b Trunk) int { return cmp.Compare(a.Kind, b.Kind) }) // "carrier" < "pbx"
	for _, s := range t.Schedules {
		s.location = s.zone()
		p.schedules[s.ID] = &s
	}
	p.numbers = by(t.Numbers, func(n Number) string { return n.E164 })
	p.extensions = by(t.Extensions, func(e Extension) string { return e.Number })
	t.destinations(func(to Destination) { p.ties = p.ties || len(to.Ties) > 0 })
	p.groups = by(t.Groups, func(g HuntGroup) string { return g.ID })
	p.queues = by(t.Queues, func(q Queue) string { return q.ID })
	p.menus = by(t.Menus, func(m Menu) string { return m.ID })
	p.boxes = by(t.Boxes, func(b VoicemailBox) string { return b.ID })
	return p
}

// by is a list by the keys of its members.
func by[T any](list []T, key func(T) string) map[string]T {
	all := make(map[string]T, len(list))
	for _, one := range list {
		all[key(one)] = one
	}
	return all
}

// Music is the prompt that who waits hears; "": what ships.
func (p *Plan) Music() string { return p.music }

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

// Waits tells whether a user is rung while he is in a call.
func (p *Plan) Waits(user string) bool { return p.handlings[user].Waiting }
