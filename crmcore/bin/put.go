package bin

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// kept is all that brings a record back.
type kept struct {
	Row       row            `json:"row"`
	Points    []record.Point `json:"points,omitempty"`
	Addresses []string       `json:"addresses,omitempty"` // of a lead: which it was made for by itself
	Entries   []entry        `json:"entries,omitempty"`   // its timeline
	Pointers  []pointer      `json:"pointers,omitempty"`  // what pointed to it
}

type entry struct {
	Activity string `json:"activity"`
	At       int64  `json:"at"`
}

// pointer is another record that points to this one.
type pointer struct {
	Kind   record.Kind `json:"kind"`
	Column string      `json:"column"`
	ID     string      `json:"id"`
}

// Pointing are the columns of other records that point to one of a kind: the table of each is called like its kind.
func Pointing(kind record.Kind) map[record.Kind]string {
	switch kind {
	case record.Contact:
		return map[record.Kind]string{record.Deal: "contact", record.Lead: "contact"}
	case record.Company:
		return map[record.Kind]string{record.Contact: "company", record.Deal: "company"}
	case record.Deal:
		return map[record.Kind]string{record.Lead: "deal"}
	}
	return nil
}

// Put takes a record out of everything and into the bin; what pointed to it points nowhere.
func Put(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, cause Cause, causeID string) error {
	k, err := keep(ctx, tx, ref)
	if err != nil {
		return err
	}
	return k.put(ctx, tx, actor, ref, cause, causeID)
}

func (k kept) put(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, cause Cause,
	causeID string) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	t := k.Row.Texts
	_, err = tx.Exec(ctx, `INSERT INTO bin (id, kind, name, responsible, department, user_id, at, cause, cause_id, kept)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, ref.ID, ref.Kind, t["name"], t["responsible"],
		t["department"], actor.ID, store.Micros(time.Now()), cause, causeID, string(text))
	if err != nil {
		return err
	}
	return remove(ctx, tx, ref)
}

// Used tells whether anything happened with a record but changes of it, or another points to it.
func Used(ctx context.Context, tx *store.Tx, ref record.Ref) (bool, error) {
	entries, err := query.All(ctx, tx, query.Text, query.New(
		`SELECT e.activity FROM activity_entity e JOIN activity a ON a.id = e.activity
			WHERE e.entity_kind = ? AND e.entity_id = ? AND a.kind NOT IN ('change', 'automation') LIMIT 1`, ref.Kind, ref.ID))
	if err != nil || len(entries) > 0 {
		return true, err
	}
	to, err := pointers(ctx, tx, ref)
	return len(to) > 0, err
}

func keep(ctx context.Context, tx *store.Tx, ref record.Ref) (k kept, err error) {
	err = query.Steps(
		func() (err error) { k.Row, err = readRow(ctx, tx, ref); return err },
		func() (err error) { k.Points, err = record.Points(ctx, tx, ref); return err },
		func() (err error) {
			k.Entries, err = query.All(ctx, tx, func(r store.Row) (e entry, err error) {
				return e, r.Scan(&e.Activity, &e.At)
			}, query.New("SELECT activity, at FROM activity_entity WHERE entity_kind = ? AND entity_id = ?", ref.Kind,
				ref.ID))
			return err
		},
		func() (err error) { k.Pointers, err = pointers(ctx, tx, ref); return err })
	if err == nil && ref.Kind == record.Lead {
		k.Addresses, err = query.All(ctx, tx, query.Text,
			query.New("SELECT address FROM lead_address WHERE lead = ? ORDER BY address", ref.ID))
	}
	return k, err
}

func pointers(ctx context.Context, db store.Queries, ref record.Ref) (all []pointer, err error) {
	for kind, column := range Pointing(ref.Kind) {
		ids, err := query.All(ctx, db, query.Text,
			query.New("SELECT id FROM "+string(kind)+" WHERE "+column+" = ? ORDER BY id", ref.ID))
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			all = append(all, pointer{kind, column, id})
		}
	}
	return all, nil
}

// remove deletes a record and all that leads to it.
func remove(ctx context.Context, tx *store.Tx, ref record.Ref) error {
	statements := []string{"DELETE FROM " + string(ref.Kind) + " WHERE id = $1",
		"DELETE FROM activity_entity WHERE entity_id = $1 AND entity_kind = '" + string(ref.Kind) + "'",
		"DELETE FROM lead_address WHERE lead = $1"}
	for kind, column := range Pointing(ref.Kind) {
		statements = append(statements, "UPDATE "+string(kind)+" SET "+column+" = '' WHERE "+column+" = $1")
	}
	for _, s := range statements {
		if _, err := tx.Exec(ctx, s, ref.ID); err != nil {
			return err
		}
	}
	return query.Steps(func() error { return record.Unindex(ctx, tx, ref) },
		func() error { return field.Forget(ctx, tx, ref) })
}
