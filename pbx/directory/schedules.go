package directory

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// Schedule is one of them; ErrNotFound.
func (d *Directory) Schedule(ctx context.Context, id string) (dialplan.Schedule, error) {
	at := scheduleTable()
	s, err := scanSchedule(d.db.QueryRow(ctx, `SELECT `+at.columns+` FROM `+at.name+` WHERE id = $1`, id))
	return s, store.Found(err)
}

// SaveSchedule creates a schedule (ID empty: it gets one) or changes it. Errors: *input.Invalid, ErrNotFound.
func (d *Directory) SaveSchedule(ctx context.Context, s *dialplan.Schedule) error {
	if err := s.Check(); err != nil {
		return err
	}
	return d.save(ctx, scheduleTable(), &s.ID, s.Name, "", s.Zone, asJSON(s.Hours), asJSON(s.Holidays))
}

// DeleteSchedule removes a schedule; ErrNotFound, and ErrInUse while numbers or extensions have it.
func (d *Directory) DeleteSchedule(ctx context.Context, id string) error {
	route, err := d.routedBy(ctx, func(r dialplan.OutboundRoute) bool { return r.Schedule == id })
	if err != nil {
		return err
	}
	if route != "" {
		return fmt.Errorf("%s: choose other hours there first: %w", route, ErrInUse)
	}
	err = d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lockSchedule(ctx, tx, id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT e164 FROM phone_number WHERE schedule = $1
			UNION ALL SELECT number FROM extension WHERE schedule = $1`, id)
		users, err := store.Collect(rows, err, func(row store.Row) (number string, err error) {
			err = row.Scan(&number)
			return number, err
		})
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return fmt.Errorf("%s: choose other hours there first: %w", strings.Join(users, ", "), ErrInUse)
		}
		_, err = tx.Exec(ctx, `DELETE FROM schedule WHERE id = $1`, id)
		return err
	})
	if err == nil {
		d.touched()
	}
	return err
}

// lockSchedule makes those who choose a schedule and who deletes it follow each other; ErrNotFound.
func lockSchedule(ctx context.Context, tx *store.Tx, id string) error {
	return hit(tx.Exec(ctx, `UPDATE schedule SET id = id WHERE id = $1`, id))
}
