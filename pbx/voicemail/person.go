package voicemail

import (
	"context"
	"slices"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// left is the condition of messages of calls, or from numbers.
func left(calls, numbers []string) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("(call").In(append(slices.Clone(calls), "")).Add(" AND call <> '' OR from_number").
			In(append(slices.Clone(numbers), "")).Add(" AND from_number <> '')")
	}
}

// LeftBy are the ids of the messages of calls, or from numbers.
func (v *Messages) LeftBy(ctx context.Context, calls, numbers []string) ([]string, error) {
	return query.All(ctx, v.db, query.Text, query.New("SELECT id FROM voicemail WHERE ").With(left(calls, numbers)).
		Add(" ORDER BY id"))
}

// Erase removes the messages of calls, and from numbers. Their contents go with the next sweep.
func (v *Messages) Erase(ctx context.Context, calls, numbers []string) error {
	return v.db.Tx(ctx, func(tx *store.Tx) error {
		which := left(calls, numbers)
		for _, q := range []*query.Builder{
			query.New(`INSERT INTO mail_dropped (blob, at) SELECT DISTINCT blob, CAST(? AS BIGINT) FROM voicemail WHERE `,
				store.Micros(time.Now())).With(which).Add(" ON CONFLICT DO NOTHING"),
			query.New("DELETE FROM voicemail WHERE ").With(which),
		} {
			if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
				return err
			}
		}
		return nil
	})
}
