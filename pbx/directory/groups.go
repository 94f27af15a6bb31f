package directory

import (
	"context"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// SaveHuntGroup creates a hunt group (ID empty: it gets one) or changes it. Errors: *input.Invalid, ErrNotFound.
func (d *Directory) SaveHuntGroup(ctx context.Context, g *dialplan.HuntGroup) error {
	plan, err := d.fresh(ctx, dialplan.Tables{Groups: []dialplan.HuntGroup{*g}}.Doors()...)
	if err != nil {
		return err
	}
	if err := plan.CheckGroup(g); err != nil {
		return err
	}
	return d.save(ctx, groupTable(), &g.ID, g.Name, "", string(g.Strategy), asJSON(g.Members), g.Seconds,
		optional(g.Otherwise))
}

// DeleteHuntGroup removes a hunt group; ErrNotFound, and ErrInUse while something leads there.
func (d *Directory) DeleteHuntGroup(ctx context.Context, id string) error {
	return d.delete(ctx, groupTable(), id,
		func(to dialplan.Destination) bool { return to.Kind == dialplan.ToGroup && to.HuntGroup == id })
}

// NextTurn counts a call that goes round a hunt group, over all nodes.
func (d *Directory) NextTurn(ctx context.Context, group string) (number int64, err error) {
	err = d.db.Tx(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `UPDATE hunt_group SET turn = turn + 1 WHERE id = $1 RETURNING turn - 1`, group).Scan(&number)
	})
	return number, store.Found(err)
}

// Turn is the number that the next call would have.
func (d *Directory) Turn(ctx context.Context, group string) (number int64, err error) {
	err = d.db.QueryRow(ctx, `SELECT turn FROM hunt_group WHERE id = $1`, group).Scan(&number)
	return number, store.Found(err)
}

// SaveQueue creates a queue (ID empty: it gets one) or changes it. Errors: *input.Invalid, ErrNotFound.
func (d *Directory) SaveQueue(ctx context.Context, q *dialplan.Queue) error {
	plan, err := d.fresh(ctx, dialplan.Tables{Queues: []dialplan.Queue{*q}}.Doors()...)
	if err != nil {
		return err
	}
	if err := plan.CheckQueue(q); err != nil {
		return err
	}
	return d.save(ctx, queueTable(), &q.ID, q.Name, q.Music, string(q.Strategy), asJSON(q.Agents), q.Seconds, q.WrapUp,
		q.Priority, q.MaxWaiting, q.MaxWait, asJSON(q.Leads), q.Announce, q.Language, q.Callback.Offered,
		q.Callback.Tries, q.Callback.Minutes, q.Music)
}

// DeleteQueue removes a queue; ErrNotFound, and ErrInUse while something leads there. Who waits in it goes on waiting
// for nobody, until he has waited too long.
func (d *Directory) DeleteQueue(ctx context.Context, id string) error {
	if err := d.delete(ctx, queueTable(), id,
		func(to dialplan.Destination) bool { return to.Kind == dialplan.ToQueue && to.Queue == id }); err != nil {
		return err
	}
	_, err := d.db.Exec(ctx, `DELETE FROM queue_wait WHERE queue = $1`, id) // what callers were told of it
	return err
}
