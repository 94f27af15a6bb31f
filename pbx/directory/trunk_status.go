package directory

import (
	"context"
	"time"

	"frontdesk/store"
)

// TrunkStatus is how a trunk does at the node that registers there.
type TrunkStatus struct {
	Trunk      string
	Node       string
	Registered bool
	Reachable  bool
	Problem    string
	Since      time.Time
	Took       time.Duration // until it answered
}

// SaveTrunkStatus tells all nodes how a trunk does.
func (d *Directory) SaveTrunkStatus(ctx context.Context, s TrunkStatus) error {
	_, err := d.db.Exec(ctx, `INSERT INTO trunk_status (trunk, node, registered, reachable, problem, since, took) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (trunk) DO UPDATE SET node = excluded.node, registered = excluded.registered, reachable = excluded.reachable,
		problem = excluded.problem, since = excluded.since,
		took = excluded.took`,
		s.Trunk, s.Node, s.Registered, s.Reachable, s.Problem, store.Micros(s.Since), s.Took.Microseconds())
	return err
}

// TrunkStatus is what was told last. Errors: ErrNotFound.
func (d *Directory) TrunkStatus(ctx context.Context, trunk string) (TrunkStatus, error) {
	s := TrunkStatus{Trunk: trunk}
	var since, took int64
	err := d.db.QueryRow(ctx, `SELECT node, registered, reachable, problem, since, took FROM trunk_status WHERE trunk = $1`,
		trunk).
		Scan(&s.Node, &s.Registered, &s.Reachable, &s.Problem, &since, &took)
	s.Since, s.Took = store.Time(since), time.Duration(took)*time.Microsecond
	return s, store.Found(err)
}
