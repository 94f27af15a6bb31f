package timeline

import (
	"context"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Choose says whom a call or mail was with, where several clients share the address or it was only similar: it and
// the follow-up it left stay on that timeline alone. The actor must see the record it goes to and all that it leaves
// (ErrForbidden), unless nobody chose yet and it was he who took part; what was changed on a record stays on it.
func (t *Timelines) Choose(ctx context.Context, actor people.User, activity string, ref record.Ref) (Activity, error) {
	var a Activity
	var before []record.Ref
	err := t.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if a, err = activityFor(ctx, tx, actor, activity); err != nil {
			return err
		}
		if a.Kind == "change" {
			return input.Refuse("activity", "what was changed on a record stays on it")
		}
		ends := []record.Ref{ref}
		if !a.Several || a.User != actor.ID {
			ends = append(ends, a.Entities...)
		}
		if err = permitAll(ctx, tx, actor, ends); err != nil {
			return err
		}
		before, a.Several = a.Entities, false
		if a.Entities, err = WithDeal(ctx, tx, ref); err != nil {
			return err
		}
		return relink(ctx, tx, a)
	})
	if err != nil {
		return Activity{}, err
	}
	t.Tell(ctx, append(before, a.Entities...))
	return t.shown(ctx, actor, a, nil)
}

func permitAll(ctx context.Context, db store.Queries, actor people.User, refs []record.Ref) error {
	for _, ref := range refs {
		if _, err := record.Permit(ctx, db, actor, ref); err != nil {
			return err
		}
	}
	return nil
}

// relink replaces the links of an activity and of the tasks it left.
func relink(ctx context.Context, tx *store.Tx, a Activity) error {
	if _, err := tx.Exec(ctx, "UPDATE activity SET several = FALSE WHERE id = $1", a.ID); err != nil {
		return err
	}
	left, err := Read(ctx, tx, query.New("SELECT "+Columns+
		" FROM activity a WHERE a.kind = 'task' AND a.waiting AND a.address = ? AND a.source = ?", a.Address, a.ID))
	if err != nil {
		return err
	}
	for _, each := range append(left, a) {
		if _, err := tx.Exec(ctx, "DELETE FROM activity_entity WHERE activity = $1", each.ID); err != nil {
			return err
		}
		if err := Link(ctx, tx, each.ID, each.At, a.Entities); err != nil {
			return err
		}
	}
	return nil
}
