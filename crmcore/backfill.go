package crmcore

import (
	"context"
	"fmt"

	"frontdesk/crmcore/address"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Backfill writes what a version before did not know to write: the plain form of mailboxes. It goes in small steps and
// may run on any number of nodes.
func (c *Core) Backfill(ctx context.Context) error {
	for {
		n, err := c.backfillMailboxes(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

const backfillBatch = 200

func (c *Core) backfillMailboxes(ctx context.Context) (int, error) {
	q := query.New("SELECT DISTINCT value FROM contact_point WHERE reversed = ? AND kind = 'email' LIMIT ?",
		[]byte{}, backfillBatch)
	values, err := query.All(ctx, c.db, query.Text, q)
	if err != nil {
		return 0, fmt.Errorf("mailboxes without a plain form: %w", err)
	}
	err = c.db.Tx(ctx, func(tx *store.Tx) error {
		for _, v := range values {
			if _, err := tx.Exec(ctx, "UPDATE contact_point SET reversed = $1 WHERE value = $2 AND kind = 'email'",
				address.PlainMailbox(v), v); err != nil {
				return err
			}
		}
		return nil
	})
	return len(values), err
}
