package directory

import (
	"context"
	"encoding/json"
	"errors"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// What the dial plan is made of, as SQL keeps it. Each is read alone, or in the transaction that changes it.

// Numbers lists the rented numbers.
func (d *Directory) Numbers(ctx context.Context) ([]dialplan.Number, error) {
	return numbers(ctx, d.db)
}

func numbers(ctx context.Context, q store.Queries) ([]dialplan.Number, error) {
	rows, err := q.Query(ctx, `SELECT e164, trunk, label, destination, schedule, closed, doubted FROM phone_number ORDER BY e164`)
	return store.Collect(rows, err, func(row store.Row) (n dialplan.Number, err error) {
		var destination, closed, doubted string
		if err = row.Scan(&n.E164, &n.Trunk, &n.Label, &destination, &n.Schedule, &closed, &doubted); err != nil {
			return n, err
		}
		return n, errors.Join(readJSON(destination, &n.Destination), readJSON(closed, &n.Closed), readJSON(doubted,
			&n.Doubts))
	})
}

// Extensions lists the internal numbers.
func (d *Directory) Extensions(ctx context.Context) ([]dialplan.Extension, error) {
	return extensions(ctx, d.db)
}

func extensions(ctx context.Context, q store.Queries) ([]dialplan.Extension, error) {
	rows, err := q.Query(ctx, `SELECT number, destination, schedule, closed FROM extension ORDER BY number`)
	return store.Collect(rows, err, func(row store.Row) (e dialplan.Extension, err error) {
		var destination, closed string
		if err = row.Scan(&e.Number, &destination, &e.Schedule, &closed); err != nil {
			return e, err
		}
		return e, errors.Join(readJSON(destination, &e.Destination), readJSON(closed, &e.Closed))
	})
}

// HuntGroups lists the hunt groups, by name.
func (d *Directory) HuntGroups(ctx context.Context) ([]dialplan.HuntGroup, error) {
	return groups(ctx, d.db)
}

func groups(ctx context.Context, q store.Queries) ([]dialplan.HuntGroup, error) {
	rows, err := q.Query(ctx, groupTable().list())
	return store.Collect(rows, err, func(row store.Row) (g dialplan.HuntGroup, err error) {
		var members, otherwise string
		if err = row.Scan(&g.ID, &g.Name, &g.Strategy, &members, &g.Seconds, &otherwise); err != nil {
			return g, err
		}
		return g, errors.Join(readJSON(otherwise, &g.Otherwise), readJSON(members, &g.Members))
	})
}

// Queues lists the queues, by name.
func (d *Directory) Queues(ctx context.Context) ([]dialplan.Queue, error) { return queues(ctx, d.db) }

func queues(ctx context.Context, q store.Queries) ([]dialplan.Queue, error) {
	rows, err := q.Query(ctx, queueTable().list())
	return store.Collect(rows, err, func(row store.Row) (q dialplan.Queue, err error) {
		var agents, leads string
		if err = row.Scan(&q.ID, &q.Name, &q.Strategy, &agents, &q.Seconds, &q.WrapUp, &q.Priority, &q.MaxWaiting,
			&q.MaxWait, &leads, &q.Announce, &q.Language, &q.Callback.Offered, &q.Callback.Tries,
			&q.Callback.Minutes, &q.Music); err != nil {
			return q, err
		}
		return q, errors.Join(readJSON(agents, &q.Agents), readJSON(leads, &q.Leads))
	})
}

// Menus lists the menus and announcements, by name.
func (d *Directory) Menus(ctx context.Context) ([]dialplan.Menu, error) { return menus(ctx, d.db) }

func menus(ctx context.Context, q store.Queries) ([]dialplan.Menu, error) {
	rows, err := q.Query(ctx, menuTable().list())
	return store.Collect(rows, err, func(row store.Row) (m dialplan.Menu, err error) {
		var keys, otherwise string
		if err = row.Scan(&m.ID, &m.Name, &m.Prompt, &m.Language, &keys, &m.Wait, &m.Repeats, &m.Direct,
			&otherwise); err != nil {
			return m, err
		}
		return m, errors.Join(readJSON(keys, &m.Keys), readJSON(otherwise, &m.Otherwise))
	})
}

// Boxes lists the voicemail boxes, by name.
func (d *Directory) Boxes(ctx context.Context) ([]dialplan.VoicemailBox, error) {
	return boxes(ctx, d.db)
}

func boxes(ctx context.Context, q store.Queries) ([]dialplan.VoicemailBox, error) {
	rows, err := q.Query(ctx, boxTable().list())
	return store.Collect(rows, err, func(row store.Row) (b dialplan.VoicemailBox, err error) {
		var users string
		if err = row.Scan(&b.ID, &b.Name, &users, &b.Greeting, &b.Language, &b.Seconds, &b.Keeper); err != nil {
			return b, err
		}
		return b, readJSON(users, &b.Users)
	})
}

// Schedules lists when the company works, by name.
func (d *Directory) Schedules(ctx context.Context) ([]dialplan.Schedule, error) {
	rows, err := d.db.Query(ctx, scheduleTable().list())
	return store.Collect(rows, err, scanSchedule)
}

func scanSchedule(row store.Row) (s dialplan.Schedule, err error) {
	var hours, holidays string
	if err = row.Scan(&s.ID, &s.Name, &s.Zone, &hours, &holidays); err != nil {
		return s, err
	}
	return s, errors.Join(readJSON(hours, &s.Hours), readJSON(holidays, &s.Holidays))
}

// handlings are those of all users that have any.
func handlings(ctx context.Context, q store.Queries) (map[string]dialplan.Handling, error) {
	of := map[string]dialplan.Handling{}
	rows, err := q.Query(ctx, `SELECT user_id, rules FROM call_handling`)
	_, err = store.Collect(rows, err, func(r store.Row) (h dialplan.Handling, err error) {
		var user, rules string
		if err = r.Scan(&user, &rules); err != nil {
			return h, err
		}
		err = readJSON(rules, &h)
		of[user] = h
		return h, err
	})
	return of, err
}

// readJSON reads what a column keeps; nothing where that is empty.
func readJSON(text string, to any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), to)
}
