package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// New makes the queue over a migrated database. Register its work with Handle.
func New(config Config, box *mail.Box, db *store.DB, blobs blob.Store, log *slog.Logger,
	reg prometheus.Registerer) (*Queue, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	q := &Queue{config: config, box: box, db: db, blobs: blobs, log: log, slots: newSlots(config.PerDomain)}
	q.metrics = newMetrics(reg, q.waiting)
	return q, nil
}

// Handle registers the queue's jobs. Call it before jobs.Run.
func (q *Queue) Handle(jobs *store.Jobs) {
	jobs.Handle(sendJob, q.config.Workers, q.run)
}

// run is one attempt to send a message to a domain. More than one job may exist for the two: the claim on the
// recipients decides which of them acts.
func (q *Queue) run(ctx context.Context, job store.Job) error {
	var p payload
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	local, err := q.box.Ours(ctx, p.Domain)
	if err != nil {
		return err
	}
	if !local && !q.slots.take(p.Domain) {
		return &store.RetryAt{At: time.Now().Add(time.Second),
			Err: errors.New("enough messages are under way to that domain")}
	}
	if !local {
		defer q.slots.give(p.Domain)
	}
	m, rcpts, due, err := q.claim(ctx, p)
	switch {
	case err != nil:
		return err
	case m == nil:
		return nil // sent or dropped as a whole
	case len(rcpts) == 0 && due.IsZero():
		return q.finish(ctx, m) // whoever settled the last of it may have died before it could
	case len(rcpts) == 0:
		return &store.RetryAt{At: due, Err: errors.New("not due yet")}
	}
	outcomes := q.attempt(ctx, m, p.Domain, rcpts, local)
	err = q.settle(ctx, m, outcomes)
	var retry *store.RetryAt
	if errors.As(err, &retry) && errors.Is(context.Cause(ctx), store.ErrLeaseLost) {
		return q.later(context.WithoutCancel(ctx), p, retry.At)
	}
	return err
}

// later leaves the next attempt to a new job. Whoever took this one's over found the recipients claimed, and waits for
// the end of that.
func (q *Queue) later(ctx context.Context, p payload, at time.Time) error {
	if err := enqueue(ctx, q.db, p, at); err != nil {
		return err
	}
	return store.ErrLeaseLost
}

func (q *Queue) attempt(ctx context.Context, m *message, domain string, rcpts []recipient, local bool) []outcome {
	ctx, cancel := context.WithTimeout(ctx, q.config.Attempt)
	defer cancel()
	if m.via != "" {
		return q.deliverElsewhere(ctx, m, rcpts)
	}
	if local {
		return q.deliverLocal(ctx, m, rcpts)
	}
	return q.deliverRemote(ctx, m, domain, rcpts)
}
