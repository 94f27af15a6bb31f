package field

import (
	"context"
	"maps"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Put gives a record these values in place of those it has, and tells on its timeline what changed. Fields that this
// kind of record has not, or no more, are left out. Errors: Invalid.
func Put(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, values record.Values) error {
	old, err := Of(ctx, tx, ref)
	if err != nil || old.Equal(values) {
		return err
	}
	changed, err := keep(ctx, tx, ref, old, values)
	for _, c := range changed {
		if err != nil {
			return err
		}
		err = timeline.LogChange(ctx, tx, actor, ref, c)
	}
	return err
}

// Of are the values that a record has.
func Of(ctx context.Context, db store.Queries, ref record.Ref) (record.Values, error) {
	return query.One(ctx, db, scanValues,
		query.New("SELECT fields FROM "+string(ref.Kind)+" WHERE id = ?", ref.ID))
}

// Begin gives a new record its first values.
func Begin(ctx context.Context, tx *store.Tx, ref record.Ref, values record.Values) error {
	if len(values) == 0 {
		return nil
	}
	_, err := keep(ctx, tx, ref, record.Values{}, values)
	return err
}

func keep(ctx context.Context, tx *store.Tx, ref record.Ref, old, values record.Values) (changed []timeline.Made,
	err error) {
	fields, err := of(ctx, tx, ref.Kind)
	if err != nil {
		return nil, err
	}
	kept := record.Values{}
	for id, v := range old {
		if _, there := fields[id]; !there {
			kept[id] = v // of a field that may return
		}
	}
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		f, was := fields[id], old[id]
		now, err := f.clean(ctx, tx, values[id], was)
		if err != nil {
			return nil, err
		}
		if len(now) > 0 {
			kept[id] = now
		}
		if slices.Equal(was, now) {
			continue
		}
		changed = append(changed, timeline.Made{What: "field", Name: f.Name, From: f.said(ctx, tx, was),
			To: f.said(ctx, tx, now)})
		if err := index(ctx, tx, ref, f, was, now); err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec(ctx, "UPDATE "+string(ref.Kind)+" SET fields = $1 WHERE id = $2", kept.Kept(), ref.ID)
	return changed, err
}

// index lets lists find the record by the values of a field.
func index(ctx context.Context, tx *store.Tx, ref record.Ref, f Field, was, now []string) error {
	if len(was) > 0 {
		if _, err := tx.Exec(ctx, "DELETE FROM field_value WHERE entity_id = $1 AND field = $2", ref.ID,
			f.ID); err != nil {
			return err
		}
	}
	if len(now) == 0 {
		return nil
	}
	q := query.New("INSERT INTO field_value (entity_id, field, kind, value, rank) VALUES ")
	for _, v := range now {
		q.Values(ref.ID, f.ID, ref.Kind, f.Type.key(v), f.Type.rank(v))
	}
	q.Add(" ON CONFLICT DO NOTHING")
	_, err := tx.Exec(ctx, q.String(), q.Args...)
	return err
}

// Log tells on a record's timeline what is other of its values than before.
func Log(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, old, now record.Values) error {
	fields, err := of(ctx, tx, ref.Kind)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		if slices.Equal(old[id], now[id]) {
			continue
		}
		f := fields[id]
		if err := timeline.LogChange(ctx, tx, actor, ref, timeline.Made{What: "field", Name: f.Name,
			From: f.said(ctx, tx, old[id]), To: f.said(ctx, tx, now[id])}); err != nil {
			return err
		}
	}
	return nil
}

// Again lets lists find a record that comes back by the values it has.
func Again(ctx context.Context, tx *store.Tx, ref record.Ref, values record.Values) error {
	if len(values) == 0 {
		return nil
	}
	fields, err := of(ctx, tx, ref.Kind)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(values)) {
		if f, there := fields[id]; there {
			if err := index(ctx, tx, ref, f, nil, values[id]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Forget takes a deleted record out of the lists.
func Forget(ctx context.Context, tx *store.Tx, ref record.Ref) error {
	_, err := tx.Exec(ctx, "DELETE FROM field_value WHERE entity_id = $1", ref.ID)
	return err
}

func scanValues(r store.Row) (v record.Values, err error) { return v, r.Scan(&v) }
