package crmcore

import (
	"context"
	"slices"
	"time"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

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
func (c *Core) Merge(ctx context.Context, actor people.User, in Merging) (done Merged, err error) {
	m, err := c.merging(ctx, actor, in)
	if err != nil {
		return done, err
	}
	ctx = timeline.Through(ctx, timeline.ByMerge)
	err = c.db.Tx(ctx, func(tx *store.Tx) error { done, err = c.merge(ctx, tx, actor, m); return err })
	if err == nil {
		c.tellAll(ctx, m.Into, m.Others)
	}
	return done, err
}

func (c *Core) tellAll(ctx context.Context, into record.Ref, others []string) {
	c.hooks.Changed(ctx, into)
	for _, id := range others {
		c.hooks.Changed(ctx, into.Kind.Ref(id))
	}
}

// merging checks which records become one, and says which one stands.
func (c *Core) merging(ctx context.Context, actor people.User, in Merging) (m bin.Merging, err error) {
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
		if in.Into, err = c.oldest(ctx, in.Kind, ids); err != nil {
			return m, err
		}
	}
	others := slices.DeleteFunc(ids, func(id string) bool { return id == in.Into })
	return bin.Merging{Into: in.Kind.Ref(in.Into), Others: others, Stand: in.Stand, Places: c.cfg.Places}, nil
}

func ownField(name string) bool { return len(name) > len("field:") && name[:len("field:")] == "field:" }

func (c *Core) oldest(ctx context.Context, kind record.Kind, ids []string) (string, error) {
	return query.One(ctx, c.db, query.Text, query.New("SELECT id FROM "+string(kind)+" WHERE id").In(ids).
		Add(" ORDER BY created_at, id LIMIT 1"))
}

func (c *Core) merge(ctx context.Context, tx *store.Tx, actor people.User, m bin.Merging) (done Merged, err error) {
	heads := map[string]record.Head{}
	all := append([]string{m.Into.ID}, m.Others...)
	for _, id := range slices.Sorted(slices.Values(all)) { // in one order, so that nobody waits in a circle
		if heads[id], err = hold(ctx, tx, actor, m.Into.Kind.Ref(id), time.Time{}); err != nil {
			return done, err
		}
	}
	if m.Into.Kind == record.Lead {
		if err := openLeads(ctx, tx, all); err != nil {
			return done, err
		}
	}
	before, err := traits(ctx, tx, m.Into)
	if err != nil {
		return done, err
	}
	done.ID, err = m.Do(ctx, tx, actor, func() error {
		return query.Steps(func() error { return logTraits(ctx, tx, actor, m.Into, before) },
			func() error { return logMerged(ctx, tx, actor, m, heads) })
	})
	if err != nil {
		return done, err
	}
	for _, id := range m.Others {
		if err := tellMerged(ctx, tx, m.Into.Kind.Ref(id), m.Into); err != nil {
			return done, err
		}
	}
	if err := tellRecord(ctx, tx, m.Into, recordChanged, ""); err != nil {
		return done, err
	}
	h, err := record.HeadOf(ctx, tx, actor, m.Into)
	done.Into = record.Named{Ref: m.Into, Name: h.Name}
	return done, err
}

// logMerged tells on the timeline of the record that stands which others it was made of, and whose it was.
func logMerged(ctx context.Context, tx *store.Tx, actor people.User, m bin.Merging, heads map[string]record.Head) error {
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
	return logResponsible(ctx, tx, actor, m.Into, heads[m.Into.ID].Responsible, now.Responsible)
}

func openLeads(ctx context.Context, tx *store.Tx, ids []string) error {
	closed, err := query.All(ctx, tx, query.Text,
		query.New("SELECT name FROM lead WHERE stage = ? AND id", LeadConverted).In(ids))
	if err == nil && len(closed) > 0 {
		err = input.Refuse("ids", closed[0]+" is converted: merge its contact instead")
	}
	return err
}

// Unmerge takes a merge back: bin.Unmerge. The record that stood is told.
func (c *Core) Unmerge(ctx context.Context, actor people.User, id string) (into record.Ref, err error) {
	var t bin.Taken
	err = c.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if t, err = bin.Unmerge(ctx, tx, actor, id, c.cfg.Places); err != nil {
			return err
		}
		for _, other := range t.Others {
			if err := tellRecord(ctx, tx, other, recordRestored, ""); err != nil {
				return err
			}
		}
		return tellRecord(ctx, tx, t.Into, recordChanged, "")
	})
	if err != nil {
		return record.Ref{}, err
	}
	ids := make([]string, len(t.Others))
	for i, other := range t.Others {
		ids[i] = other.ID
	}
	c.tellAll(ctx, t.Into, ids)
	return t.Into, nil
}
