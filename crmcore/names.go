package crmcore

import "context"

// maxNames are asked for at once.
const maxNames = 500

// Names are what people with these mail addresses are called: colleagues, and the records that the actor may read. An
// address of several records has no name here, as nobody knows whose it is.
func (c *Core) Names(ctx context.Context, actor User, addresses []string) (map[string]string, error) {
	names, shared := map[string]string{}, map[string]bool{}
	addresses = first(maxNames, addresses)
	if len(addresses) == 0 {
		return names, nil
	}
	q := new(query)
	for _, kind := range []EntityKind{KindContact, KindCompany, KindLead} {
		name, open := "t.name", ""
		if kind == KindLead { // its name is its title; one that was converted is the client's record by now
			name, open = "CASE WHEN t.person <> '' THEN t.person ELSE t.name END", " AND t.stage NOT IN ('converted', 'junk')"
		}
		q.add("SELECT p.value, "+name+" FROM contact_point p JOIN "+string(kind)+" t ON t.id = p.entity_id WHERE p.entity_kind = ? AND p.kind = 'email' AND NOT p.claimed AND p.value", kind)
		q.in(addresses).add(open+" AND ").readable(actor, "t").add(" UNION ")
	}
	q.add("SELECT LOWER(u.email), u.name FROM app_user u WHERE LOWER(u.email)").in(addresses)
	type named struct{ address, name string }
	list, err := all(ctx, c.db, func(r row) (n named, err error) { return n, r.Scan(&n.address, &n.name) }, q)
	for _, n := range list {
		shared[n.address] = shared[n.address] || names[n.address] != ""
		names[n.address] = n.name
	}
	for address := range shared {
		if shared[address] {
			delete(names, address)
		}
	}
	return names, err
}
