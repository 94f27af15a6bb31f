package directory

import (
	"context"
	"errors"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/store"
)

// SaveNumber creates or updates a rented number, after bringing it into E.164. Errors: *input.Invalid.
func (d *Directory) SaveNumber(ctx context.Context, n *dialplan.Number) error {
	e164, ok := dialplan.Normalise(n.E164, d.config.Region)
	if !ok {
		return input.Refuse("e164", "%q is no telephone number", n.E164)
	}
	n.E164 = e164
	if _, err := d.Trunk(ctx, n.Trunk); err != nil {
		return input.Refuse("trunk", "no such trunk")
	}
	plan, err := d.fresh(ctx, dialplan.Tables{Numbers: []dialplan.Number{*n}}.Doors()...)
	if err != nil {
		return err
	}
	if err := plan.CheckNumber(n); err != nil {
		return err
	}
	return d.writeTimed(ctx, n.Timed, `INSERT INTO phone_number (e164, trunk, label, destination, schedule, closed, doubted)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (e164) DO UPDATE SET trunk = excluded.trunk, label = excluded.label,
		destination = excluded.destination, schedule = excluded.schedule, closed = excluded.closed, doubted = excluded.doubted`,
		n.E164, n.Trunk, n.Label, asJSON(n.Destination), n.Schedule, optional(n.Closed), optional(n.Doubts))
}

// DeleteNumber removes a rented number; ErrNotFound.
func (d *Directory) DeleteNumber(ctx context.Context, e164 string) error {
	return d.write(ctx, `DELETE FROM phone_number WHERE e164 = $1`, e164)
}

// SaveExtension creates or updates an internal number. Errors: *input.Invalid.
func (d *Directory) SaveExtension(ctx context.Context, e *dialplan.Extension) error {
	if err := e.Check(d.config.Region); err != nil {
		return err
	}
	plan, err := d.fresh(ctx, dialplan.Tables{Extensions: []dialplan.Extension{*e}}.Doors()...)
	if err != nil {
		return err
	}
	if err := plan.CheckLeads(&e.Destination, &e.Timed); err != nil {
		return err
	}
	return d.writeTimed(ctx, e.Timed, `INSERT INTO extension (number, destination, schedule, closed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (number) DO UPDATE SET destination = excluded.destination, schedule = excluded.schedule,
		closed = excluded.closed`, e.Number, asJSON(e.Destination), e.Schedule, optional(e.Closed))
}

// DeleteExtension removes an internal number; ErrNotFound.
func (d *Directory) DeleteExtension(ctx context.Context, number string) error {
	return d.write(ctx, `DELETE FROM extension WHERE number = $1`, number)
}

// E164 is a telephone number as it is kept, however people write it; what is none stays as it is.
func (d *Directory) E164(number string) string {
	if e164, ok := dialplan.Normalise(number, d.config.Region); ok {
		return e164
	}
	return number
}

// writeTimed writes a number or extension that has a schedule, or none.
func (d *Directory) writeTimed(ctx context.Context, t dialplan.Timed, query string, args ...any) error {
	if t.Schedule == "" {
		return d.write(ctx, query, args...)
	}
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lockSchedule(ctx, tx, t.Schedule); errors.Is(err, ErrNotFound) {
			return input.Refuse("schedule", "no such working hours")
		} else if err != nil {
			return err
		}
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
	if err == nil {
		d.touched()
	}
	return err
}
