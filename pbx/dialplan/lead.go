package dialplan

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/pbx/cause"
)

// What leads where: destinations lead to people, those to others, and so on; maxForwards and maxChained end it.

// Ring rings users with their desk phones; then follows, whatever nobody takes the call for.
func (p *Plan) Ring(users []string, seconds int, then Step) Ring {
	r := Ring{Users: users, Devices: map[string][]string{}, Seconds: seconds, NoAnswer: then, Busy: then,
		Declined: then, Offline: then}
	for _, user := range users {
		if devices := p.devices[user]; len(devices) > 0 {
			r.Devices[user] = devices
		}
	}
	return r
}

// ringAll rings one group after the other, then what follows; nil without any. A group that rings already does not ring
// again at once.
func (p *Plan) ringAll(groups [][]string, seconds int, facts Facts) Step {
	for i, users := range slices.Backward(groups) {
		again := slices.ContainsFunc(groups[:i], func(before []string) bool { return slices.Equal(users, before) })
		switch {
		case len(users) == 0 || again:
		case len(users) == 1:
			facts.then = p.alone(users[0], seconds, facts)
		default:
			facts.then = p.together(users, seconds, facts)
		}
	}
	return facts.then
}

// together rings those of several users who want to be rung with others; where nobody does, the step rings nobody.
func (p *Plan) together(users []string, seconds int, facts Facts) Ring {
	var ringing, rests []string
	for _, user := range users {
		if p.handlings[user].rests(facts.at) || slices.Contains(facts.passed, user) {
			rests = append(rests, user)
		} else {
			ringing = append(ringing, user)
		}
	}
	r := p.Ring(ringing, seconds, facts.then)
	r.Rests = rests
	return r
}

// alone rings one user as he wants to be called.
func (p *Plan) alone(user string, seconds int, facts Facts) Step {
	if slices.Contains(facts.passed, user) { // whose call it was
		return orUnavailable(facts.then)
	}
	h := p.handlings[user]
	if next, leads := p.forward(h.Always, user, facts); leads {
		return Personal{user, Forwarded, "forwards all calls", next}
	}
	after := func(to *Forward) Step { next, _ := p.forward(to, user, facts); return next }
	if open, why := h.open(facts.at); !open {
		return Personal{user, Closed, why, orUnavailable(after(cmp.Or(h.Hours.Closed, h.Offline)))}
	}
	r := p.Ring([]string{user}, h.seconds(seconds), facts.then)
	r.NoAnswer, r.Busy, r.Offline = after(h.NoAnswer), after(h.Busy), after(h.Offline)
	r.Declined = r.Busy
	switch {
	case !h.DND:
		return r
	case r.Busy == nil:
		return Personal{user, Disturb, "does not want to be disturbed", Refuse{Cause: cause.Busy}}
	}
	return Personal{user, Disturb, "does not want to be disturbed", r.Busy}
}

// forward is where a user sends a call, then what follows; only that, where it does not lead anywhere.
func (p *Plan) forward(to *Forward, user string, facts Facts) (next Step, leads bool) {
	if !facts.mayPass(to) {
		return facts.then, false
	}
	facts = facts.passedBy(user)
	extension, inside := p.extensions[to.Number]
	number, ours := p.numbers[to.Number]
	switch {
	case to.Kind == "user":
		return p.alone(to.User, forwardSeconds, facts), true
	case to.Kind == "voicemail":
		box, exists := p.boxes[to.Box]
		return Voicemail{box}, exists
	case to.Kind == "extension" && inside:
		return p.timed(extension.Destination, extension.Timed, facts), true
	case to.Kind == "number" && ours: // it would only come back
		return p.timed(number.Destination, number.Timed, facts), true
	case to.Kind == "number":
		out := p.outside(Inbound{To: to.Number, Party: Party{Kind: Browser, User: user}}, facts)
		return p.sentOut(out, user, to.Confirm, facts)
	}
	return facts.then, false
}

// timed is where a number or extension leads at the moment.
func (p *Plan) timed(to Destination, t Timed, facts Facts) Step {
	s := p.schedules[t.Schedule]
	if s == nil || t.Closed == nil {
		return p.destination(to, facts)
	}
	open, holiday := s.Open(facts.at)
	h := Hours{Schedule: s.ID, Says: Closed, Holiday: holiday, Why: s.Why(open, holiday),
		Open: p.destination(to, facts), Closed: p.destination(*t.Closed, facts)}
	switch {
	case open:
		h.Says = Opened
	case holiday != "":
		h.Says = OffDay
	}
	return h
}

func (p *Plan) meeting(id string) Step {
	if _, exists := p.meetings[id]; !exists {
		return Refuse{Cause: cause.NotFound}
	}
	return Join{Meeting: id}
}

func (p *Plan) destination(to Destination, facts Facts) Step {
	if to.Then != nil {
		facts.then = p.destination(*to.Then, facts)
	}
	switch to.Kind {
	case "meeting":
		return p.meeting(to.Meeting)
	case "menu":
		return p.menu(to.Menu, facts)
	case "voicemail":
		return p.voicemail(to.Voicemail, facts)
	case "user":
		to.Users = []string{to.User}
	case Refused:
		return Refuse{Cause: cause.Unavailable}
	}
	switch to.Kind {
	case ToGroup:
		facts.then = p.hunt(to.HuntGroup, facts)
	case ToQueue:
		facts.then = p.enqueue(to.Queue, facts)
	}
	groups := [][]string{}
	for _, tie := range to.Ties {
		groups = append(groups, facts.Ties[tie])
	}
	if to.Responsible && len(facts.Users) > 0 {
		groups = append(groups, facts.Users[:1], facts.Users[1:])
	}
	groups = append(groups, to.Users)
	return orUnavailable(p.ringAll(groups, to.Seconds, facts))
}

// maxChained is how many things that lead on a call comes through: what leads in a circle ends there.
const maxChained = 20

func (p *Plan) hunt(id string, facts Facts) Step {
	g, exists := p.groups[id]
	if facts.chained++; !exists || facts.chained > maxChained {
		return facts.then
	}
	all := p.together(g.Members, g.Seconds, facts)
	if g.Otherwise != nil {
		facts.then = p.destination(*g.Otherwise, facts)
	}
	return Hunt{Group: g.ID, Name: g.Name, Strategy: g.Strategy, Members: all.Users, Devices: all.Devices,
		Rests: all.Rests, Seconds: g.Seconds, Otherwise: facts.then}
}

func (p *Plan) enqueue(id string, facts Facts) Step {
	q, exists := p.queues[id]
	if facts.chained++; !exists || facts.chained > maxChained {
		return facts.then
	}
	leads := func(to *Destination) Step {
		if to == nil {
			return facts.then
		}
		return p.destination(*to, facts)
	}
	return Enqueue{Queue: q.ID, Name: q.Name, Agents: q.Agents, Limit: q.MaxWaiting, Seconds: q.Seconds,
		WrapUp: q.WrapUp, MaxWait: q.MaxWait, Announce: q.Announce, Language: q.Language, Callback: q.Callback,
		Music: cmp.Or(q.Music, p.music),
		Full:  leads(q.Leads.Full), Waited: leads(q.Leads.Waited), Nobody: leads(q.Leads.Nobody)}
}

// Queue is one of them, with all its agents.
func (p *Plan) Queue(id string) (q Queue, exists bool) {
	q, exists = p.queues[id]
	return q, exists
}

// Queues are those with agents who may be rung at a time: who does not want to be called then is left out.
func (p *Plan) Queues(at time.Time) (all []Queue) {
	for _, q := range p.queues {
		q.Agents = p.together(q.Agents, q.Seconds, Facts{at: at}).Users
		all = append(all, q)
	}
	return all
}

// menu asks by a menu, where there is such a one.
func (p *Plan) menu(id string, facts Facts) Step {
	m, exists := p.menus[id]
	if !exists {
		return orUnavailable(facts.then)
	}
	if facts.asked[id] == nil {
		facts.then = nil
		leads := func(to Destination, t Timed) Step { return p.timed(to, t, facts) }
		facts.asked[id] = &asking{leads, p.extensions}
	}
	return Ask{Menu: m, from: facts.asked[id]}
}

// voicemail leads to a box.
func (p *Plan) voicemail(id string, facts Facts) Step {
	if box, exists := p.boxes[id]; exists {
		return Voicemail{box}
	}
	return orUnavailable(facts.then)
}
