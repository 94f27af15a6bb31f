// Package event tells what became of records of the CRM: to other programs, and to what acts on it.
package event

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// What became of a record, in the event that tells it.
const (
	Created  = "created"
	Changed  = "changed"
	Deleted  = "deleted"
	Restored = "restored"
)

// recordEvent is the data of contact.changed, company.changed, lead.changed and deal.changed.
type recordEvent struct {
	record.Ref
	Change string `json:"change"`         // created, changed, deleted, restored
	Into   string `json:"into,omitempty"` // of one that was merged into another, and so is deleted: id of the other
}

// Record tells what became of a record to whoever may read it; who could read a deleted one nobody can say any
// more, so that is told to who was responsible.
func Record(ctx context.Context, tx *store.Tx, ref record.Ref, change, responsible string) error {
	e := Changing(ref)
	e.Data = recordEvent{Ref: ref, Change: change}
	if change == Deleted {
		e.For, e.Record = []string{responsible}, store.EventRecord{}
	}
	return tx.Tell(ctx, e)
}

// Merged tells of a record that another stands for now to whoever may read that one.
func Merged(ctx context.Context, tx *store.Tx, ref, into record.Ref) error {
	e := Changing(into)
	e.Type, e.Key, e.Data = string(ref.Kind)+".changed", ref.ID, recordEvent{ref, Deleted, into.ID}
	return tx.Tell(ctx, e)
}

// Changing is the event of a record that changed, for whoever may read it.
func Changing(ref record.Ref) store.Event {
	return store.Event{Type: string(ref.Kind) + ".changed", Key: ref.ID, Data: recordEvent{Ref: ref, Change: Changed},
		Record: store.EventRecord{Kind: string(ref.Kind), ID: ref.ID}}
}

// Making is the event of a new record, for whoever may read it.
func Making(ref record.Ref) store.Event {
	e := Changing(ref)
	e.Data = recordEvent{Ref: ref, Change: Created}
	return e
}

// movedDeal is the data of deal.moved.
type movedDeal struct {
	Deal string `json:"deal"`
	From string `json:"from"` // stages
	To   string `json:"to"`
}

func Moved(ctx context.Context, tx *store.Tx, deal, from, to string) error {
	return tx.Tell(ctx, store.Event{Type: "deal.moved", Key: deal, Data: movedDeal{deal, from, to},
		Record: store.EventRecord{Kind: string(record.Deal), ID: deal}})
}
