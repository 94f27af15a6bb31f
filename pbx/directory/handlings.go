package directory

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// Handling is how a user wants to be called.
func (d *Directory) Handling(ctx context.Context, user string) (h dialplan.Handling, err error) {
	var rules string
	err = d.db.QueryRow(ctx, `SELECT rules FROM call_handling WHERE user_id = $1`, user).Scan(&rules)
	if errors.Is(err, sql.ErrNoRows) {
		return dialplan.Handling{}, nil
	}
	return h, errors.Join(err, readJSON(rules, &h))
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

// handOverHandling has calls that were forwarded to a user who leaves go to the heir; how the user was called is
// forgotten.
func handOverHandling(ctx context.Context, tx *store.Tx, user, heir string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM call_handling WHERE user_id = $1`, user); err != nil {
		return err
	}
	all, err := handlings(ctx, tx)
	if err != nil {
		return err
	}
	for other, h := range all {
		if !h.Give(other, user, heir) {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE call_handling SET rules = $1 WHERE user_id = $2`, asJSON(h), other); err != nil {
			return err
		}
	}
	return nil
}
