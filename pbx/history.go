package pbx

import (
	"context"
	"errors"

	"frontdesk/pbx/ledger"
)

// Records lists calls, see ledger.Ledger.Records; the filter's number may be in any form.
func (x *Exchange) Records(ctx context.Context, f ledger.Filter) (page []ledger.Record, next string, err error) {
	f.Number = x.directory.E164(f.Number)
	return x.ledger.Records(ctx, f)
}

// Record is one call, see ledger.Ledger.Record.
func (x *Exchange) Record(ctx context.Context, id string) (ledger.Record, error) {
	return x.ledger.Record(ctx, id)
}

// RecordsOf are several calls, see ledger.Ledger.RecordsOf.
func (x *Exchange) RecordsOf(ctx context.Context, calls []string) ([]ledger.Record, error) {
	return x.ledger.RecordsOf(ctx, calls)
}

// NodeOf is the node that runs a call; ErrNotFound when none does.
func (x *Exchange) NodeOf(ctx context.Context, call string) (node string, err error) {
	return x.ledger.NodeOf(ctx, call)
}

// Recover ends what a process of a node left open when it died, see ledger.Ledger.Recover.
func (x *Exchange) Recover(ctx context.Context, node string, epoch int64) error {
	defer x.desk.Look()
	return errors.Join(x.ledger.Recover(ctx, node, epoch), x.desk.Recover(ctx, node, epoch))
}
