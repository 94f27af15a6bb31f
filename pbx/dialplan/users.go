package dialplan

import "slices"

// Users are the numbers, extensions, hunt groups, queues and menus of which a destination is such a one.
func (p *Plan) Users(leads func(Destination) bool) (users []string) {
	see := func(user string, all ...*Destination) {
		for _, to := range all {
			for ; to != nil; to = to.Then {
				if leads(*to) && !slices.Contains(users, user) {
					users = append(users, user)
				}
			}
		}
	}
	for _, n := range p.numbers {
		see(n.E164, &n.Destination, n.Closed)
	}
	for _, e := range p.extensions {
		see(e.Number, &e.Destination, e.Closed)
	}
	for _, g := range p.groups {
		see(g.Name, g.Otherwise)
	}
	for _, q := range p.queues {
		see(q.Name, q.Leads.Full, q.Leads.Waited, q.Leads.Nobody)
	}
	for _, m := range p.menus {
		see(m.Name, m.Otherwise)
		for _, k := range m.Keys {
			see(m.Name, &k.To)
		}
	}
	slices.Sort(users)
	return users
}

// Leading are our numbers and extensions that ring a user, as they are dialled, and by their names the hunt groups,
// queues, menus and voicemail boxes that do or are his.
func (p *Plan) Leading(user string) []string {
	all := append([]string{}, p.Users(func(to Destination) bool { return to.names(user) })...)
	add := func(name string, his bool) {
		if his && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	for _, q := range p.queues {
		add(q.Name, slices.Contains(q.Agents, user))
	}
	for _, g := range p.groups {
		add(g.Name, slices.Contains(g.Members, user))
	}
	for _, b := range p.boxes {
		add(b.Name, slices.Contains(b.Users, user))
	}
	slices.Sort(all)
	return all
}

// mates are the users who share a group with a user: each may take a call that rings another.
func (p *Plan) mates(user string) map[string]bool {
	var groups [][]string
	for _, g := range p.groups {
		groups = append(groups, g.Members)
	}
	for _, n := range p.numbers {
		groups = append(groups, n.Timed.people(n.Destination)...)
	}
	for _, e := range p.extensions {
		groups = append(groups, e.Timed.people(e.Destination)...)
	}
	all := map[string]bool{}
	for _, users := range groups {
		if slices.Contains(users, user) {
			for _, mate := range users {
				all[mate] = true
			}
		}
	}
	return all
}

// MayPickUp tells whether a user may take a call that rings some users: one of them is himself, or of a group of his.
func (p *Plan) MayPickUp(user string, rung []string) bool {
	if user == "" {
		return false
	}
	mates := p.mates(user)
	return slices.ContainsFunc(rung, func(other string) bool { return other == user || mates[other] })
}

// UserOf is the user whom an extension rings alone, "" for none.
func (p *Plan) UserOf(extension string) string {
	if e := p.extensions[extension]; e.Kind == "user" {
		return e.User
	}
	return ""
}
