package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Handle registers the job.
func (m *Importing) Handle(jobs *store.Jobs) { jobs.Handle(Job, 1, m.do) }

// do goes on where an import stands, part by part, until it is through.
func (m *Importing) do(ctx context.Context, job store.Job) error {
	var w work
	if err := json.Unmarshal(job.Payload, &w); err != nil {
		return fmt.Errorf("%w: %w", err, store.ErrDead)
	}
	ctx = timeline.Through(store.As(ctx, store.Mail, ""), timeline.ByImport)
	actor, err := m.core.User(ctx, w.User)
	for err == nil {
		var i Import
		if i, err = m.Get(ctx, actor, w.Import); err != nil {
			break
		}
		if !actor.Active && (i.State == Running || i.State == Undoing) {
			return m.end(ctx, i, Done) // who was dismissed changes nothing more; an administrator may take it back
		}
		switch i.State {
		case Running:
			err = m.forth(ctx, actor, i)
		case Undoing:
			err = m.back(ctx, actor, i)
		default:
			return nil
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil // it was deleted meanwhile
	}
	return err
}

// forth does the next part.
func (m *Importing) forth(ctx context.Context, actor people.User, i Import) error {
	part, err := m.after(ctx, i.ID, i.Done)
	if err != nil {
		return err
	}
	if len(part.of) == 0 {
		return m.end(ctx, i, Done)
	}
	b := &batch{Importing: m, actor: actor, of: i, part: part}
	return query.Steps(
		func() (err error) { b.fields, err = m.fields(ctx, i.Kind); return err },
		func() (err error) { b.users, err = m.users(ctx); return err },
		func() error { return b.prepare(ctx) },
		func() error { return b.decide(ctx) },
		func() error { return b.companies(ctx) },
		func() error { return b.change(ctx) },
		func() error { return b.write(ctx) })
}
