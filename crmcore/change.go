package crmcore

import (
	"context"
	"time"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// change runs fn on a record that the actor may change and that is still as he saw it (a zero time: as it is now).
// What fn returns of ErrConflict and others undoes everything; after the commit the change is told.
func (c *Core) change(ctx context.Context, actor people.User, ref record.Ref, seen time.Time,
	fn func(tx *store.Tx, old record.Head) error) error {
	return c.alter(ctx, actor, ref, seen, func(tx *store.Tx, old record.Head) error {
		return query.Steps(func() error { return fn(tx, old) },
			func() error { return tellRecord(ctx, tx, ref, recordChanged, "") })
	})
}

// alter is change without the event.
func (c *Core) alter(ctx context.Context, actor people.User, ref record.Ref, seen time.Time,
	fn func(tx *store.Tx, old record.Head) error) error {
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		old, err := record.Permit(ctx, tx, actor, ref)
		if err != nil {
			return err
		}
		if !seen.IsZero() && !seen.Equal(old.Updated) {
			return record.ErrConflict
		}
		stamp := max(store.Micros(time.Now()), store.Micros(old.Updated)+1)
		n, err := query.Exec(ctx, tx,
			"UPDATE "+string(ref.Kind)+" SET updated_at = $1 WHERE id = $2 AND updated_at = $3",
			stamp, ref.ID, store.Micros(old.Updated))
		if err == nil && n == 0 {
			err = record.ErrConflict
		}
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

// Delete removes a record of any kind. Its calls and mails stay in the log, but what a person said in calls goes (see
// ForgottenJob); deals and contacts of a deleted client stay.
func (c *Core) Delete(ctx context.Context, actor people.User, ref record.Ref) error {
	return c.alter(ctx, actor, ref, time.Time{}, func(tx *store.Tx, old record.Head) error {
		if err := query.Steps(func() error { return record.Unindex(ctx, tx, ref) },
			func() error { return field.Forget(ctx, tx, ref) },
			func() error { return forget(ctx, tx, ref) }); err != nil {
			return err
		}
		for _, statement := range append(detach(ref.Kind),
			"DELETE FROM "+string(ref.Kind)+" WHERE id = $1",
			"DELETE FROM activity_entity WHERE entity_id = $1 AND entity_kind = '"+string(ref.Kind)+"'") {
			if _, err := tx.Exec(ctx, statement, ref.ID); err != nil {
				return err
			}
		}
		return tellRecord(ctx, tx, ref, recordDeleted, old.Responsible)
	})
}

// detach are the statements that forget a record elsewhere.
func detach(kind record.Kind) []string {
	switch kind {
	case record.Contact:
		return []string{"UPDATE deal SET contact = '' WHERE contact = $1",
			"UPDATE lead SET contact = '' WHERE contact = $1"}
	case record.Company:
		return []string{"UPDATE contact SET company = '' WHERE company = $1",
			"UPDATE deal SET company = '' WHERE company = $1"}
	case record.Lead:
		return []string{"DELETE FROM lead_address WHERE lead = $1"}
	}
	return []string{"UPDATE lead SET deal = '' WHERE deal = $1"}
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
	names, err := people.Names(ctx, tx, old.Responsible, user)
	if err != nil {
		return err
	}
	return timeline.LogChange(ctx, tx, actor, ref,
		timeline.Made{What: "responsible", From: names[old.Responsible], To: names[user]})
}
