package queue

import (
	"context"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// CallsBack has those called back whose turn it is, by this node: call begins to, and gives what ends it where that is
// not wanted any more. After a call of it Dials or Returns follows. Nil: no longer.
func (d *Desk) CallsBack(call func(Offer) (withdrawn func())) {
	d.mu.Lock()
	d.calls = call
	d.mu.Unlock()
	d.Look()
}

// Promises: a caller is to be called back; done hears whether he is going to be.
func (d *Desk) Promises(call string, done func(promised bool, err error)) {
	var promised bool
	d.does(errand{
		do: func(ctx context.Context, tx *store.Tx) (err error) {
			promised, err = promise(ctx, tx, call)
			return err
		},
		then: func(err error) {
			if err == nil && promised {
				d.forget(call)
			}
			done(promised && err == nil, err)
		}})
}

// Dials: an agent is about to call who asked for it; done hears whether that is still wanted. Reaches, Fails or Returns
// follows.
func (d *Desk) Dials(call, agent string, wrapUp time.Duration, done func(wanted bool)) {
	d.mu.Lock()
	d.talking[agent] = true
	d.mu.Unlock()
	var wanted bool
	d.does(errand{must: true, then: func(error) { d.forget(call); done(wanted) },
		do: func(ctx context.Context, tx *store.Tx) (err error) {
			wanted, err = d.dials(ctx, tx, call, agent, wrapUp)
			return err
		}})
}

// Reaches: who was called back has answered.
func (d *Desk) Reaches(call string) {
	d.does(errand{must: true, then: func(error) {},
		do: func(ctx context.Context, tx *store.Tx) error { return leave(ctx, tx, call) }})
}

// Fails: he has not.
func (d *Desk) Fails(call string, policy dialplan.QueueCallback) {
	d.does(errand{must: true, then: func(error) {},
		do: func(ctx context.Context, tx *store.Tx) error { return fails(ctx, tx, call, policy) }})
}

// CancelCallback has a caller not called back; store.ErrNotFound.
func (d *Desk) CancelCallback(ctx context.Context, queue, call string) error {
	err := d.alone(ctx, func(tx *store.Tx, _ int64) error {
		var found string
		if err := tx.QueryRow(ctx, `SELECT call FROM queue_caller WHERE call = $1 AND queue = $2 AND callback_at > 0`, call,
			queue).Scan(&found); err != nil {
			return store.Found(err)
		}
		return leave(ctx, tx, call)
	})
	if err == nil {
		d.Read()
		d.told()
	}
	return err
}
