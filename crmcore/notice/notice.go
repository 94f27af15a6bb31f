// Package notice keeps what people are told in the workplace, until they have read it.
package notice

import (
	"context"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// What a notice tells.
type What string

const (
	Rule        What = "rule"         // a rule says so
	RuleStopped What = "rule_stopped" // a rule was switched off by itself
)

// UserNotice is one to a user.
type UserNotice struct {
	ID    string        `json:"id"`
	What  What          `json:"what" enum:"rule,rule_stopped"`
	Text  string        `json:"text" doc:"Somebody's own words; of rule_stopped: loop or busy"`
	Name  string        `json:"name" doc:"Of the rule"`
	About *record.Named `json:"about,omitempty" doc:"The record that it is about, as it was called then"`
	At    time.Time     `json:"at"`
	Read  bool          `json:"read"`
}

const (
	most     = 100                 // are shown
	keptFor  = 90 * 24 * time.Hour // and kept
	maxToldN = 500                 // users at once
)

// Tell leaves a notice for each of the users, in a transaction of the caller's, who has their screens told after it.
func Tell(ctx context.Context, tx *store.Tx, n UserNotice, users ...string) error {
	about := record.Named{}
	if n.About != nil {
		about = *n.About
	}
	for _, user := range users[:min(len(users), maxToldN)] {
		if err := tx.Later(ctx, store.Statement{Query: `INSERT INTO notice (id, user_id, what, text, name, kind, record, title,
			at, read_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
			Args: []any{store.NewID(), user, string(n.What), n.Text, n.Name, string(about.Kind), about.ID, about.Name,
				store.Micros(time.Now())}}); err != nil {
			return err
		}
	}
	return nil
}

// Of are the latest notices to a user, the newest first.
func Of(ctx context.Context, db store.Queries, user string) ([]UserNotice, error) {
	return query.All(ctx, db, func(r store.Row) (n UserNotice, err error) {
		var about record.Named
		var at, read int64
		err = r.Scan(&n.ID, &n.What, &n.Text, &n.Name, &about.Kind, &about.ID, &about.Name, &at, &read)
		if n.At, n.Read = store.Time(at), read != 0; about.ID != "" {
			n.About = &about
		}
		return n, err
	}, query.New(`SELECT id, what, text, name, kind, record, title, at, read_at FROM notice WHERE user_id = ?
		ORDER BY id DESC LIMIT ?`, user, most))
}

// Read marks notices of a user as read, or as not read again; without ids all.
func Read(ctx context.Context, db store.Queries, user string, ids []string, read bool) error {
	at := int64(0)
	if read {
		at = store.Micros(time.Now())
	}
	q := query.New("UPDATE notice SET read_at = ? WHERE user_id = ?", at, user)
	if len(ids) > 0 {
		q.Add(" AND id").In(ids)
	}
	_, err := db.Exec(ctx, q.String(), q.Args...)
	return err
}

// Prune forgets old ones.
func Prune(ctx context.Context, db store.Queries, now time.Time) error {
	_, err := db.Exec(ctx, "DELETE FROM notice WHERE at < $1", store.Micros(now.Add(-keptFor)))
	return err
}
