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
		if n.Doubts != nil {
			see(n.E164, &n.Doubts.To)
		}
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
