package bin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Taken is what a merge that is taken back was about.
type Taken struct {
	Into   record.Ref
	Others []record.Ref
}

// MergeOf is the id of the merge that put a record into the bin; "" for any other cause.
func MergeOf(ctx context.Context, db store.Queries, actor people.User, id string) (string, error) {
	item, err := find(ctx, db, actor, id)
	if err != nil || item.Cause != Merge {
		return "", err
	}
	return item.CauseID, nil
}

// Unmerge brings all records of a merge back as they were, unless the one that stands was used since. Errors:
// store.ErrNotFound, ErrForbidden, Invalid.
func Unmerge(ctx context.Context, tx *store.Tx, actor people.User, id string, places []Place) (t Taken, err error) {
	var stamp int64
	text, err := query.One(ctx, tx, func(r store.Row) (s string, err error) {
		return s, r.Scan(&t.Into.Kind, &t.Into.ID, &stamp, &s)
	}, query.New("SELECT kind, into_id, stamp, kept FROM record_merge WHERE id = ?", id))
	if err != nil {
		return t, err
	}
	var u undoing
	if err := json.Unmarshal([]byte(text), &u); err != nil {
		return t, err
	}
	if t.Others, err = mergedAway(ctx, tx, actor, id); err != nil {
		return t, err
	}
	now, err := unused(ctx, tx, actor, t.Into, stamp, u.After)
	if err != nil {
		return t, err
	}
	return t, query.Steps(
		func() error { return u.giveBack(ctx, tx, t.Into, places) },
		func() error { return u.loosen(ctx, tx, t, now) },
		func() error { return u.Before.rewritten(ctx, tx, t.Into, now) },
		func() error {
			for _, other := range t.Others {
				if err := bringBack(ctx, tx, actor, other); err != nil {
					return err
				}
			}
			return nil
		},
		func() error {
			return tx.ExecAll(ctx, []store.Statement{{Query: "DELETE FROM merged WHERE merge_id = $1", Args: []any{id}},
				{Query: "DELETE FROM record_merge WHERE id = $1", Args: []any{id}}})
		})
}

// mergedAway are the records in the bin for a merge, all of which the actor could see.
func mergedAway(ctx context.Context, tx *store.Tx, actor people.User, id string) (refs []record.Ref, err error) {
	ids, err := Caused(ctx, tx, Merge, id)
	for _, one := range ids {
		item, err := find(ctx, tx, actor, one)
		if err != nil {
			return nil, err
		}
		refs = append(refs, item.Ref)
	}
	return refs, err
}

var errUsed = input.Refuse("id", "the record that stands was changed or used since: it can't be taken apart any more")

// unused is the record that stands, if it is as the merge left it.
func unused(ctx context.Context, tx *store.Tx, actor people.User, into record.Ref, stamp int64,
	after kept) (now kept, err error) {
	if _, err := record.Permit(ctx, tx, actor, into); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = errUsed
		}
		return now, err
	}
	n, err := query.Exec(ctx, tx, "UPDATE "+string(into.Kind)+" SET updated_at = $1 WHERE id = $2 AND updated_at = $1",
		stamp, into.ID)
	if err == nil && n == 0 {
		err = errUsed
	}
	if err != nil {
		return now, err
	}
	if now, err = keep(ctx, tx, into); err != nil {
		return now, err
	}
	used := slices.ContainsFunc(now.Entries, func(e entry) bool { return !after.has(e) }) ||
		slices.ContainsFunc(now.Pointers, func(p pointer) bool { return !slices.Contains(after.Pointers, p) })
	if used {
		err = errUsed
	}
	return now, err
}

func (k kept) has(e entry) bool {
	return slices.ContainsFunc(k.Entries, func(o entry) bool { return o.Activity == e.Activity })
}

// giveBack puts records that were merged into places of other rooms again.
func (u undoing) giveBack(ctx context.Context, tx *store.Tx, into record.Ref, places []Place) error {
	var todo []store.Statement
	for _, h := range u.Placed {
		if h.Place < len(places) {
			todo = append(todo, places[h.Place].giving(h.Owner, into.ID, h.From))
		}
	}
	return tx.ExecAll(ctx, todo)
}

// loosen takes from the record that stands what led to it by the merge; what tells of the merge itself is no more.
func (u undoing) loosen(ctx context.Context, tx *store.Tx, t Taken, now kept) error {
	others, err := keptOf(ctx, tx, t.Others)
	if err != nil {
		return err
	}
	var todo []store.Statement
	for _, e := range now.Entries {
		switch {
		case u.Before.has(e):
			continue
		case slices.ContainsFunc(others, func(k kept) bool { return k.has(e) }):
			todo = append(todo, store.Statement{
				Query: "DELETE FROM activity_entity WHERE activity = $1 AND entity_kind = $2 AND entity_id = $3",
				Args:  []any{e.Activity, t.Into.Kind, t.Into.ID}})
		default:
			todo = append(todo, store.Statement{Query: "DELETE FROM activity WHERE id = $1 AND kind = 'change'",
				Args: []any{e.Activity}})
		}
	}
	for _, k := range others {
		for _, p := range k.Pointers {
			todo = append(todo, store.Statement{
				Query: "UPDATE " + string(p.Kind) + " SET " + p.Column + " = '' WHERE id = $1 AND " + p.Column +
					" = $2",
				Args: []any{p.ID, t.Into.ID}})
		}
		for _, a := range k.Addresses {
			todo = append(todo, store.Statement{Query: "DELETE FROM lead_address WHERE address = $1 AND lead = $2",
				Args: []any{a, t.Into.ID}})
		}
	}
	return tx.ExecAll(ctx, todo)
}

func keptOf(ctx context.Context, tx *store.Tx, refs []record.Ref) (all []kept, err error) {
	for _, ref := range refs {
		k, err := read(ctx, tx, ref.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}

// rewritten is rewrite of what was before; who is responsible now stays so where the one before is no more.
func (k kept) rewritten(ctx context.Context, tx *store.Tx, ref record.Ref, now kept) error {
	k.Row = k.Row.copied()
	if r := k.Row.Texts["responsible"]; r != "" && !people.Here(ctx, tx, r) {
		k.Row.Texts["responsible"] = now.Row.Texts["responsible"]
	}
	return k.rewrite(ctx, tx, ref)
}

// MergedInto are the ids of the records in the bin that were merged into some others.
func MergedInto(ctx context.Context, db store.Queries, ids []string) ([]string, error) {
	return query.All(ctx, db, query.Text, query.New(`SELECT b.id FROM bin b JOIN record_merge m ON m.id = b.cause_id
		WHERE b.cause = 'merge' AND m.into_id`).In(ids))
}
