package ledger

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/pbx/cause"
	"frontdesk/store"
)

// Channel is one of the calls that a trunk with a limit carries at once, on whichever node.
type Channel struct {
	trunk  string
	slot   int64
	call   string
	before string // the call that had it, until it was moved; "" for none
}

// Seize takes one of the trunk's channels for a call, unless all are taken. A trunk without a limit (0) has none to
// count: nil. cause.Overload when all are taken, cause.Failed when that can't be told. The call's record stands before:
// should the node die, the channel is given back with it.
func (e *Entry) Seize(ctx context.Context, call, trunk string, limit int) (*Channel, cause.Cause) {
	if limit <= 0 {
		return nil, cause.None
	}
	log := e.writer.log.With("call", call, "trunk", trunk)
	if !e.stands(ctx) {
		log.Error("no channel of its trunk is taken for a call that is not written")
		return nil, cause.Failed
	}
	for {
		taken, err := e.writer.slots(ctx, trunk)
		if err != nil {
			log.Error("call refused: the channels of its trunk can't be counted", "err", err)
			return nil, cause.Failed
		}
		if len(taken) >= limit {
			return nil, cause.Overload
		}
		free := firstFree(taken)
		result, err := e.writer.db.Exec(ctx, `INSERT INTO line_use (trunk, slot, call) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, trunk, free, call)
		if err != nil {
			log.Error("call refused: no channel of its trunk can be taken", "err", err)
			return nil, cause.Failed
		}
		if n, _ := result.RowsAffected(); n == 1 { // 0: another call was faster
			return &Channel{trunk: trunk, slot: free, call: call}, cause.None
		}
	}
}

// SeizeInbound is Seize for a call that came through the trunk: it waits for as long as a record may take to be
// written. A limit that can't be told now is to refuse nobody who calls us.
func (e *Entry) SeizeInbound(call, trunk string, limit int) (*Channel, cause.Cause) {
	ctx, cancel := context.WithTimeout(e.writer.ctx, writeLimit)
	defer cancel()
	return e.Seize(ctx, call, trunk, limit)
}

// slots of a trunk that are taken, in order.
func (c *core) slots(ctx context.Context, trunk string) ([]int64, error) {
	rows, err := c.db.Query(ctx, `SELECT slot FROM line_use WHERE trunk = $1 ORDER BY slot`, trunk)
	return store.Collect(rows, err, func(row store.Row) (slot int64, err error) { return slot, row.Scan(&slot) })
}

func firstFree(taken []int64) int64 {
	free := int64(1)
	for slices.Contains(taken, free) {
		free++
	}
	return free
}

// GiveBack releases a channel of a trunk, nil for none. Should that fail, the end of the call does it.
func (e *Entry) GiveBack(c *Channel) {
	if c != nil {
		e.add(line{waits: true, frees: &store.Statement{
			Query: `DELETE FROM line_use WHERE trunk = $1 AND slot = $2 AND call IN ($3, $4)`,
			Args:  []any{c.trunk, c.slot, c.call, cmp.Or(c.before, c.call)}}})
	}
}

// Moved is the channel as the other call has it that its leg went to; nil for none.
func (c *Channel) Moved(to string) *Channel {
	if c == nil {
		return nil
	}
	return &Channel{trunk: c.trunk, slot: c.slot, call: to, before: c.call}
}

// Move notes, in the entry of the call before, that a channel is another call's now: before the end of that call, which
// frees all it has. Should that fail, the channel counts as free when the call before ends.
func (e *Entry) Move(c *Channel) {
	e.add(line{frees: &store.Statement{
		Query: `UPDATE line_use SET call = $4 WHERE trunk = $1 AND slot = $2 AND call = $3`,
		Args:  []any{c.trunk, c.slot, c.before, c.call}}})
}
