package pbx

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/store"
)

// line is one of the calls that a trunk with a limit carries, on whichever node.
type line struct {
	trunk  string
	slot   int64
	call   string
	before string // the call that had it, until it was moved; "" for none
}

// seize takes one of the trunk's lines for a call, unless all are taken. A trunk without a limit (0) has no lines to count: nil.
// CauseOverload when all are taken, CauseFailed when that can't be told.
// The call's record stands before: should the node die, the line is given back with it.
func (l *ledger) seize(ctx context.Context, call, trunk string, limit int) (*line, Cause) {
	if limit <= 0 {
		return nil, CauseNone
	}
	x := l.x
	if !l.stands(ctx) {
		x.log.Error("no line of its trunk is taken for a call that is not written", "call", call, "trunk", trunk)
		return nil, CauseFailed
	}
	for {
		taken, err := x.slots(ctx, trunk)
		if err != nil {
			x.log.Error("call refused: the lines of its trunk can't be counted", "call", call, "trunk", trunk, "err", err)
			return nil, CauseFailed
		}
		if len(taken) >= limit {
			return nil, CauseOverload
		}
		free := firstFree(taken)
		result, err := x.db.Exec(ctx, `INSERT INTO line_use (trunk, slot, call) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, trunk, free, call)
		if err != nil {
			x.log.Error("call refused: no line of its trunk can be taken", "call", call, "trunk", trunk, "err", err)
			return nil, CauseFailed
		}
		if n, _ := result.RowsAffected(); n == 1 { // 0: another call was faster
			return &line{trunk: trunk, slot: free, call: call}, CauseNone
		}
	}
}

// slots of a trunk that are taken, in order.
func (x *Exchange) slots(ctx context.Context, trunk string) ([]int64, error) {
	rows, err := x.db.Query(ctx, `SELECT slot FROM line_use WHERE trunk = $1 ORDER BY slot`, trunk)
	return collect(rows, err, func(row scanner) (slot int64, err error) { return slot, row.Scan(&slot) })
}

func firstFree(taken []int64) int64 {
	free := int64(1)
	for slices.Contains(taken, free) {
		free++
	}
	return free
}

// release gives a line back. Should that fail, the end of the call does it.
func (x *Exchange) release(l *line) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.ctx), writeLimit)
	defer cancel()
	if _, err := x.db.Exec(ctx, `DELETE FROM line_use WHERE trunk = $1 AND slot = $2 AND call IN ($3, $4)`,
		l.trunk, l.slot, l.call, cmp.Or(l.before, l.call)); err != nil {
		x.log.Warn("line of a trunk not given back yet", "call", l.call, "trunk", l.trunk, "err", err)
	}
}

// moved is the line as the other call has it that its leg went to; nil for none.
func (l *line) moved(to string) *line {
	if l == nil {
		return nil
	}
	return &line{trunk: l.trunk, slot: l.slot, call: to, before: l.call}
}

// moveLine notes that a line is another call's now. Should that fail, it counts as free when the one before ends.
func (x *Exchange) moveLine(l *line) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.ctx), writeLimit)
	defer cancel()
	if _, err := x.db.Exec(ctx, `UPDATE line_use SET call = $4 WHERE trunk = $1 AND slot = $2 AND call = $3`, l.trunk, l.slot, l.before, l.call); err != nil {
		x.log.Warn("line of a trunk not moved with its leg", "call", l.call, "trunk", l.trunk, "err", err)
	}
}

// releaseAll gives back what an ended call has left of lines, in the transaction that ends its record.
func releaseAll(ctx context.Context, tx *store.Tx, call string) error {
	_, err := tx.Exec(ctx, `DELETE FROM line_use WHERE call = $1`, call)
	return err
}
