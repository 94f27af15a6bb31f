package ledger

import (
	"context"
	"encoding/json"

	"frontdesk/store"
)

// Running is a call that runs, and on which node.
type Running struct {
	Call string   `json:"call"`
	Node string   `json:"-"`
	From string   `json:"from"`      // number of the caller, of calls that ring
	Name string   `json:"from_name"` // and name
	Rung []string `json:"rung"`      // users whom a step of it rings now
}

// Ringing are the calls of all nodes that ring users now, the longest waiting first.
func (l *Ledger) Ringing(ctx context.Context) ([]Running, error) {
	rows, err := l.db.Query(ctx, `SELECT r.id, r.node, r.from_number, r.from_name, s.users FROM call_record r JOIN call_step s ON s.call = r.id
		WHERE r.ended_at = 0 AND s.ended_at = 0 AND s.kind = $1 ORDER BY r.id, s.position`, Ring)
	return store.Collect(rows, err, func(row store.Row) (c Running, err error) {
		var users string
		if err = row.Scan(&c.Call, &c.Node, &c.From, &c.Name, &users); err != nil {
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

// ParkedCall is a call that waits in a slot.
type ParkedCall struct {
	Slot int64  `json:"slot"`
	Call string `json:"call"`
	From string `json:"from"`      // number of the caller
	Name string `json:"from_name"` // and name, as the call knows it
	To   string `json:"to"`
}

// AllParked are the calls of all nodes that are parked, by slot.
func (l *Ledger) AllParked(ctx context.Context) ([]ParkedCall, error) {
	rows, err := l.db.Query(ctx, `SELECT u.slot, r.id, r.from_number, r.from_name, r.to_number FROM line_use u
		JOIN call_record r ON r.id = u.call WHERE u.trunk = $1 AND r.ended_at = 0 ORDER BY u.slot`, parking)
	return store.Collect(rows, err, func(row store.Row) (c ParkedCall, err error) {
		return c, row.Scan(&c.Slot, &c.Call, &c.From, &c.Name, &c.To)
	})
}
