package ledger

import (
	"context"
	"encoding/json"

	"frontdesk/store"
)

// Running is a call that runs, and on which node.
type Running struct {
	Call string
	Node string
	Rung []string // users whom a step of it rings now, where that was asked for
}

// Ringing are the calls of all nodes that ring users now, the longest waiting first.
func (l *Ledger) Ringing(ctx context.Context) ([]Running, error) {
	rows, err := l.db.Query(ctx, `SELECT r.id, r.node, s.users FROM call_record r JOIN call_step s ON s.call = r.id
		WHERE r.ended_at = 0 AND s.ended_at = 0 AND s.kind = $1 ORDER BY r.id, s.position`, Ring)
	return store.Collect(rows, err, func(row store.Row) (c Running, err error) {
		var users string
		if err = row.Scan(&c.Call, &c.Node, &users); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(users), &c.Rung)
	})
}

// RunningOf are the calls of all nodes that a user takes part in, or did, the newest first.
func (l *Ledger) RunningOf(ctx context.Context, user string) ([]Running, error) {
	rows, err := l.db.Query(ctx, `SELECT r.id, r.node FROM call_record r JOIN call_user u ON u.call = r.id
		WHERE r.ended_at = 0 AND u.user_id = $1 AND u.role = 'took' AND r.direction <> 'meeting' ORDER BY r.id DESC`, user)
	return store.Collect(rows, err, func(row store.Row) (c Running, err error) {
		return c, row.Scan(&c.Call, &c.Node)
	})
}

// parking is what the slots of parked calls are kept as: they are the company's, as the channels of a trunk are.
const parking = "parking"

// maxParked calls are parked at once.
const maxParked = 99

// SeizePark takes a slot for a call that is parked; nil: there is none.
func (e *Entry) SeizePark(call string) *Channel {
	channel, _ := e.SeizeInbound(call, parking, maxParked)
	return channel
}

// Slot is the number of a channel among those of its kind, from 1.
func (c *Channel) Slot() int64 { return c.slot }

// Parked is the call that is parked in a slot; ErrNotFound.
func (l *Ledger) Parked(ctx context.Context, slot int64) (c Running, err error) {
	err = l.db.QueryRow(ctx, `SELECT r.id, r.node FROM line_use u JOIN call_record r ON r.id = u.call
		WHERE u.trunk = $1 AND u.slot = $2 AND r.ended_at = 0`, parking, slot).Scan(&c.Call, &c.Node)
	return c, store.Found(err)
}
