package automation

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"frontdesk/crmcore/notice"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// cursor is how far the automation has taken the events; it is there while a rule waits for some.
const cursor = "automation"

const (
	maxChain = 10  // rules that set each other off
	maxHour  = 100 // runs of a rule with one record in an hour
)

// Follow turns what happens into work until ctx ends.
func (a *Automation) Follow(ctx context.Context, events *store.EventLog) {
	events.Follow(ctx, cursor, a.take)
}

// take writes what rules have to do because of a batch of events. Their conditions are asked when it is done.
func (a *Automation) take(ctx context.Context, tx *store.Tx, _ string, batch []store.Told) error {
	rules, err := active(ctx, tx)
	if err != nil || len(rules) == 0 {
		return err
	}
	for _, e := range batch {
		o, ok := occasionOf(e)
		if !ok {
			continue
		}
		var runs []string
		for i := range rules {
			if !rules[i].setOff(o) {
				continue
			}
			run, err := a.begin(ctx, tx, &rules[i], o)
			if err != nil {
				return err
			}
			if run != "" {
				runs = append(runs, run)
			}
		}
		if err := enqueue(ctx, tx, runs); err != nil {
			return err
		}
	}
	return nil
}

// active are the rules that are switched on, in order.
func active(ctx context.Context, q store.Queries) ([]Routine, error) {
	return query.All(ctx, q, scanRule, query.New(ruleColumns+" WHERE active ORDER BY position, id"))
}

// begin writes that a rule has something to do, unless it has it already: "" then. A rule that goes round in a circle
// is switched off instead.
func (a *Automation) begin(ctx context.Context, tx *store.Tx, r *Routine, o occasion) (run string, err error) {
	chain, depth := store.NewID(), 1
	if o.cause != nil {
		chain, depth = cmp.Or(o.cause.Chain, chain), o.cause.Depth+1
	}
	why, state := Stopped(""), Waiting
	if depth > maxChain {
		why = loop
	} else if n, err := recent(ctx, tx, r.ID, o.ref, a.ports.Now()); err != nil {
		return "", err
	} else if n >= maxHour {
		why = busy
	}
	if why != "" {
		state = Halted
	}
	run = store.NewID()
	n, err := query.Exec(ctx, tx, `INSERT INTO automation_run (id, rule, name, kind, record, occasion, state, at, chain, depth,
		did, problem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '[]', $11) ON CONFLICT DO NOTHING`, run, r.ID,
		r.Name, o.ref.Kind, o.ref.ID, o.key, state, store.Micros(a.ports.Now()), chain, depth, string(why))
	if err != nil || n == 0 {
		return "", err
	}
	if why != "" {
		return "", a.stop(ctx, tx, r, why, o.ref)
	}
	return run, nil
}

// recent counts what a rule had to do with a record in the last hour.
func recent(ctx context.Context, tx *store.Tx, rule string, ref record.Ref, now time.Time) (int64, error) {
	return query.One(ctx, tx, number, query.New(`SELECT COUNT(*) FROM automation_run WHERE rule = ? AND record = ? AND kind = ?
		AND at > ? AND state <> 'skipped'`, rule, ref.ID, ref.Kind, store.Micros(now.Add(-time.Hour))))
}

// stop switches a rule off that goes round in a circle, and tells the administrators.
func (a *Automation) stop(ctx context.Context, tx *store.Tx, r *Routine, why Stopped, with record.Ref) error {
	r.Active = false
	by := record.Named{Ref: with}
	found, err := query.All(ctx, tx, query.Text, query.New("SELECT name FROM "+string(with.Kind)+" WHERE id = ?",
		with.ID))
	if err != nil {
		return err
	}
	if len(found) > 0 {
		by.Name = found[0]
	}
	text, err := json.Marshal(by)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE automation_rule SET active = FALSE, stopped = $2, stopped_at = $3, stopped_by = $4
		WHERE id = $1`, r.ID, string(why), store.Micros(a.ports.Now()), string(text)); err != nil {
		return err
	}
	admins, err := people.Admins(ctx, tx)
	if err != nil {
		return err
	}
	a.log.Warn("a rule was switched off", "rule", r.Name, "why", why, "kind", with.Kind, "id", with.ID)
	a.runs.WithLabelValues(string(Halted)).Inc()
	return notice.Tell(ctx, tx, notice.UserNotice{What: notice.RuleStopped, Text: string(why), Name: r.Name,
		About: &by},
		admins...)
}

// RunJob does what rules have to do.
const RunJob = "automation.run"

type payload struct {
	Runs []string `json:"runs"` // in the order of their rules
}

func enqueue(ctx context.Context, tx *store.Tx, runs []string) error {
	if len(runs) == 0 {
		return nil
	}
	return store.Enqueue(ctx, tx, RunJob, payload{runs}, store.JobOptions{MaxAttempts: maxAttempts})
}

const maxAttempts = 10 // of what fails for another reason than the rule
