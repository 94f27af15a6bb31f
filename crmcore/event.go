package crmcore

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// What became of a record, in the event that tells it.
const (
	recordCreated = "created"
	recordChanged = "changed"
	recordDeleted = "deleted"
)

// recordEvent is the data of contact.changed, company.changed, lead.changed and deal.changed.
type recordEvent struct {
	record.Ref
	Change string `json:"change"` // created, changed, deleted
}

// tellRecord tells what became of a record to whoever may read it; who could read a deleted one nobody can say any
// more, so that is told to who was responsible.
func tellRecord(ctx context.Context, tx *store.Tx, ref record.Ref, change, responsible string) error {
	e := changedRecord(ref)
	e.Data = recordEvent{ref, change}
	if change == recordDeleted {
		e.For, e.Record = []string{responsible}, store.EventRecord{}
	}
	return tx.Tell(ctx, e)
}

// changedRecord is the event of a record that changed, for whoever may read it.
func changedRecord(ref record.Ref) store.Event {
	return store.Event{Type: string(ref.Kind) + ".changed", Key: ref.ID, Data: recordEvent{ref, recordChanged},
		Record: store.EventRecord{Kind: string(ref.Kind), ID: ref.ID}}
}

// movedDeal is the data of deal.moved.
type movedDeal struct {
	Deal string `json:"deal"`
	From string `json:"from"` // stages
	To   string `json:"to"`
}

func tellMoved(ctx context.Context, tx *store.Tx, deal, from, to string) error {
	return tx.Tell(ctx, store.Event{Type: "deal.moved", Key: deal, Data: movedDeal{deal, from, to},
		Record: store.EventRecord{Kind: string(record.Deal), ID: deal}})
}

// Events of tasks.
const (
	taskCreated = "task.created"
	taskDone    = "task.done"
	taskOpened  = "task.opened" // again
)

// tellTask tells what became of a task to whoever may read what it is about; of other entries it tells nothing.
func tellTask(ctx context.Context, tx *store.Tx, what string, a Activity) error {
	if a.Kind != "task" {
		return nil
	}
	data := struct {
		Task     string       `json:"task"`
		User     string       `json:"user"`
		Entities []record.Ref `json:"entities"`
	}{a.ID, a.User, a.Entities}
	e := store.Event{Type: what, Key: a.ID, Data: data, For: []string{a.User}}
	if len(a.Entities) > 0 {
		about := record.Foremost(a.Entities)
		e.For, e.Record = nil, store.EventRecord{Kind: string(about.Kind), ID: about.ID}
	}
	return tx.Tell(ctx, e)
}
