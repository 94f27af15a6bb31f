package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"frontdesk/store"
)

// Handling is how a user wants to be called.
func (d *Directory) Handling(ctx context.Context, user string) (h Handling, err error) {
	var rules string
	err = d.db.QueryRow(ctx, `SELECT rules FROM call_handling WHERE user_id = $1`, user).Scan(&rules)
	if errors.Is(err, sql.ErrNoRows) {
		return Handling{}, nil
	}
	return h, errors.Join(err, readJSON(rules, &h))
}

func readJSON(text string, to any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), to)
}

// handlings are those of all users that have any.
func handlings(ctx context.Context, q store.Queries) (map[string]Handling, error) {
	type row struct {
		user string
		h    Handling
	}
	rows, err := q.Query(ctx, `SELECT user_id, rules FROM call_handling`)
	all, err := store.Collect(rows, err, func(r store.Row) (x row, err error) {
		var rules string
		if err = r.Scan(&x.user, &rules); err != nil {
			return x, err
		}
		return x, readJSON(rules, &x.h)
	})
	of := map[string]Handling{}
	for _, x := range all {
		of[x.user] = x.h
	}
	return of, err
}

// Disturbed are the users who don't want to be disturbed.
func (d *Directory) Disturbed(ctx context.Context) ([]string, error) {
	all, err := handlings(ctx, d.db)
	users := []string{}
	for user, h := range all {
		if h.DND {
			users = append(users, user)
		}
	}
	slices.Sort(users)
	return users, err
}

// handOverHandling has calls that were forwarded to a user who leaves go to the heir; how the user was called is forgotten.
func handOverHandling(ctx context.Context, tx *store.Tx, user, heir string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM call_handling WHERE user_id = $1`, user); err != nil {
		return err
	}
	all, err := handlings(ctx, tx)
	if err != nil {
		return err
	}
	for other, h := range all {
		if !h.give(other, user, heir) {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE call_handling SET rules = $1 WHERE user_id = $2`, asJSON(h), other); err != nil {
			return err
		}
	}
	return nil
}

// give forwards to the heir what was forwarded to a user; nobody forwards to himself.
func (h *Handling) give(of, user, heir string) (given bool) {
	for _, f := range []**Forward{&h.Always, &h.Busy, &h.NoAnswer, &h.Offline, h.closed()} {
		if *f == nil || (*f).Kind != "user" || (*f).User != user {
			continue
		}
		given = true
		if *f = (&Forward{Kind: "user", User: heir}); heir == of {
			*f = nil
		}
	}
	return given
}

// closed is where calls go outside of the user's hours.
func (h *Handling) closed() **Forward {
	if h.Hours == nil {
		return new(*Forward)
	}
	return &h.Hours.Closed
}
