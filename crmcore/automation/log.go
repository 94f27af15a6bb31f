package automation

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"frontdesk/crmcore/notice"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// State of a run.
type State string

const (
	Waiting State = "waiting"
	Done    State = "done"
	Failed  State = "failed"
	Skipped State = "skipped" // its time came, and its condition did not hold; or the rule or record was gone
	Halted  State = "stopped" // the rule was switched off instead
)

// Run is something that a rule did, has to do, or could not.
type Run struct {
	ID      string              `json:"id"`
	Rule    string              `json:"rule"`
	Name    string              `json:"name" doc:"Of the rule, then"`
	Record  record.Ref          `json:"record"`
	Called  string              `json:"called" doc:"What the record is called now"`
	State   State               `json:"state" enum:"waiting,done,failed,skipped,stopped"`
	At      time.Time           `json:"at"`
	Did     []timeline.RuleDeed `json:"did"`
	Problem string              `json:"problem,omitempty"`

	occasion, chain string
	depth           int
}

const runColumns = `id, rule, name, kind, record, state, at, did, problem, occasion, chain, depth`

func scanRun(r store.Row) (x Run, err error) {
	var did string
	var at int64
	err = r.Scan(&x.ID, &x.Rule, &x.Name, &x.Record.Kind, &x.Record.ID, &x.State, &at, &did, &x.Problem, &x.occasion,
		&x.chain, &x.depth)
	x.At = store.Time(at)
	if err == nil {
		err = json.Unmarshal([]byte(did), &x.Did)
	}
	return x, err
}

// settle writes what came of a run. Of an event whose condition did not hold nothing is kept.
func settle(ctx context.Context, tx *store.Tx, id string, state State, did []timeline.RuleDeed, problem string) error {
	if did == nil {
		did = []timeline.RuleDeed{}
	}
	text, err := json.Marshal(did)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE automation_run SET state = $2, did = $3, problem = $4 WHERE id = $1", id,
		string(state),
		string(text), problem)
	return err
}

// Log says which runs are asked for.
type Log struct {
	Rule  string
	State State // "": all that came to something
	Limit int
	After string // id; those before it
}

// Runs are the latest runs, the newest first; admins only.
func (a *Automation) Runs(ctx context.Context, actor people.User, l Log) ([]Run, error) {
	if err := people.OnlyAdmins(actor); err != nil {
		return nil, err
	}
	q := query.New("SELECT " + runColumns + " FROM automation_run WHERE TRUE")
	if l.Rule != "" {
		q.Add(" AND rule = ?", l.Rule)
	}
	if l.State != "" {
		q.Add(" AND state = ?", string(l.State))
	} else {
		q.Add(" AND state <> 'skipped'")
	}
	if l.After != "" {
		q.Add(" AND id < ?", l.After)
	}
	list, err := query.All(ctx, a.db, scanRun, q.Add(" ORDER BY id DESC LIMIT ?", l.Limit))
	if err != nil {
		return nil, err
	}
	refs := make([]record.Ref, len(list))
	for i, run := range list {
		refs[i] = run.Record
	}
	named, err := a.core.Readable(ctx, actor, refs)
	for i := range list {
		for _, n := range named {
			if n.Ref == list[i].Record {
				list[i].Called = n.Name
			}
		}
	}
	return list, err
}

// keptFor is how long it is known what rules did.
const keptFor = 400 * 24 * time.Hour

// Prune forgets what rules did long ago, and old notices.
func (a *Automation) Prune(ctx context.Context) error {
	now := a.ports.Now()
	_, err := a.db.Exec(ctx, "DELETE FROM automation_run WHERE at < $1 AND state <> $2",
		store.Micros(now.Add(-keptFor)), Waiting)
	return errors.Join(err, notice.Prune(ctx, a.db, now))
}
