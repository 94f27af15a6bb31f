package queue

import (
	"context"
	"errors"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// Who waits may hang up and be called when it is his turn. He keeps his place: his row is of no node until one finds an
// agent for him, and of that one only while it calls; of a node that dies the rows are of none again.

// Job of the kind is left when somebody could not be called back: {"call": id} of the call that he asked for it in.
const Job = "intake.callback"

const (
	maxCallbacks = 200              // of a queue: more are not promised
	goesAway     = 10 * time.Second // until who asked for it has heard that he will be called, and has hung up
	keptFor      = 24 * time.Hour   // who could not be called for so long is left to people
)

// promise has a caller called back; false: too many are to be already, or he waits no more.
func promise(ctx context.Context, tx *store.Tx, call string) (promised bool, err error) {
	result, err := tx.Exec(ctx, `UPDATE queue_caller SET callback_at = $2, asked_at = $4, node = '', epoch = 0
		WHERE call = $1
		AND (SELECT COUNT(*) FROM queue_caller o WHERE o.queue = queue_caller.queue AND o.callback_at > 0) < $3`, call,
		store.Micros(time.Now().Add(goesAway)), maxCallbacks, store.Micros(time.Now()))
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM queue_offer WHERE call = $1`, call)
	return true, err
}

// dials: an agent is about to call who asked for it; false: that is not wanted any more.
func (q *Queues) dials(ctx context.Context, tx *store.Tx, call, agent string,
	wrapUp time.Duration) (wanted bool, err error) {
	result, err := tx.Exec(ctx, `UPDATE queue_caller SET tries = tries + 1 WHERE call = $1 AND node = $2 AND epoch = $3`, call,
		q.node, q.epoch)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, tx.ExecAll(ctx, []store.Statement{
		{Query: `DELETE FROM queue_offer WHERE call = $1`, Args: []any{call}}, q.talks(call, agent, wrapUp)})
}

// fails: who was called did not answer. He is called again, or was called often enough.
func fails(ctx context.Context, tx *store.Tx, call string, policy dialplan.QueueCallback) error {
	var tries int
	next := time.Now().Add(time.Duration(policy.Minutes) * time.Minute)
	rows, err := tx.Query(ctx, `UPDATE queue_caller SET node = '', epoch = 0, callback_at = $2 WHERE call = $1
		RETURNING tries`, call, store.Micros(next))
	found, err := store.Collect(rows, err, func(row store.Row) (n int, err error) { return n, row.Scan(&tries) })
	if err != nil || len(found) == 0 || tries < policy.Tries {
		return err
	}
	return giveUp(ctx, tx, call)
}

// giveUp leaves a caller to people.
func giveUp(ctx context.Context, tx *store.Tx, call string) error {
	return errors.Join(leave(ctx, tx, call),
		store.Enqueue(ctx, tx, Job, map[string]string{"call": call}, store.JobOptions{Dedupe: call}))
}

// lapse gives up the callbacks that nobody has been found for, and those of queues that are no more. Next is when the
// first of the others is due; zero: there are none.
func lapse(ctx context.Context, tx *store.Tx, queues []dialplan.Queue) (next time.Time, err error) {
	exists := map[string]bool{}
	for _, q := range queues {
		exists[q.ID] = true
	}
	rows, err := tx.Query(ctx, `SELECT `+callerColumns+` FROM queue_caller c WHERE c.callback_at > 0`)
	all, err := store.Collect(rows, err, scanCaller)
	for _, c := range all {
		if c.Node == "" && (!exists[c.Queue] || time.Since(c.Since) > keptFor) {
			err = errors.Join(err, giveUp(ctx, tx, c.Call))
		} else if next.IsZero() || c.After.Before(next) {
			next = c.After
		}
	}
	return next, err
}
