package record

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// maxNames are asked for at once.
const maxNames = 500

// Names are what people with these mail addresses are called: colleagues, and the records that the actor may read. An
// address of several records has no name here, as nobody knows whose it is.
func Names(ctx context.Context, db store.Queries, actor people.User, addresses []string) (map[string]string, error) {
	addresses = addresses[:min(len(addresses), maxNames)]
	if len(addresses) == 0 {
		return map[string]string{}, nil
	}
	q := new(query.Builder).With(named(actor, address.Email, addresses)).
		Add(" UNION SELECT LOWER(u.email), u.name FROM app_user u WHERE LOWER(u.email)").In(addresses)
	return askNames(ctx, db, q)
}

// Callees are what clients with these telephone numbers (E.164) are called, in the same way.
func Callees(ctx context.Context, db store.Queries, actor people.User, numbers []string) (map[string]string, error) {
	forms := map[string][]string{} // a number is kept in the form that was current
	var values []string
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	for _, number := range numbers[:min(len(numbers), maxNames)] {
		if number != "" {
			forms[number] = address.Forms(number)
			values = append(values, forms[number]...)
		}
	}
	if len(values) == 0 {
		return map[string]string{}, nil
	}
	known, err := askNames(ctx, db, new(query.Builder).With(named(actor, address.Phone, values)))
	maps.DeleteFunc(known, func(_, name string) bool { return name == "" })
	names := map[string]string{}
	for number, all := range forms {
		for _, form := range all {
			names[number] = cmp.Or(names[number], known[form])
		}
	}
	return names, err
}

// named asks for the names of the records with points of a kind that the actor may read.
func named(actor people.User, of address.Kind, values []string) func(*query.Builder) {
	return func(q *query.Builder) {
		for i, kind := range []Kind{Contact, Company, Lead} {
			name, open := "t.name", ""
			if kind == Lead { // its name is its title; one that was converted is the client's record by now
				name, open = "CASE WHEN t.person <> '' THEN t.person ELSE t.name END",
					" AND t.stage NOT IN ('converted', 'junk')"
			}
			if i > 0 {
				q.Add(" UNION ")
			}
			// The kind is hidden from SQLite, which would read all points of a kind rather than those of the values.
			q.Add("SELECT p.value, "+name+" FROM contact_point p JOIN "+string(kind)+" t ON t.id = p.entity_id"+
				" WHERE p.entity_kind || '' = ? AND p.kind = ? AND NOT p.claimed AND p.value", kind, of)
			q.In(values).Add(open + " AND ").With(people.Readable(actor, "t"))
		}
	}
}

// askNames are the names that a query finds for addresses; none for what several have.
func askNames(ctx context.Context, db store.Queries, q *query.Builder) (map[string]string, error) {
	names, shared := map[string]string{}, map[string]bool{}
	type named struct{ address, name string }
	list, err := query.All(ctx, db, func(r store.Row) (n named, err error) {
		return n, r.Scan(&n.address, &n.name)
	}, q)
	for _, n := range list {
		shared[n.address] = shared[n.address] || names[n.address] != ""
		names[n.address] = n.name
	}
	maps.DeleteFunc(names, func(address, _ string) bool { return shared[address] })
	return names, err
}
