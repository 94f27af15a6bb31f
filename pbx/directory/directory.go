// Package directory keeps who can be called and how: trunks, numbers, extensions, phones with their registrations,
// meetings, the policy for calls outside, and reads the dial plan that follows from them.
package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// Directory keeps the tables. It is safe for concurrent use.
type Directory struct {
	config  Config
	db      *store.DB
	changed func()

	mu      sync.Mutex
	plan    *dialplan.Plan // nil: to be read
	version int            // of the tables, as far as this node knows
}

// New opens the tables. changed, which may be nil, is called after each change made through this Directory that
// concerns routing, so that the other nodes can be told to call Changed.
func New(c Config, db *store.DB, changed func()) *Directory {
	return &Directory{config: c.withDefaults(), db: db, changed: changed}
}

// Realm of the digest passwords kept here.
func (d *Directory) Realm() string { return d.config.Realm }

// Changed makes the next call read the tables anew: another node changed them.
func (d *Directory) Changed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan = nil
	d.version++
}

// touched follows each change of what the plan is made of.
func (d *Directory) touched() {
	d.Changed()
	if d.changed != nil {
		d.changed()
	}
}

// write runs one statement that must hit a row.
func (d *Directory) write(ctx context.Context, query string, args ...any) error {
	if err := hit(d.db.Exec(ctx, query, args...)); err != nil {
		return err
	}
	d.touched()
	return nil
}

// hit is the error of a statement that must hit a row: ErrNotFound where it hits none.
func hit(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// asJSON is v as a column keeps it; only types of ours come here, which never fail.
func asJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// optional is a destination as a column keeps it: "" for none.
func optional[T any](to *T) string {
	if to == nil {
		return ""
	}
	return asJSON(to)
}

// numbered writes each of columns by its name and number.
func numbered(columns, format string) string {
	names := strings.Split(columns, ", ")
	for i, name := range names {
		names[i] = fmt.Sprintf(format, name, i+1)
	}
	return strings.Join(names, ", ")
}

// maxAsked are asked for in one statement.
const maxAsked = 500

// list are values as the inside of SQL's IN ().
func list(values []string) (marks string, args []any) {
	for i, v := range values {
		marks += ", $" + strconv.Itoa(i+1)
		args = append(args, v)
	}
	return strings.TrimPrefix(marks, ", "), args
}
