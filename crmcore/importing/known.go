package importing

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// decide says what becomes of each line: by who has its numbers and mailboxes, and the policy.
func (b *batch) decide(ctx context.Context) error {
	known, err := b.owners(ctx)
	if err != nil {
		return err
	}
	for _, r := range b.rows {
		if r.outcome == failed {
			continue
		}
		for _, p := range r.fresh.Points() {
			if o, there := known[p.Value]; there && p.Value != "" {
				r.known = &o
				break
			}
		}
		b.apply(r)
		if r.outcome == "" {
			for _, p := range r.fresh.Points() {
				if _, there := known[p.Value]; !there && p.Value != "" {
					known[p.Value] = owner{row: r}
				}
			}
		}
	}
	return nil
}

func (b *batch) apply(r *row) {
	switch {
	case r.known == nil:
	case b.of.Policy == Make:
		r.fresh.Claims = true
	case r.known.row != nil:
		r.outcome, r.problem = skipped, fmt.Sprintf("the same number or mailbox as line %d", r.known.row.line)
		if b.of.Policy == Update {
			add(r.known.row.fresh, r.said())
		}
	case b.of.Policy == Skip:
		r.outcome, r.record = skipped, r.known.id
	case !r.known.readable:
		r.refuse("a colleague's client has this number or mailbox")
	default:
		r.outcome = updating
	}
}

// owners are the records of the kind that have the numbers and mailboxes of the lines, in any form of them.
func (b *batch) owners(ctx context.Context) (map[string]owner, error) {
	forms := map[string]string{} // what the lines have, by what a record may
	for _, r := range b.rows {
		if r.outcome == failed {
			continue
		}
		for _, p := range r.fresh.Points() {
			forms[p.Value] = p.Value
			if p.Kind == address.Phone && p.Value != "" {
				for _, f := range address.Forms(p.Value) {
					forms[f] = p.Value
				}
			}
		}
	}
	delete(forms, "")
	known := map[string]owner{}
	if len(forms) == 0 {
		return known, nil
	}
	values := make([]string, 0, len(forms))
	for f := range forms {
		values = append(values, f)
	}
	slices.Sort(values)
	for some := range slices.Chunk(values, 1024) {
		q := asked(some).Add("SELECT p.value, t.id, CASE WHEN ").With(people.Readable(b.actor, "t"))
		// CROSS JOIN, and a kind that is not the bare column, keep SQLite to the index of the values
		q.Add(" THEN 1 ELSE 0 END FROM asked a CROSS JOIN contact_point p JOIN "+string(b.of.Kind)+
			" t ON t.id = p.entity_id WHERE p.value = a.value AND p.entity_kind || '' = ? AND NOT p.claimed", b.of.Kind)
		if b.of.Kind == record.Lead {
			q.Add(" AND t.stage NOT IN ('converted', 'junk')")
		}
		_, err := query.All(ctx, b.db, func(r store.Row) (none struct{}, err error) {
			var value string
			var o owner
			var readable int64
			err = r.Scan(&value, &o.id, &readable)
			o.readable = readable == 1
			if old, there := known[forms[value]]; !there || !old.readable {
				known[forms[value]] = o
			}
			return none, err
		}, q.Add(" ORDER BY t.id"))
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// asked begins a query with a table of values: PostgreSQL compares each line with every parameter of a long IN, but
// joins a table by its index or a hash. The last value is repeated as by query.In.
func asked(values []string) *query.Builder {
	q := query.New("WITH asked (value) AS (VALUES ")
	for _, v := range values {
		q.Values(v)
	}
	for n := len(values); n&(n-1) != 0; n++ {
		q.Values(values[len(values)-1])
	}
	return q.Add(") ")
}

// knownFirms finds companies by their names, of those that the actor may see.
func (b *batch) knownFirms(ctx context.Context, named map[string]string) error {
	var keys [][]byte
	for n := range named {
		keys = append(keys, record.SortKey(n))
	}
	if len(keys) == 0 {
		return nil
	}
	q := query.New("SELECT t.id, t.name FROM company t WHERE ").With(people.Readable(b.actor, "t")).Add(" AND t.folded")
	_, err := query.All(ctx, b.db, func(r store.Row) (none struct{}, err error) {
		var id, called string
		err = r.Scan(&id, &called)
		if old, wanted := named[fold.Text(called)]; wanted && old == "" {
			named[fold.Text(called)] = id
		}
		return none, err
	}, q.InBytes(keys).Add(" ORDER BY t.id"))
	return err
}
