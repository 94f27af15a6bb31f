// Package limit bounds how much mail one user sends, so that a stolen password is worth little and seen soon.
package limit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"frontdesk/store"
)

// Rule is how many recipients a user's mails may have; 0: any number.
type Rule struct {
	Minute int `json:"minute" minimum:"0" maximum:"1000000" doc:"Recipients in a minute, 0: any number"`
	Day    int `json:"day" minimum:"0" maximum:"10000000" doc:"Recipients in the last 24 hours, 0: any number"`
}

// Standard holds for everybody until an administrator says otherwise: more than people write by hand.
func Standard() Rule { return Rule{Minute: 120, Day: 2000} }

// Exception is the rule of one user; "" is the company's.
type Exception struct {
	User string `json:"user" maxLength:"100" doc:"Id; empty: of everybody without one of his own"`
	Rule
}

// Over says that a user has come to a limit.
type Over struct {
	Rule  Rule
	Today bool // to that of the day, else of the minute
}

func (o *Over) Error() string {
	if o.Today {
		return fmt.Sprintf(
			"you have written to %d recipients in 24 hours, which is your limit: an administrator can raise it",
			o.Rule.Day)
	}
	return fmt.Sprintf("you are sending too fast: at most %d recipients in a minute", o.Rule.Minute)
}

// Limits count over all nodes.
type Limits struct{ db *store.DB }

// New opens the limits over a migrated database.
func New(db *store.DB) *Limits { return &Limits{db} }

// Take counts n recipients of a user's mail in the transaction that accepts it. *Over when they are too many.
func (l *Limits) Take(ctx context.Context, tx *store.Tx, user string, n int) error {
	minute := time.Now().Unix() / 60
	var now, day int
	err := tx.QueryRow(ctx, `INSERT INTO mail_sent (user_id, minute, n) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, minute) DO UPDATE SET n = mail_sent.n + excluded.n RETURNING n`, user, minute, n).Scan(&now)
	if err != nil {
		return err
	}
	rule, err := ruleOf(ctx, tx, user)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM mail_sent WHERE user_id = $1 AND minute <= $2`, user, minute-24*60); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, `SELECT CAST(sum(n) AS BIGINT) FROM mail_sent WHERE user_id = $1`, user).Scan(&day); err != nil {
		return err
	}
	switch {
	case rule.Day > 0 && day > rule.Day:
		return &Over{Rule: rule, Today: true}
	case rule.Minute > 0 && now > rule.Minute:
		return &Over{Rule: rule}
	}
	return nil
}

func ruleOf(ctx context.Context, q store.Queries, user string) (Rule, error) {
	rule := Standard()
	err := q.QueryRow(ctx, `SELECT per_minute, per_day FROM mail_sent_limit WHERE user_id = $1 OR user_id = '' ORDER BY user_id DESC LIMIT 1`,
		user).Scan(&rule.Minute, &rule.Day)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return rule, err
}

// First notes that a user came to a limit, and tells whether it is the first time today, on whichever node.
func (l *Limits) First(ctx context.Context, user string) (bool, error) {
	result, err := l.db.Exec(ctx, `INSERT INTO mail_sent_over (user_id, day) VALUES ($1, $2) ON CONFLICT DO NOTHING`, user, today())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

func today() int64 { return time.Now().Unix() / (24 * 3600) }

// Stopped are the users who came to a limit today or yesterday.
func (l *Limits) Stopped(ctx context.Context) ([]string, error) {
	rows, err := l.db.Query(ctx, `SELECT DISTINCT user_id FROM mail_sent_over WHERE day >= $1 ORDER BY user_id`, today()-1)
	return store.Collect(rows, err, func(row store.Row) (user string, err error) { return user, row.Scan(&user) })
}

// Rules lists the company's rule first, then those of single users.
func (l *Limits) Rules(ctx context.Context) ([]Exception, error) {
	rows, err := l.db.Query(ctx, `SELECT user_id, per_minute, per_day FROM mail_sent_limit ORDER BY user_id`)
	list, err := store.Collect(rows, err, func(row store.Row) (e Exception, err error) {
		return e, row.Scan(&e.User, &e.Minute, &e.Day)
	})
	if err == nil && (len(list) == 0 || list[0].User != "") {
		list = append([]Exception{{Rule: Standard()}}, list...)
	}
	return list, err
}

// Set changes a rule, the company's or one user's.
func (l *Limits) Set(ctx context.Context, e Exception) error {
	_, err := l.db.Exec(ctx, `INSERT INTO mail_sent_limit (user_id, per_minute, per_day) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET per_minute = excluded.per_minute, per_day = excluded.per_day`, e.User, e.Minute, e.Day)
	return err
}

// Forget has the company's rule hold for a user again, or the standard one for the company.
func (l *Limits) Forget(ctx context.Context, user string) error {
	_, err := l.db.Exec(ctx, `DELETE FROM mail_sent_limit WHERE user_id = $1`, user)
	return err
}
