// Package directory is who can be called and how: trunks, numbers, extensions, phones with their registrations, meetings,
// the policy for calls outside, and the dial plan that follows from them.
package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"frontdesk/store"
)

// Directory keeps the tables. It is safe for concurrent use.
type Directory struct {
	config  Config
	db      *store.DB
	changed func()

	mu      sync.Mutex
	plan    *Plan // nil: to be read
	version int   // of the tables, as far as this node knows
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

// Plan is the present state of the tables, for routing. It is read once and kept until something changes.
func (d *Directory) Plan(ctx context.Context) (*Plan, error) {
	d.mu.Lock()
	plan, version := d.plan, d.version
	d.mu.Unlock()
	if plan != nil {
		return plan, nil
	}
	plan, err := d.readPlan(ctx)
	if err != nil {
		return nil, fmt.Errorf("dial plan: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.version == version { // not changed while it was read
		d.plan = plan
	}
	return plan, nil
}

func (d *Directory) readPlan(ctx context.Context) (*Plan, error) {
	trunks, err1 := d.Trunks(ctx)
	numbers, err2 := d.Numbers(ctx)
	extensions, err3 := d.Extensions(ctx)
	devices, err4 := d.Devices(ctx, "")
	meetings, err5 := d.Titles(ctx, doors(numbers, extensions))
	policy, err6 := d.Policy(ctx)
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return nil, err
	}
	return newPlan(d.config.Region, trunks, numbers, extensions, devices, meetings, policy), nil
}

// doors are the meetings that numbers and extensions lead to.
func doors(numbers []Number, extensions []Extension) (ids []string) {
	for _, n := range numbers {
		ids = append(ids, n.Destination.Meeting)
	}
	for _, e := range extensions {
		ids = append(ids, e.Destination.Meeting)
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
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
	result, err := d.db.Exec(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrNotFound, err)
	}
	d.touched()
	return nil
}

// asJSON is v as a column keeps it; only types of ours come here, which never fail.
func asJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}
