package recording

import (
	"context"
	"slices"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Delete removes a recording; ErrNotFound.
func (r *Recordings) Delete(ctx context.Context, id string) error {
	n, err := r.remove(ctx, func(q *query.Builder) { q.Add("id = ?", id) })
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// Erase removes what there is of calls.
func (r *Recordings) Erase(ctx context.Context, calls []string) error {
	if len(calls) == 0 {
		return nil
	}
	_, err := r.remove(ctx, func(q *query.Builder) { q.Add("call").In(calls) })
	return err
}

// Expire removes what is older than the policy has it kept, and says how many went. Any node may.
func (r *Recordings) Expire(ctx context.Context) (gone int, err error) {
	p, err := r.Policy(ctx)
	if err != nil {
		return 0, err
	}
	before := store.Micros(time.Now().AddDate(0, 0, -p.Days))
	return r.remove(ctx, func(q *query.Builder) { q.Add("at < ?", before) })
}

// remove deletes the recordings that which says. Their contents go with the next sweep, where nothing else has the
// same.
func (r *Recordings) remove(ctx context.Context, which func(*query.Builder)) (n int, err error) {
	err = r.db.Tx(ctx, func(tx *store.Tx) error {
		ids := func(q *query.Builder) { q.Add("(SELECT id FROM recording WHERE ").With(which).Add(")") }
		for _, q := range []*query.Builder{
			query.New(`INSERT INTO mail_dropped (blob, at) SELECT DISTINCT blob, CAST(? AS BIGINT) FROM recording WHERE `,
				store.Micros(time.Now())).With(which).Add(" ON CONFLICT DO NOTHING"),
			query.New("DELETE FROM recording_heard WHERE recording IN ").With(ids),
		} {
			if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
				return err
			}
		}
		q := query.New("DELETE FROM recording WHERE ").With(which)
		result, err := tx.Exec(ctx, q.String(), q.Args...)
		if err != nil {
			return err
		}
		count, err := result.RowsAffected()
		n = int(count)
		return err
	})
	return n, err
}

// With are the ids of the recordings of calls.
func (r *Recordings) With(ctx context.Context, calls []string) (ids []string, err error) {
	for some := range slices.Chunk(calls, together) {
		more, err := query.All(ctx, r.db, query.Text, query.New("SELECT id FROM recording WHERE call").In(some).
			Add(" ORDER BY id"))
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

// together is how many calls are asked about at once.
const together = 200
