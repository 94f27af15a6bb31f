package pbx

import (
	"context"
	"errors"

	"frontdesk/pbx/ledger"
)

// Records lists calls, see ledger.Ledger.Records; the filter's number may be in any form.
func (x *Exchange) Records(ctx context.Context, f ledger.Filter) (page []ledger.Record, next string, err error) {
	f.Number = x.board.Directory.E164(f.Number)
	return x.board.Ledger.Records(ctx, f)
}

// Record is one call, see ledger.Ledger.Record.
func (x *Exchange) Record(ctx context.Context, id string) (ledger.Record, error) {
	return x.board.Ledger.Record(ctx, id)
}

// RecordsOf are several calls, see ledger.Ledger.RecordsOf.
func (x *Exchange) RecordsOf(ctx context.Context, calls []string) ([]ledger.Record, error) {
	return x.board.Ledger.RecordsOf(ctx, calls)
}

// RangBy are the users whose phones a call rang; none, where it left no record.
func (x *Exchange) RangBy(ctx context.Context, call string) ([]string, error) {
	records, err := x.RecordsOf(ctx, []string{call})
	if len(records) == 0 {
		return nil, err
	}
	return records[0].Rang, err
}

// NodeOf is the node that runs a call; ErrNotFound when none does.
func (x *Exchange) NodeOf(ctx context.Context, call string) (node string, err error) {
	return x.board.Ledger.NodeOf(ctx, call)
}

// Recover ends what a process of a node left open when it died, see ledger.Ledger.Recover.
func (x *Exchange) Recover(ctx context.Context, node string, epoch int64) error {
	defer x.board.Desk.Look()
	return errors.Join(x.board.Ledger.Recover(ctx, node, epoch), x.board.Desk.Recover(ctx, node, epoch))
}
