package directory

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/nyaruka/phonenumbers"

	"frontdesk/store"
)

// Numbers lists the rented numbers.
func (d *Directory) Numbers(ctx context.Context) ([]Number, error) {
	return numbersOf(ctx, d.db)
}

func numbersOf(ctx context.Context, q store.Queries) ([]Number, error) {
	rows, err := q.Query(ctx, `SELECT e164, trunk, label, destination, schedule, closed
		FROM phone_number ORDER BY e164`)
	return store.Collect(rows, err, func(row store.Row) (n Number, err error) {
		var destination, closed string
		if err = row.Scan(&n.E164, &n.Trunk, &n.Label, &destination, &n.Schedule, &closed); err != nil {
			return n, err
		}
		return n, errors.Join(json.Unmarshal([]byte(destination), &n.Destination), n.read(closed))
	})
}

// SaveNumber creates or updates a rented number, after bringing it into E.164. Errors: *Invalid.
func (d *Directory) SaveNumber(ctx context.Context, n *Number) error {
	e164, ok := Normalise(n.E164, d.config.Region)
	if !ok {
		return invalid("e164", "%q is no telephone number", n.E164)
	}
	n.E164 = e164
	if _, err := d.Trunk(ctx, n.Trunk); err != nil {
		return invalid("trunk", "no such trunk")
	}
	if err := d.checkDestination(ctx, "destination", &n.Destination); err != nil {
		return err
	}
	if err := d.checkTimed(ctx, &n.Timed); err != nil {
		return err
	}
	return d.writeTimed(ctx, n.Timed, `INSERT INTO phone_number (e164, trunk, label, destination, schedule, closed)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (e164) DO UPDATE SET trunk = excluded.trunk, label = excluded.label,
		destination = excluded.destination, schedule = excluded.schedule, closed = excluded.closed`,
		n.E164, n.Trunk, n.Label, asJSON(n.Destination), n.Schedule, n.column())
}

// DeleteNumber removes a rented number; ErrNotFound.
func (d *Directory) DeleteNumber(ctx context.Context, e164 string) error {
	return d.write(ctx, `DELETE FROM phone_number WHERE e164 = $1`, e164)
}

// Extensions lists the internal numbers.
func (d *Directory) Extensions(ctx context.Context) ([]Extension, error) {
	return extensionsOf(ctx, d.db)
}

func extensionsOf(ctx context.Context, q store.Queries) ([]Extension, error) {
	rows, err := q.Query(ctx, `SELECT number, destination, schedule, closed FROM extension ORDER BY number`)
	return store.Collect(rows, err, func(row store.Row) (e Extension, err error) {
		var destination, closed string
		if err = row.Scan(&e.Number, &destination, &e.Schedule, &closed); err != nil {
			return e, err
		}
		return e, errors.Join(json.Unmarshal([]byte(destination), &e.Destination), e.read(closed))
	})
}

// SaveExtension creates or updates an internal number. Errors: *Invalid.
func (d *Directory) SaveExtension(ctx context.Context, e *Extension) error {
	if !digits(e.Number, 2, maxExtension) {
		return invalid("number", "an extension has two to %d digits", maxExtension)
	}
	if phonenumbers.IsEmergencyNumber(e.Number, d.config.Region) {
		return invalid("number", "%s is an emergency number", e.Number)
	}
	if err := d.checkDestination(ctx, "destination", &e.Destination); err != nil {
		return err
	}
	if err := d.checkTimed(ctx, &e.Timed); err != nil {
		return err
	}
	return d.writeTimed(ctx, e.Timed, `INSERT INTO extension (number, destination, schedule, closed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (number) DO UPDATE SET destination = excluded.destination, schedule = excluded.schedule,
		closed = excluded.closed`, e.Number, asJSON(e.Destination), e.Schedule, e.column())
}

// DeleteExtension removes an internal number; ErrNotFound.
func (d *Directory) DeleteExtension(ctx context.Context, number string) error {
	return d.write(ctx, `DELETE FROM extension WHERE number = $1`, number)
}

// E164 is a telephone number as it is kept, however people write it; what is none stays as it is.
func (d *Directory) E164(number string) string {
	if e164, ok := Normalise(number, d.config.Region); ok {
		return e164
	}
	return number
}
