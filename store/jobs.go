package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Job is one piece of work that must not be lost: filled in the transaction of the business change that needs it.
type Job struct {
	ID       string
	Kind     string
	Payload  json.RawMessage
	Attempts int // this one included, so the first run sees 1
	Created  time.Time

	// Known is what was said with Hand, where this process was handed the job; nil: all there is to know is in Payload.
	Known any

	lease string       // of the worker that has it
	over  *atomic.Bool // Done was called: nothing is left to settle once its handler returns nil
}

// Done does away with the job in the transaction of what it was for, so that this happens once: where another worker
// has taken the job over meanwhile, it fails with ErrLeaseLost.
func (j Job) Done(ctx context.Context, tx *Tx) error {
	j.over.Store(true)
	return tx.Later(ctx, Statement{Query: `DELETE FROM job WHERE id = $1 AND lease = $2`, Args: []any{j.ID, j.lease},
		Needs: ErrLeaseLost})
}

// maxAttempts of a job that says nothing else.
const maxAttempts = 20

// JobOptions are the optional parts of Enqueue; the zero value runs at once, with up to 20 attempts.
type JobOptions struct {
	At          time.Time
	Dedupe      string // while a job of this kind and key waits to be run, another is not added
	MaxAttempts int
	Dead        bool // it is never run: kept for a person to see
	Known       any  // spares a handler of this process what it would have to read; it is written nowhere
}

// Enqueue adds a job inside the caller's transaction, whose commit wakes the workers of this process: those of others
// look within a second. The payload is kept as JSON.
func Enqueue(ctx context.Context, q Queries, kind string, payload any, o JobOptions) error {
	s, err := Enqueuing(kind, payload, o)
	if err != nil {
		return err
	}
	return q.enqueue(ctx, s)
}

func (tx *Tx) enqueue(ctx context.Context, add Statement) error {
	return tx.Later(ctx, add)
}

func (db *DB) enqueue(ctx context.Context, add Statement) error {
	return db.Tx(ctx, func(tx *Tx) error { return tx.enqueue(ctx, add) })
}

// Enqueuing is the statement of Enqueue, to run together with others.
func Enqueuing(kind string, payload any, o JobOptions) (Statement, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return Statement{}, fmt.Errorf("job %s: %w", kind, err)
	}
	return o.adding(claimed{Job: Job{ID: NewID(), Kind: kind, Payload: body, Created: time.Now()}}, time.Time{}), nil
}

// adding is the statement that adds a job; one that is ours already until some time has a lease.
func (o JobOptions) adding(job claimed, until time.Time) Statement {
	if o.At.IsZero() {
		o.At = job.Created
	}
	state := "ready"
	if o.Dead {
		state = "dead"
	} else if job.lease != "" {
		state = "leased"
	}
	var dedupe any
	if o.Dedupe != "" && state != "leased" {
		dedupe = o.Dedupe
	}
	due := ""
	if state == "ready" && !o.At.After(time.Now()) {
		due = job.Kind
	}
	return Statement{due: due, Query: `INSERT INTO job (id, kind, dedupe, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11) ON CONFLICT DO NOTHING`,
		Args: []any{job.ID, job.Kind, dedupe, string(job.Payload), state, Micros(o.At), job.Attempts,
			cmp.Or(o.MaxAttempts, maxAttempts), job.lease, Micros(until), Micros(job.Created)}}
}

// RetryAt is returned by a handler to run the job again at a time of its own choosing.
type RetryAt struct {
	At  time.Time
	Err error
}

func (e *RetryAt) Error() string {
	return fmt.Sprintf("again at %s: %v", e.At.Format(time.RFC3339), e.Err)
}
func (e *RetryAt) Unwrap() error { return e.Err }

// ErrDead, wrapped in a handler's error, ends the retries: the job stays as dead for a person to see.
var ErrDead = errors.New("no further attempt")

// ErrLeaseLost is the cause of the end of a handler's context when another worker has taken its job over.
var ErrLeaseLost = errors.New("another worker has taken the job over")

// Backoff is the wait after the given number of attempts: 1 s doubling up to an hour, ±25 % so that failures spread
// out.
func Backoff(attempts int) time.Duration {
	d := time.Second << min(max(attempts-1, 0), 12)
	d = min(d, time.Hour)
	return d*3/4 + rand.N(d/2)
}

// claimed is a job that is ours for now.
type claimed struct {
	Job
	last bool  // attempt that it has
	lost int64 // times in a row that its worker was not heard of again
}
