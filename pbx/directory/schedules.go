package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/store"
)

const scheduleColumns = `id, name, zone, hours, holidays`

func scanSchedule(row store.Row) (s Schedule, err error) {
	var hours, holidays string
	if err = row.Scan(&s.ID, &s.Name, &s.Zone, &hours, &holidays); err != nil {
		return s, err
	}
	s.location, _ = time.LoadLocation(s.Zone)
	return s, errors.Join(json.Unmarshal([]byte(hours), &s.Hours), json.Unmarshal([]byte(holidays), &s.Holidays))
}

// Schedules lists when the company works, by name.
func (d *Directory) Schedules(ctx context.Context) ([]Schedule, error) {
	rows, err := d.db.Query(ctx, `SELECT `+scheduleColumns+` FROM schedule ORDER BY name, id`)
	return store.Collect(rows, err, scanSchedule)
}

// Schedule is one of them; ErrNotFound.
func (d *Directory) Schedule(ctx context.Context, id string) (Schedule, error) {
	s, err := scanSchedule(d.db.QueryRow(ctx, `SELECT `+scheduleColumns+` FROM schedule WHERE id = $1`, id))
	return s, store.Found(err)
}

// SaveSchedule creates a schedule (ID empty: it gets one) or changes it. Errors: *Invalid, ErrNotFound.
func (d *Directory) SaveSchedule(ctx context.Context, s *Schedule) error {
	if err := s.check(); err != nil {
		return err
	}
	statement := `UPDATE schedule SET name = $2, zone = $3, hours = $4, holidays = $5 WHERE id = $1`
	if s.ID == "" {
		s.ID = store.NewID()
		statement = `INSERT INTO schedule (` + scheduleColumns + `) VALUES ($1, $2, $3, $4, $5)`
	}
	err := d.write(ctx, statement, s.ID, s.Name, s.Zone, asJSON(s.Hours), asJSON(s.Holidays))
	if store.IsUnique(err) {
		return invalid("name", "there are hours called %q already", s.Name)
	}
	return err
}

// DeleteSchedule removes a schedule; ErrNotFound, and ErrInUse while numbers or extensions have it.
func (d *Directory) DeleteSchedule(ctx context.Context, id string) error {
	route, err := d.routedBy(ctx, func(r OutboundRoute) bool { return r.Schedule == id })
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
	result, err := tx.Exec(ctx, `UPDATE schedule SET id = id WHERE id = $1`, id)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrNotFound, err)
	}
	return nil
}

// writeTimed writes a number or extension that has a schedule, or none.
func (d *Directory) writeTimed(ctx context.Context, t Timed, query string, args ...any) error {
	if t.Schedule == "" {
		return d.write(ctx, query, args...)
	}
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lockSchedule(ctx, tx, t.Schedule); errors.Is(err, ErrNotFound) {
			return invalid("schedule", "no such working hours")
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

// checkTimed validates what a number or extension does outside of hours.
func (d *Directory) checkTimed(ctx context.Context, t *Timed) error {
	if t.Schedule == "" {
		t.Closed = nil
		return nil
	}
	switch {
	case t.Closed == nil:
		return invalid("closed", "say where calls go outside of the hours; refuse turns them away")
	case t.Closed.Kind == refused:
		*t.Closed = Destination{Kind: refused}
		return nil
	}
	return d.checkDestination(ctx, "closed", t.Closed)
}

// column is Closed as it is kept.
func (t Timed) column() string {
	if t.Closed == nil {
		return ""
	}
	return asJSON(t.Closed)
}

// read takes what column gave.
func (t *Timed) read(closed string) error {
	if closed == "" {
		return nil
	}
	return json.Unmarshal([]byte(closed), &t.Closed)
}
