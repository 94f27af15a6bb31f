package ledger

import (
	"context"
	"fmt"

	"frontdesk/pbx/cause"
	"frontdesk/store"
)

// NodeOf is the node that runs a call; ErrNotFound when none does.
func (l *Ledger) NodeOf(ctx context.Context, call string) (node string, err error) {
	err = l.db.QueryRow(ctx, `SELECT node FROM call_record WHERE id = $1 AND ended_at = 0`, call).Scan(&node)
	return node, store.Found(err)
}

// Recover closes the records that a process of a node left open when it died, in that epoch or an earlier one:
// cause.CutOff, at the time they were last known alive. Several nodes may do so at once.
func (l *Ledger) Recover(ctx context.Context, node string, epoch int64) error {
	rows, err := l.db.Query(ctx, `SELECT `+recordColumns+
		`, seen_at FROM call_record WHERE node = $1 AND epoch <= $2 AND ended_at = 0`, node, epoch)
	left, err := store.Collect(rows, err, func(row store.Row) (r Record, err error) {
		var seen int64
		r, err = scanRecord(row, &seen)
		r.Ended = store.Time(seen)
		return r, err
	})
	if err != nil {
		return fmt.Errorf("calls of node %s: %w", node, err)
	}
	if err := l.readPeople(ctx, left); err != nil { // they are told
		return fmt.Errorf("calls of node %s: %w", node, err)
	}
	for _, r := range left {
		r.Cause = cause.CutOff
		r.Outcome = Outcome(r)
		if r.Ended.Before(r.Answered) {
			r.Ended = r.Answered
		}
		if err := l.cutOff(ctx, &r); err != nil {
			return fmt.Errorf("call %s of node %s: %w", r.ID, node, err)
		}
		l.log.Warn("call was cut off by the end of its process", "call", r.ID, "node", node, "outcome", r.Outcome)
	}
	return nil
}

// cutOff ends a record that a dead process left open.
func (l *Ledger) cutOff(ctx context.Context, r *Record) error {
	var b *batch
	err := l.db.Tx(ctx, func(tx *store.Tx) error {
		b = l.newBatch(tx)
		if err := b.read(ctx, []string{r.ID}); err != nil {
			return err
		}
		b.cutSteps(r)
		if err := b.conclude(r, &state{}); err != nil {
			return err
		}
		return b.run(ctx)
	})
	if err == nil {
		b.committed()
	}
	return err
}
