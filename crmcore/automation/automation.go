// Package automation does what the company's rules say when something becomes of a record, or when its time has come:
// each once, on whichever node, in the transaction that writes what comes of it.
package automation

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// Ports are what it asks of rooms that it may not know; each may be nil.
type Ports struct {
	// Webhook names one that is switched on. Errors: *input.Invalid.
	Webhook func(ctx context.Context, q store.Queries, id string) (name string, err error)
	// Noticed has the screens of users read their notices anew.
	Noticed func(users []string)
	// Now is the time; time.Now.
	Now func() time.Time
}

// Automation is safe for concurrent use, by any number of nodes on one database.
type Automation struct {
	db    *store.DB
	core  *crmcore.Core
	ports Ports
	log   *slog.Logger
	runs  *prometheus.CounterVec
}

// New makes it over a migrated database. Register its work with Handle, and run Follow.
func New(db *store.DB, core *crmcore.Core, ports Ports, log *slog.Logger, reg prometheus.Registerer) *Automation {
	if ports.Noticed == nil {
		ports.Noticed = func([]string) {}
	}
	if ports.Now == nil {
		ports.Now = time.Now
	}
	a := &Automation{db: db, core: core, ports: ports, log: log, runs: newRuns(reg)}
	return a
}

// Noticed has the screens of a user read his notices anew.
func (a *Automation) Noticed(user string) { a.ports.Noticed([]string{user}) }

// after is what is told once a transaction is committed.
type after struct {
	records []record.Ref
	users   []string // with new notices
}

func (a *Automation) tell(ctx context.Context, told after) {
	a.core.Tell(ctx, told.records)
	if len(told.users) > 0 {
		a.ports.Noticed(told.users)
	}
}
