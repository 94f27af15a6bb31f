// Package merging makes one of several leads, contacts or companies that are one and the same, and takes it back.
package merging

import (
	"context"
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/event"
	"frontdesk/crmcore/history"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Merges makes them. It is safe for concurrent use.
type Merges struct {
	db      *store.DB
	places  []bin.Place
	changed func(ctx context.Context, ref record.Ref)
}

// New has merges give the record that stands the places of other rooms, and tells after the commit what changed.
func New(db *store.DB, places []bin.Place, changed func(ctx context.Context, ref record.Ref)) *Merges {
	return &Merges{db, places, changed}
}

// Merging is leads, contacts or companies that are one and the same.
type Merging struct {
	Kind record.Kind `json:"kind" enum:"lead,contact,company"`
	IDs  []string    `json:"ids" minItems:"2" maxItems:"10" doc:"All of them"`
	Into string      `json:"into,omitempty" doc:"The one that stands; the oldest when left out"`
	// whose value stands
	Stand map[string]string `json:"stand,omitempty" doc:"Whose value stands, by name, as name, company, responsible or field:ID: the id of one of them. What is left out is that of the one that stands or, where it has none, of the oldest that has one; numbers, addresses and tags are joined"`
}

// Merged is what came of it.
type Merged struct {
	ID   string       `json:"id" doc:"For the way back: POST /merges/{id}/undo, until the record that stands is used or the bin is emptied"`
	Into record.Named `json:"into"`
}

// Merge makes one of several records, all of which the actor may change. What leads to the others, their history, deals
// and tasks goes over; they go to the bin. Errors: Invalid, ErrNotFound, ErrForbidden.
func (x *Merges) Merge(ctx context.Context, actor people.User, in Merging) (done Merged, err error) {
	m, err := x.merging(ctx, actor, in)
	if err != nil {
		return done, err
	}
	ctx = timeline.Through(ctx, timeline.ByMerge)
	err = x.db.Tx(ctx, func(tx *store.Tx) error { done, err = x.merge(ctx, tx, actor, m); return err })
	if err == nil {
		x.tellAll(ctx, m.Into, m.Others)
	}
	return done, err
}

func (x *Merges) tellAll(ctx context.Context, into record.Ref, others []string) {
	x.changed(ctx, into)
	for _, id := range others {
		x.changed(ctx, into.Kind.Ref(id))
	}
}

// merging checks which records become one, and says which one stands.
func (x *Merges) merging(ctx context.Context, actor people.User, in Merging) (m bin.Merging, err error) {
	ids := slices.Compact(slices.Sorted(slices.Values(in.IDs))) // ids tell the age
	switch {
	case in.Kind != record.Lead && in.Kind != record.Contact && in.Kind != record.Company:
		return m, input.Refuse("kind", "is lead, contact or company")
	case len(ids) < 2 || len(ids) > 10:
		return m, input.Refuse("ids", "are those of 2 to 10 records")
	case in.Into != "" && !slices.Contains(ids, in.Into):
		return m, input.Refuse("into", "is one of the records that are merged")
	}
	known := bin.Mergeable(in.Kind)
	for name := range in.Stand {
		if _, there := known[name]; !there && !ownField(name) {
			return m, input.Refuse("stand", name+" is nothing that these records have")
		}
	}
	if in.Into == "" {
		if in.Into, err = x.oldest(ctx, in.Kind, ids); err != nil {
			return m, err
		}
	}
	others := slices.DeleteFunc(ids, func(id string) bool { return id == in.Into })
	return bin.Merging{Into: in.Kind.Ref(in.Into), Others: others, Stand: in.Stand, Places: x.places}, nil
}

func ownField(name string) bool { return strings.HasPrefix(name, "field:") }

func (x *Merges) oldest(ctx context.Context, kind record.Kind, ids []string) (string, error) {
	return query.One(ctx, x.db, query.Text, query.New("SELECT id FROM "+string(kind)+" WHERE id").In(ids).
		Add(" ORDER BY created_at, id LIMIT 1"))
}

func (x *Merges) merge(ctx context.Context, tx *store.Tx, actor people.User, m bin.Merging) (done Merged, err error) {
	heads := map[string]record.Head{}
	m.Changed = map[string]time.Time{}
	all := append([]string{m.Into.ID}, m.Others...)
	for _, id := range slices.Sorted(slices.Values(all)) { // in one order, so that nobody waits in a circle
		if heads[id], err = record.Hold(ctx, tx, actor, m.Into.Kind.Ref(id), time.Time{}); err != nil {
			return done, err
		}
		m.Changed[id] = heads[id].Updated
	}
	if m.Into.Kind == record.Lead {
		if err := openLeads(ctx, tx, all); err != nil {
			return done, err
		}
	}
	before, err := history.Read(ctx, tx, m.Into)
	if err != nil {
		return done, err
	}
	done.ID, err = m.Do(ctx, tx, actor, func() error {
		return query.Steps(func() error { _, err := history.Log(ctx, tx, actor, m.Into, before); return err },
			func() error { return logMerged(ctx, tx, actor, m, heads) })
	})
	if err != nil {
		return done, err
	}
	for _, id := range m.Others {
		if err := event.Merged(ctx, tx, m.Into.Kind.Ref(id), m.Into); err != nil {
			return done, err
		}
	}
	if err := event.Record(ctx, tx, m.Into, event.Changed, ""); err != nil {
		return done, err
	}
	h, err := record.HeadOf(ctx, tx, actor, m.Into)
	done.Into = record.Named{Ref: m.Into, Name: h.Name}
	return done, err
}

// logMerged tells on the timeline of the record that stands which others it was made of, and whose it was.
func logMerged(ctx context.Context, tx *store.Tx, actor people.User, m bin.Merging,
	heads map[string]record.Head) error {
	for _, id := range m.Others {
		if err := timeline.LogChange(ctx, tx, actor, m.Into,
			timeline.Made{What: "merged", Name: heads[id].Name}); err != nil {
			return err
		}
	}
	now, err := record.HeadOf(ctx, tx, actor, m.Into)
	if err != nil || now.Responsible == heads[m.Into.ID].Responsible {
		return err
	}
	return history.Responsible(ctx, tx, actor, m.Into, heads[m.Into.ID].Responsible, now.Responsible)
}

func openLeads(ctx context.Context, tx *store.Tx, ids []string) error {
	closed, err := query.All(ctx, tx, query.Text,
		query.New("SELECT name FROM lead WHERE stage = ? AND id", "converted").In(ids))
	if err == nil && len(closed) > 0 {
		err = input.Refuse("ids", closed[0]+" is converted: merge its contact instead")
	}
	return err
}

// Unmerge takes a merge back: bin.Unmerge. The record that stood is told.
func (x *Merges) Unmerge(ctx context.Context, actor people.User, id string) (into record.Ref, err error) {
	var t bin.Taken
	err = x.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if t, err = bin.Unmerge(ctx, tx, actor, id, x.places); err != nil {
			return err
		}
		for _, other := range t.Others {
			if err := event.Record(ctx, tx, other, event.Restored, ""); err != nil {
				return err
			}
		}
		return event.Record(ctx, tx, t.Into, event.Changed, "")
	})
	if err != nil {
		return record.Ref{}, err
	}
	ids := make([]string, len(t.Others))
	for i, other := range t.Others {
		ids[i] = other.ID
	}
	x.tellAll(ctx, t.Into, ids)
	return t.Into, nil
}
