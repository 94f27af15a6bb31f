package automation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"frontdesk/crmcore/event"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// workers do what rules say at once.
const workers = 4

// Handle registers the jobs. Call it before jobs.Run.
func (a *Automation) Handle(jobs *store.Jobs) { jobs.Handle(RunJob, workers, a.run) }

// run does what rules have to do because of one occasion: each in a transaction of its own, which also says that it is
// done. What can't be done is written down; what failed for a moment is tried again.
func (a *Automation) run(ctx context.Context, job store.Job) error {
	var p payload
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	ctx = timeline.Through(ctx, timeline.ByRule)
	for _, id := range p.Runs {
		err := a.attempt(ctx, id)
		var bad *input.Invalid
		if errors.As(err, &bad) || err != nil && job.Attempts >= maxAttempts {
			err = a.fail(ctx, id, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Automation) attempt(ctx context.Context, id string) error {
	var told after
	var came State
	err := a.db.Tx(ctx, func(tx *store.Tx) (err error) {
		told, came = after{}, ""
		told, came, err = a.once(ctx, tx, id)
		return err
	})
	if err == nil && came != "" {
		a.runs.WithLabelValues(string(came)).Inc()
		a.tell(ctx, told)
	}
	return err
}

// once does a run that waits still.
func (a *Automation) once(ctx context.Context, tx *store.Tx, id string) (told after, came State, err error) {
	run, err := query.One(ctx, tx, scanRun, query.New(`UPDATE automation_run SET state = state WHERE id = ?
		AND state = 'waiting' RETURNING `+runColumns, id))
	if errors.Is(err, store.ErrNotFound) {
		return told, "", nil
	}
	if err != nil {
		return told, "", err
	}
	d, err := a.doingOf(ctx, tx, run)
	if err != nil {
		return told, "", err
	}
	if d == nil {
		return told, Skipped, settle(ctx, tx, id, Skipped, nil, "")
	}
	if holds, _ := d.rule.When.Holds(d.f); !holds {
		return told, Skipped, settle(ctx, tx, id, Skipped, nil, "")
	}
	ctx = event.Because(ctx, event.Cause{Rule: run.Rule, Chain: run.chain, Depth: run.depth})
	did, err := d.all(ctx)
	if err != nil {
		return told, "", err
	}
	d.told.records = record.Distinct(append(d.told.records, d.f.Ref))
	return d.told, Done, query.Steps(
		func() error { return timeline.LogRule(ctx, tx, d.f.Ref, d.rule.Name, did) },
		func() error { return settle(ctx, tx, id, Done, did, "") })
}

// doingOf is a run about to be done; nil where the rule or the record is gone.
func (a *Automation) doingOf(ctx context.Context, tx *store.Tx, run Run) (*doing, error) {
	rule, err := query.One(ctx, tx, scanRule, query.New(ruleColumns+" WHERE id = ? AND active", run.Rule))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f, err := a.factsOf(ctx, tx, run.Record, false)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &doing{Automation: a, tx: tx, rule: rule, run: run.ID, f: f}, err
}

// fail writes that a run could not be done, and why.
func (a *Automation) fail(ctx context.Context, id string, why error) error {
	a.runs.WithLabelValues(string(Failed)).Inc()
	problem := why.Error()
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		return settle(ctx, tx, id, Failed, nil, problem[:min(len(problem), 500)])
	})
}
