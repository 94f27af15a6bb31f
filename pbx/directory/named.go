package directory

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/store"
)

// save creates a thing, where id is empty and becomes its own, or changes it, and announces it; values are those of the
// columns after the id. Errors: *input.Invalid where the name is taken, or the prompt not there; ErrNotFound.
func (d *Directory) save(ctx context.Context, t table, id *string, name, prompt string, values ...any) error {
	statement := `UPDATE ` + t.name + ` SET ` + numbered(t.columns, "%[1]s = $%[2]d") + ` WHERE id = $1`
	if *id == "" {
		*id = store.NewID()
		statement = `INSERT INTO ` + t.name + ` (` + t.columns + `) VALUES (` + numbered(t.columns, "$%[2]d") + `)`
	}
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := t.hold(ctx, tx, prompt); err != nil {
			return err
		}
		return hit(tx.Exec(ctx, statement, append([]any{*id, name}, values...)...))
	})
	if store.IsUnique(err) {
		return input.Refuse("name", "there is one called %q already", name)
	}
	if err == nil {
		d.touched()
	}
	return err
}

// delete removes a thing; ErrNotFound, and ErrInUse while something leads there.
func (d *Directory) delete(ctx context.Context, t table, id string, leads func(dialplan.Destination) bool) error {
	if err := d.unused(ctx, leads); err != nil {
		return err
	}
	return d.write(ctx, `DELETE FROM `+t.name+` WHERE id = $1`, id)
}

// unused fails with ErrInUse while a destination is such a one.
func (d *Directory) unused(ctx context.Context, leads func(dialplan.Destination) bool) error {
	plan, err := d.fresh(ctx)
	if err != nil {
		return err
	}
	if users := plan.Users(leads); len(users) > 0 {
		return fmt.Errorf("%s: let it lead elsewhere first: %w", strings.Join(users, ", "), ErrInUse)
	}
	return nil
}

// DeleteMeeting removes a meeting; people in it stay until they leave. ErrInUse while a number or extension leads
// there.
func (d *Directory) DeleteMeeting(ctx context.Context, id string) error {
	if err := d.unused(ctx, func(to dialplan.Destination) bool { return to.Meeting == id }); err != nil {
		return err
	}
	return d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := keepOwner(ctx, tx, id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM meeting WHERE id = $1`, id)
		return err
	})
}
