// Package supervision keeps who listened in on which calls, and whether those in them are shown it.
package supervision

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"frontdesk/store"
)

// How somebody supervises a call.
const (
	Listen  = "listen"  // he hears all, and nobody hears him
	Whisper = "whisper" // our people in it hear him
	Barge   = "barge"   // all hear him
	Left    = "left"    // he no longer does
)

// Valid tells whether a call can be supervised so.
func Valid(how string) bool { return how == Listen || how == Whisper || how == Barge }

// Policy is what the company has decided.
type Policy struct {
	Hidden bool `json:"hidden"` // those in a call are not shown who only listens or whispers
}

// setting is the name under which the policy is kept.
const setting = "pbx.supervision"

// Book is what is kept. It is safe for concurrent use.
type Book struct{ db *store.DB }

// New opens it.
func New(db *store.DB) *Book { return &Book{db} }

// Policy is the one that holds.
func (b *Book) Policy(ctx context.Context) (p Policy, err error) {
	var value string
	err = b.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, setting).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(value), &p)
}

// SavePolicy changes it for those who come from now on.
func (b *Book) SavePolicy(ctx context.Context, p Policy) error {
	value, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = b.db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, setting, string(value))
	return err
}

// Note writes down what a supervisor of a call does from now on.
func (b *Book) Note(ctx context.Context, call, user, how string) error {
	_, err := b.db.Exec(ctx, `INSERT INTO call_supervision (call, user_id, how, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT DO NOTHING`, call, user, how, store.Micros(time.Now()))
	return err
}

// Deed is that somebody supervised a call.
type Deed struct {
	User string    `json:"user"`
	How  string    `json:"how" enum:"listen,whisper,barge,left" doc:"left: no longer, from then on"`
	At   time.Time `json:"at"`
}

// Of is who supervised a call, in order.
func (b *Book) Of(ctx context.Context, call string) ([]Deed, error) {
	rows, err := b.db.Query(ctx, `SELECT user_id, how, at FROM call_supervision WHERE call = $1 ORDER BY at LIMIT 500`, call)
	return store.Collect(rows, err, func(row store.Row) (d Deed, err error) {
		var at int64
		err = row.Scan(&d.User, &d.How, &at)
		d.At = store.Time(at)
		return d, err
	})
}
