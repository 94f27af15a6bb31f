package bin

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Merging is records of a kind that become one.
type Merging struct {
	Into   record.Ref
	Others []string
	// whose value stands, by the name of what a record has, or "field:" and the id of a field: the id of one of them
	Stand map[string]string
	// when each was last changed, before it was held for the merge: it comes back so
	Changed map[string]time.Time
	Places  []Place
}

// Place is a table of another room that keeps records by their ids, each once for an owner.
type Place struct{ Table, Owner, Record string }

// undoing is what a merge is taken back by.
type undoing struct {
	Before kept   `json:"before"` // the record that stands, as it was
	After  kept   `json:"after"`
	Placed []held `json:"placed,omitempty"`
}

// held is a row of a place that was another's.
type held struct {
	Place int    `json:"place"`
	Owner string `json:"owner"`
	From  string `json:"from"`
}

// Do merges them; written has what became of the record that stands be told on its timeline. It gives the merge's id.
// That all of them may be changed is known.
func (m Merging) Do(ctx context.Context, tx *store.Tx, actor people.User, written func() error) (string, error) {
	id := store.NewID()
	u, all, err := m.read(ctx, tx)
	if err != nil {
		return "", err
	}
	one, err := m.one(all)
	if err != nil {
		return "", err
	}
	for i, other := range m.Others {
		from := m.Into.Kind.Ref(other)
		placed, err := m.carry(ctx, tx, from)
		if err != nil {
			return "", err
		}
		u.Placed = append(u.Placed, placed...)
		err = query.Steps(
			func() error { return all[i+1].put(ctx, tx, actor, from, Merge, id) },
			func() error {
				_, err := tx.Exec(ctx, "INSERT INTO merged (id, into_id, merge_id) VALUES ($1, $2, $3)", other,
					m.Into.ID, id)
				return err
			})
		if err != nil {
			return "", err
		}
	}
	return id, query.Steps(func() error { return one.rewrite(ctx, tx, m.Into) },
		func() error {
			var old, now record.Values
			return query.Steps(func() error { return old.Scan(u.Before.Row.Texts["fields"]) },
				func() error { return now.Scan(one.Row.Texts["fields"]) },
				func() error { return field.Log(ctx, tx, actor, m.Into, old, now) })
		}, written,
		func() error { return m.remember(ctx, tx, actor, id, u) })
}

// read is all of them as they were, first the one that stands.
func (m Merging) read(ctx context.Context, tx *store.Tx) (u undoing, all []kept, err error) {
	for _, id := range append([]string{m.Into.ID}, m.Others...) {
		k, err := keep(ctx, tx, m.Into.Kind.Ref(id))
		if err != nil {
			return u, nil, err
		}
		k.Row.Numbers["updated_at"] = store.Micros(m.Changed[id])
		all = append(all, k)
	}
	u.Before = all[0]
	return u, all, nil
}

// carry gives the record that stands what leads to another.
func (m Merging) carry(ctx context.Context, tx *store.Tx, from record.Ref) (placed []held, err error) {
	to := m.Into
	todo := []store.Statement{
		{Query: `INSERT INTO activity_entity (entity_kind, entity_id, at, activity, waiting)
			SELECT entity_kind, CAST($1 AS TEXT), at, activity, waiting FROM activity_entity
			WHERE entity_kind = $2 AND entity_id = $3 ON CONFLICT DO NOTHING`, Args: []any{to.ID, from.Kind, from.ID}},
		{Query: "UPDATE lead_address SET lead = $1 WHERE lead = $2", Args: []any{to.ID, from.ID}},
	}
	for kind, column := range Pointing(from.Kind) {
		todo = append(todo, store.Statement{
			Query: "UPDATE " + string(kind) + " SET " + column + " = $1 WHERE " + column + " = $2",
			Args:  []any{to.ID, from.ID}})
	}
	for i, p := range m.Places {
		owners, err := query.All(ctx, tx, query.Text, query.New("SELECT o."+p.Owner+" FROM "+p.Table+" o WHERE o."+
			p.Record+" = ? AND NOT EXISTS (SELECT 1 FROM "+p.Table+" s WHERE s."+p.Owner+" = o."+p.Owner+" AND s."+
			p.Record+" = ?)", from.ID, to.ID))
		if err != nil {
			return nil, err
		}
		for _, owner := range owners {
			placed = append(placed, held{i, owner, from.ID})
			todo = append(todo, p.giving(owner, from.ID, to.ID))
		}
	}
	return placed, tx.ExecAll(ctx, todo)
}

// giving is the statement that puts a record in the place of another.
func (p Place) giving(owner, from, to string) store.Statement {
	return store.Statement{
		Query: "UPDATE " + p.Table + " SET " + p.Record + " = $1 WHERE " + p.Owner + " = $2 AND " + p.Record + " = $3",
		Args:  []any{to, owner, from}}
}

// rewrite writes a record that is there as it is to be, with its addresses and fields.
func (k kept) rewrite(ctx context.Context, tx *store.Tx, ref record.Ref) error {
	var values record.Values
	if err := values.Scan(k.Row.Texts["fields"]); err != nil {
		return err
	}
	return query.Steps(
		func() error {
			return tx.ExecAll(ctx, []store.Statement{{Query: "DELETE FROM " + string(ref.Kind) + " WHERE id = $1",
				Args: []any{ref.ID}}, k.Row.inserting(ref.Kind)})
		},
		func() error { return record.Index(ctx, tx, ref, k.Points, k.Row.words(ref.Kind)...) },
		func() error { return field.Forget(ctx, tx, ref) },
		func() error { return field.Again(ctx, tx, ref, values) })
}

func (m Merging) remember(ctx context.Context, tx *store.Tx, actor people.User, id string, u undoing) (err error) {
	if u.After, err = keep(ctx, tx, m.Into); err != nil {
		return err
	}
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO record_merge (id, kind, into_id, user_id, at, stamp, kept)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, m.Into.Kind, m.Into.ID, actor.ID, store.Micros(time.Now()),
		u.After.Row.Numbers["updated_at"], string(text))
	return err
}

// one is the record that several become.
func (m Merging) one(all []kept) (kept, error) {
	one := all[0]
	one.Row = one.Row.copied()
	one.Row.Numbers["updated_at"] = max(store.Micros(time.Now()), one.Row.Numbers["updated_at"]+1)
	for name, column := range Mergeable(m.Into.Kind) {
		from, err := m.chosen(all, name, func(k kept) bool { return k.Row.Texts[column] != "" })
		if err != nil {
			return one, err
		}
		one.Row.Texts[column] = from.Row.Texts[column]
		if column == "responsible" {
			one.Row.Texts["department"] = from.Row.Texts["department"]
			if len(from.Row.Flags) > 0 {
				one.Row.Flags["kept"] = from.Row.Flags["kept"]
			}
		}
	}
	for _, other := range all[1:] {
		one.Points = joined(one.Points, other.Points)
		one.Row.Numbers["created_at"] = min(one.Row.Numbers["created_at"], other.Row.Numbers["created_at"])
	}
	values, err := m.values(all)
	one.Row.Texts["fields"] = values.Kept()
	return one, err
}

// chosen is whose value of one thing stands: whose was named, else the first who has any.
func (m Merging) chosen(all []kept, name string, has func(kept) bool) (kept, error) {
	if id := m.Stand[name]; id != "" {
		at := slices.IndexFunc(all, func(k kept) bool { return k.Row.Texts["id"] == id })
		if at < 0 {
			return kept{}, input.Refuse("stand."+name, "is the id of one of the records that are merged")
		}
		return all[at], nil
	}
	if at := slices.IndexFunc(all, has); at >= 0 {
		return all[at], nil
	}
	return all[0], nil
}

// values are those of the company's own fields; tags are joined.
func (m Merging) values(all []kept) (record.Values, error) {
	of, one := map[string]record.Values{}, record.Values{}
	for _, k := range all {
		var values record.Values
		if err := values.Scan(k.Row.Texts["fields"]); err != nil {
			return nil, err
		}
		of[k.Row.Texts["id"]] = values
		for id := range values {
			one[id] = nil
		}
	}
	for id := range one {
		from, err := m.chosen(all, "field:"+id, func(k kept) bool { return len(of[k.Row.Texts["id"]][id]) > 0 })
		if err != nil {
			return nil, err
		}
		one[id] = of[from.Row.Texts["id"]][id]
	}
	for _, k := range all {
		for _, tag := range of[k.Row.Texts["id"]]["tags"] {
			if m.Stand["field:tags"] == "" && !slices.Contains(one["tags"], tag) {
				one["tags"] = append(slices.Clone(one["tags"]), tag)
			}
		}
	}
	return record.Values{}.With(one), nil
}

// Mergeable is what of a kind of record one may choose when several become one, with the column of each.
func Mergeable(kind record.Kind) map[string]string {
	columns := map[record.Kind][]string{
		record.Contact: {"name", "name", "position", "position", "company", "company"},
		record.Company: {"name", "name", "website", "website"},
		record.Lead: {"title", "name", "name", "person", "company_name", "company_name", "source", "source",
			"stage", "stage"},
	}[kind]
	of := map[string]string{"comment": "comment", "responsible": "responsible"}
	for i := 0; i < len(columns); i += 2 {
		of[columns[i]] = columns[i+1]
	}
	return of
}

// joined are the addresses of two records. What both have is a claim only where it is one of each.
func joined(points, more []record.Point) []record.Point {
	points = slices.Clone(points)
	for _, p := range more {
		at := slices.IndexFunc(points, p.Same)
		if at < 0 {
			points = append(points, p)
			continue
		}
		points[at].Claimed = points[at].Claimed && p.Claimed
	}
	return points
}
