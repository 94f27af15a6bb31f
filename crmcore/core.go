package crmcore

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/merging"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// Config of the CRM.
type Config struct {
	Region   string         // ISO 3166 country of the company: how national numbers are read; default "RO"
	Zone     *time.Location // the company's time zone, for the rules; default UTC
	Currency string         // ISO 4217, of deals that name none; default "EUR"
	// Own tells our own numbers and mailboxes, which never become clients; nil: none. On its error nothing is written.
	Own func(ctx context.Context, a address.Address) (bool, error)
	// Lines tells who may read what came over our lines; nil: whoever sees the record.
	Lines timeline.Lines
	// Meetings tells whose titles a user may read; nil: whoever sees the record.
	Meetings timeline.Meetings
	Places   []bin.Place // where other rooms keep records by their ids: a merge gives them the one that stands
	// KnownPasswords makes their hashes cost next to nothing: for tests and the demo, whose passwords everybody knows.
	KnownPasswords bool
}

// Hooks are what the CRM asks of the rest of the house and tells it; each may be nil.
type Hooks struct {
	// Available returns those of the users who can take a client now.
	Available func(ctx context.Context, users []string) []string
	// Looks tells whether somebody sees a card that opens for these users.
	Looks func(users []string) bool
	// Changed tells, after the commit, that a record or its timeline changed; without an id, that many of its kind did.
	Changed func(ctx context.Context, ref record.Ref)
}

// Core is the CRM. It is safe for concurrent use and keeps nothing in memory that another node must know.
type Core struct {
	*people.People
	*rules.Book
	*timeline.Timelines
	*merging.Merges
	db      *store.DB
	cfg     Config
	hooks   Hooks
	log     *slog.Logger
	metrics *metrics
}

// New makes the CRM over an open database.
func New(db *store.DB, cfg Config, hooks Hooks, log *slog.Logger, reg prometheus.Registerer) *Core {
	if cfg.Region == "" {
		cfg.Region = "RO"
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Currency == "" {
		cfg.Currency = "EUR"
	}
	if cfg.Own == nil {
		cfg.Own = func(context.Context, address.Address) (bool, error) { return false, nil }
	}
	if hooks.Available == nil {
		hooks.Available = func(_ context.Context, users []string) []string { return users }
	}
	if hooks.Looks == nil {
		hooks.Looks = func([]string) bool { return true }
	}
	if hooks.Changed == nil {
		hooks.Changed = func(context.Context, record.Ref) {}
	}
	return &Core{People: people.New(db, cfg.KnownPasswords, reg), Book: rules.New(db, hooks.Available),
		Timelines: timeline.New(db, cfg.Lines, cfg.Meetings, hooks.Changed),
		Merges:    merging.New(db, cfg.Places, hooks.Changed),
		db:        db, cfg: cfg, hooks: hooks, log: log,
		metrics: newMetrics(reg)}
}

// Zone is the company's time zone.
func (c *Core) Zone() *time.Location { return c.cfg.Zone }

// Readable names those of the records that the actor may see, in the order given.
func (c *Core) Readable(ctx context.Context, actor people.User, refs []record.Ref) ([]record.Named, error) {
	return record.Visible(ctx, c.db, actor, refs)
}

// Names are what people with these mail addresses are called: colleagues, and the records that the actor may read. An
// address of several records has no name here, as nobody knows whose it is.
func (c *Core) Names(ctx context.Context, actor people.User, addresses []string) (map[string]string, error) {
	return record.Names(ctx, c.db, actor, addresses)
}

// Callees are what clients with these telephone numbers (E.164) are called, in the same way.
func (c *Core) Callees(ctx context.Context, actor people.User, numbers []string) (map[string]string, error) {
	return record.Callees(ctx, c.db, actor, numbers)
}
