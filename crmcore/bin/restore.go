package bin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Restore brings a record back as it was, with its timeline and all that pointed to it and points nowhere else now.
// What it pointed to and is gone is left out; that comes back with it when it is in the bin itself. A responsible user
// who is no more is replaced by the actor. Errors: store.ErrNotFound, ErrForbidden, Invalid.
func Restore(ctx context.Context, tx *store.Tx, actor people.User, id string) (record.Ref, error) {
	item, err := find(ctx, tx, actor, id)
	if err != nil {
		return record.Ref{}, err
	}
	if item.Cause == Merge {
		return item.Ref, input.Refuse("id", "it was merged into another record: take the merge back")
	}
	return item.Ref, bringBack(ctx, tx, actor, item.Ref)
}

func bringBack(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref) error {
	k, err := read(ctx, tx, ref.ID)
	if err != nil {
		return err
	}
	if r := k.Row.Texts["responsible"]; r != "" && !people.Here(ctx, tx, r) {
		k.Row.Texts["responsible"] = actor.ID
	}
	return query.Steps(
		func() error { return k.mend(ctx, tx, ref) },
		func() error { return tx.ExecAll(ctx, []store.Statement{k.Row.inserting(ref.Kind)}) },
		func() error { return record.Index(ctx, tx, ref, k.Points, k.Row.words(ref.Kind)...) },
		func() error {
			var values record.Values
			if err := values.Scan(k.Row.Texts["fields"]); err != nil {
				return err
			}
			return field.Again(ctx, tx, ref, values)
		},
		func() error { return k.again(ctx, tx, ref) },
		func() error { _, err := tx.Exec(ctx, "DELETE FROM bin WHERE id = $1", ref.ID); return err })
}

func read(ctx context.Context, db store.Queries, id string) (k kept, err error) {
	text, err := query.One(ctx, db, query.Text, query.New("SELECT kept FROM bin WHERE id = ?", id))
	if err == nil {
		err = json.Unmarshal([]byte(text), &k)
	}
	return k, err
}

// mend makes a record point only to what is there.
func (k *kept) mend(ctx context.Context, tx *store.Tx, ref record.Ref) error {
	for _, to := range record.Kinds() {
		column, points := Pointing(to)[ref.Kind]
		target := k.Row.Texts[column]
		if !points || target == "" {
			continue
		}
		target, err := record.Follow(ctx, tx, target)
		if err != nil {
			return err
		}
		k.Row.Texts[column] = target
		there, err := query.All(ctx, tx, query.Text, query.New("SELECT id FROM "+string(to)+" WHERE id = ?", target))
		if err != nil {
			return err
		}
		if len(there) > 0 {
			continue
		}
		k.Row.Texts[column] = ""
		if err := owe(ctx, tx, target, pointer{ref.Kind, column, ref.ID}); err != nil {
			return err
		}
	}
	if ref.Kind == record.Deal {
		return k.placed(ctx, tx)
	}
	return nil
}

// owe has a record in the bin be pointed to when it comes back.
func owe(ctx context.Context, tx *store.Tx, id string, p pointer) error {
	k, err := read(ctx, tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && slices.Contains(k.Pointers, p) {
		return nil
	}
	if err != nil {
		return err
	}
	k.Pointers = append(k.Pointers, p)
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE bin SET kept = $1 WHERE id = $2", string(text), id)
	return err
}

// placed puts a deal whose stage is no more into the first there is.
func (k *kept) placed(ctx context.Context, tx *store.Tx) error {
	t := k.Row.Texts
	type place struct{ stage, pipeline string }
	at, err := query.One(ctx, tx, func(r store.Row) (p place, err error) { return p, r.Scan(&p.stage, &p.pipeline) },
		query.New(`SELECT s.id, s.pipeline FROM stage s JOIN pipeline p ON p.id = s.pipeline
			ORDER BY CASE WHEN s.id = ? THEN 0 ELSE 1 END, p.position, p.id, s.position LIMIT 1`, t["stage"]))
	if errors.Is(err, store.ErrNotFound) {
		return input.Refuse("id", "there is no pipeline for the deal: make one first")
	}
	if err == nil && at.stage != t["stage"] {
		t["stage"], t["pipeline"] = at.stage, at.pipeline
		k.Row.Numbers["moved_at"] = store.Micros(time.Now())
	}
	return err
}

// again is what leads to a record.
func (k *kept) again(ctx context.Context, tx *store.Tx, ref record.Ref) error {
	var todo []store.Statement
	for _, e := range k.Entries {
		todo = append(todo, timeline.Linking(e.Activity, store.Time(e.At), []record.Ref{ref}))
	}
	for _, a := range k.Addresses {
		todo = append(todo, store.Statement{
			Query: "INSERT INTO lead_address (address, lead) VALUES ($1, $2) ON CONFLICT DO NOTHING",
			Args:  []any{a, ref.ID}})
	}
	for _, p := range k.Pointers {
		if Pointing(ref.Kind)[p.Kind] != p.Column {
			continue
		}
		todo = append(todo, store.Statement{
			Query: "UPDATE " + string(p.Kind) + " SET " + p.Column + " = $1 WHERE id = $2 AND " + p.Column + " = ''",
			Args:  []any{ref.ID, p.ID}})
		owed, err := owing(ctx, tx, ref, p)
		if err != nil {
			return err
		}
		todo = append(todo, owed...)
	}
	return tx.ExecAll(ctx, todo)
}

// owing has a record that is itself in the bin come back pointing to this one.
func owing(ctx context.Context, tx *store.Tx, ref record.Ref, p pointer) ([]store.Statement, error) {
	k, err := read(ctx, tx, p.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && k.Row.Texts[p.Column] != "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k.Row.Texts[p.Column] = ref.ID
	text, err := json.Marshal(k)
	return []store.Statement{{Query: "UPDATE bin SET kept = $1 WHERE id = $2", Args: []any{string(text), p.ID}}}, err
}
