package crmcore

import (
	"cmp"
	"context"
	"time"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Amendment is what a rule changes of a record; what is empty stays.
type Amendment struct {
	Responsible string
	Stage       string        // of a deal or lead
	Fields      record.Values // changes of the company's own
}

// Amend changes a record in a transaction of the caller's, who has the screens told after the commit; fields names what
// is other than before. Errors: Invalid, ErrConflict.
func (c *Core) Amend(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref,
	a Amendment) (fields []string, err error) {
	old, err := record.Hold(ctx, tx, actor, ref, time.Time{})
	if err != nil {
		return nil, err
	}
	return told(ctx, tx, actor, ref, func() error {
		if len(a.Fields) > 0 {
			had, err := field.Of(ctx, tx, ref)
			if err == nil {
				err = field.Put(ctx, tx, actor, ref, had.With(a.Fields))
			}
			if err != nil {
				return err
			}
		}
		return query.Steps(
			func() error { return moveTo(ctx, tx, actor, ref, a.Stage) },
			func() error { return c.handOver(ctx, tx, actor, ref, old, cmp.Or(a.Responsible, old.Responsible)) })
	})
}

// moveTo puts a record that has stages into another; "" leaves it.
func moveTo(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, stage string) error {
	switch {
	case stage == "":
		return nil
	case ref.Kind == record.Deal:
		return moveDeal(ctx, tx, actor, ref.ID, stage)
	case ref.Kind == record.Lead:
		return changeLeadStage(ctx, tx, actor, ref, stage)
	}
	return input.Refuse("stage", "only deals and leads have stages")
}
