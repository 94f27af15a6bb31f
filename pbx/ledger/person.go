package ledger

import (
	"context"
	"slices"

	"frontdesk/store"
	"frontdesk/store/query"
)

const together = 200

// With are the ids of the calls with outside numbers, or with guests who had them.
func With(ctx context.Context, db store.Queries, numbers []string) ([]string, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	return query.All(ctx, db, query.Text, query.New("SELECT id FROM call_record WHERE from_number").In(numbers).
		Add(" UNION SELECT id FROM call_record WHERE to_number").In(numbers).
		Add(" UNION SELECT call FROM call_guest WHERE number").In(numbers).Add(" ORDER BY 1"))
}

// Anonymise leaves of calls that they were, when, how long and with which of ours: who was outside is not known any
// more. Where a call had several people outside, only who had one of the numbers.
func Anonymise(ctx context.Context, tx *store.Tx, calls, numbers []string) error {
	for some := range slices.Chunk(calls, together) {
		for _, q := range []*query.Builder{
			query.New("UPDATE call_record SET from_number = '', from_name = '' WHERE direction = 'in' AND id").In(some),
			query.New("UPDATE call_record SET to_number = '' WHERE direction = 'out' AND id").In(some),
			query.New("UPDATE call_step SET number = '' WHERE call").In(some),
			query.New("DELETE FROM call_guest WHERE call").In(some).Add(" AND number").In(numbers),
		} {
			if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
				return err
			}
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	for _, q := range []*query.Builder{
		query.New("UPDATE call_record SET from_number = '', from_name = '' WHERE from_number").In(numbers),
		query.New("UPDATE call_record SET to_number = '' WHERE to_number").In(numbers),
		query.New("UPDATE call_step SET number = '' WHERE number").In(numbers),
		query.New("UPDATE toll_call SET number = '' WHERE number").In(numbers),
	} {
		if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
			return err
		}
	}
	return nil
}
