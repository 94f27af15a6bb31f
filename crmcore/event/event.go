// Package event tells what became of records of the CRM: to other programs, and to what acts on it.
package event

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// What became of a record, in the event that tells it.
const (
	Created  = "created"
	Changed  = "changed"
	Deleted  = "deleted"
	Restored = "restored"
)

// Data is that of contact.changed, company.changed, lead.changed and deal.changed.
type Data struct {
	record.Ref
	Change string      `json:"change"`           // created, changed, deleted, restored
	Into   string      `json:"into,omitempty"`   // of one that was merged into another, and so is deleted: id of the other
	Fields []string    `json:"fields,omitempty"` // what is other than before, by name; of the company's own fields their ids
	By     timeline.By `json:"by,omitempty"`     // what changed it, when it was not somebody in the workplace
	Cause  *Cause      `json:"cause,omitempty"`  // the rule that changed it
}

// Cause is what made something happen: a rule, maybe because of what a rule had done before.
type Cause struct {
	Rule  string `json:"rule"`
	Chain string `json:"chain"` // the same for all that follows from one thing that people did
	Depth int    `json:"depth"` // how many rules are in the chain
}

type causeKey struct{}

// Because is the context of what a rule does.
func Because(ctx context.Context, c Cause) context.Context {
	return context.WithValue(ctx, causeKey{}, &c)
}

func cause(ctx context.Context) *Cause {
	c, _ := ctx.Value(causeKey{}).(*Cause)
	return c
}

// Record tells what became of a record to whoever may read it; who could read a deleted one nobody can say any
// more, so that is told to who was responsible.
func Record(ctx context.Context, tx *store.Tx, ref record.Ref, change, responsible string) error {
	e := Changing(ctx, ref)
	e.Data = Data{Ref: ref, Change: change, By: timeline.Whence(ctx), Cause: cause(ctx)}
	if change == Deleted {
		e.For, e.Record = []string{responsible}, store.EventRecord{}
	}
	return tx.Tell(ctx, e)
}

// Altered tells which of a record's fields are other than before.
func Altered(ctx context.Context, tx *store.Tx, ref record.Ref, fields []string) error {
	return tx.Tell(ctx, Changing(ctx, ref, fields...))
}

// Merged tells of a record that another stands for now to whoever may read that one.
func Merged(ctx context.Context, tx *store.Tx, ref, into record.Ref) error {
	e := Changing(ctx, into)
	e.Type, e.Key, e.Data = string(ref.Kind)+".changed", ref.ID, Data{Ref: ref, Change: Deleted, Into: into.ID}
	return tx.Tell(ctx, e)
}

// Changing is the event of a record that changed, for whoever may read it.
func Changing(ctx context.Context, ref record.Ref, fields ...string) store.Event {
	return store.Event{Type: string(ref.Kind) + ".changed", Key: ref.ID,
		Data:   Data{Ref: ref, Change: Changed, Fields: fields, By: timeline.Whence(ctx), Cause: cause(ctx)},
		Record: store.EventRecord{Kind: string(ref.Kind), ID: ref.ID}}
}

// Making is the event of a new record, for whoever may read it.
func Making(ctx context.Context, ref record.Ref) store.Event {
	e := Changing(ctx, ref)
	e.Data = Data{Ref: ref, Change: Created, By: timeline.Whence(ctx), Cause: cause(ctx)}
	return e
}

// Move is the data of deal.moved and lead.moved.
type Move struct {
	Deal  string `json:"deal,omitempty"`
	Lead  string `json:"lead,omitempty"`
	From  string `json:"from"` // stages
	To    string `json:"to"`
	Cause *Cause `json:"cause,omitempty"` // the rule that moved it
}

// Moved tells that a deal or lead is in another stage.
func Moved(ctx context.Context, tx *store.Tx, ref record.Ref, from, to string) error {
	m := Move{From: from, To: to, Cause: cause(ctx)}
	if ref.Kind == record.Deal {
		m.Deal = ref.ID
	} else {
		m.Lead = ref.ID
	}
	return tx.Tell(ctx, store.Event{Type: string(ref.Kind) + ".moved", Key: ref.ID, Data: m,
		Record: store.EventRecord{Kind: string(ref.Kind), ID: ref.ID}})
}
