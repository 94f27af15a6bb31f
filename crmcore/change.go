package crmcore

import (
	"context"
	"time"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/event"
	"frontdesk/crmcore/history"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// change runs fn on a record that the actor may change and that is still as he saw it (a zero time: as it is now).
// What fn returns of ErrConflict and others undoes everything; after the commit the change is told.
func (c *Core) change(ctx context.Context, actor people.User, ref record.Ref, seen time.Time,
	fn func(tx *store.Tx, old record.Head) error) error {
	return c.alter(ctx, actor, ref, seen, func(tx *store.Tx, old record.Head) error {
		_, err := told(ctx, tx, actor, ref, func() error { return fn(tx, old) })
		return err
	})
}

// told runs fn, which changes a record, and tells what is other than before.
func told(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, fn func() error) (fields []string,
	err error) {
	var before history.Traits
	return fields, query.Steps(
		func() (err error) { before, err = history.Read(ctx, tx, ref); return err },
		fn,
		func() (err error) { fields, err = history.Log(ctx, tx, actor, ref, before); return err },
		func() error { return event.Altered(ctx, tx, ref, fields) })
}

// alter is change without the event.
func (c *Core) alter(ctx context.Context, actor people.User, ref record.Ref, seen time.Time,
	fn func(tx *store.Tx, old record.Head) error) error {
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		old, err := record.Hold(ctx, tx, actor, ref, seen)
		if err != nil {
			return err
		}
		return fn(tx, old)
	})
	if err == nil {
		c.hooks.Changed(ctx, ref)
	}
	return err
}

// Delete puts a record of any kind into the bin. Its calls and mails stay in the log; what a person said in calls goes
// when he is taken out of the bin (see bin.ForgottenJob). Deals and contacts of a deleted client stay.
func (c *Core) Delete(ctx context.Context, actor people.User, ref record.Ref) error {
	return c.alter(ctx, actor, ref, time.Time{}, func(tx *store.Tx, old record.Head) error {
		return query.Steps(func() error { return bin.Put(ctx, tx, actor, ref, bin.ByHand, "") },
			func() error { return event.Record(ctx, tx, ref, event.Deleted, old.Responsible) })
	})
}

// Bin lists what was deleted.
func (c *Core) Bin(ctx context.Context, actor people.User, kind record.Kind,
	p record.Page) (record.List[bin.Deleted], error) {
	return bin.List(ctx, c.db, actor, kind, p)
}

// Restore brings a record back out of the bin: see bin.Restore. One that was merged into another comes back by Unmerge.
func (c *Core) Restore(ctx context.Context, actor people.User, id string) (ref record.Ref, err error) {
	merge, err := bin.MergeOf(ctx, c.db, actor, id)
	if err != nil {
		return ref, err
	}
	if merge != "" {
		into, err := c.Unmerge(ctx, actor, merge)
		return into.Kind.Ref(id), err
	}
	err = c.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if ref, err = bin.Restore(ctx, tx, actor, id); err != nil {
			return err
		}
		return event.Record(ctx, tx, ref, event.Restored, "")
	})
	if err == nil {
		c.hooks.Changed(ctx, ref)
	}
	return ref, err
}

// Erase deletes a record in the bin for good: see bin.Remove.
func (c *Core) Erase(ctx context.Context, actor people.User, id string) error {
	return c.db.Tx(ctx, func(tx *store.Tx) error { return bin.Remove(ctx, tx, actor, id) })
}

// Assign makes an active user responsible. The predecessor's open tasks and unanswered mails on the record go along.
func (c *Core) Assign(ctx context.Context, actor people.User, ref record.Ref, user string) error {
	return c.change(ctx, actor, ref, time.Time{}, func(tx *store.Tx, old record.Head) error {
		return c.handOver(ctx, tx, actor, ref, old, user)
	})
}

// handOver is Assign inside a running change; it does nothing when the responsible user stays.
func (c *Core) handOver(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, old record.Head,
	user string) error {
	if user == old.Responsible {
		return nil
	}
	if err := people.CheckUser(ctx, tx, "responsible", user); err != nil {
		return err
	}
	chosen := ""
	if ref.Kind == record.Lead {
		chosen = ", kept = FALSE"
	}
	if _, err := tx.Exec(ctx, "UPDATE "+string(ref.Kind)+" SET responsible = $1"+chosen+" WHERE id = $2", user,
		ref.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE activity SET user_id = $1 WHERE user_id = $2 AND waiting
		AND id IN (SELECT activity FROM activity_entity WHERE entity_kind = $3 AND entity_id = $4)`, user, old.Responsible, ref.Kind, ref.ID); err != nil {
		return err
	}
	return history.Responsible(ctx, tx, actor, ref, old.Responsible, user)
}
