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

	lease string       // of the worker that has it
	over  *atomic.Bool // Done was called: nothing is left to settle once its handler returns nil
}

// Done does away with the job in the transaction of what it was for, so that this happens once: where another worker
// has taken the job over meanwhile, it fails with ErrLeaseLost.
func (j Job) Done(ctx context.Context, tx *Tx) error {
	result, err := tx.Exec(ctx, `DELETE FROM job WHERE id = $1 AND lease = $2`, j.ID, j.lease)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, ErrLeaseLost)
	}
	j.over.Store(true)
	return nil
}

// JobOptions are the optional parts of Enqueue; the zero value runs at once, with up to 20 attempts.
type JobOptions struct {
	At          time.Time
	Dedupe      string // while a job of this kind and key waits to be run, another is not added
	MaxAttempts int
	Dead        bool // it is never run: kept for a person to see
}

// Enqueue adds a job inside the caller's transaction. The payload is kept as JSON.
func Enqueue(ctx context.Context, q Queries, kind string, payload any, o JobOptions) error {
	s, err := Enqueuing(kind, payload, o)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, s.Query, s.Args...)
	return err
}

// Enqueuing is the statement of Enqueue, to run together with others.
func Enqueuing(kind string, payload any, o JobOptions) (Statement, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return Statement{}, fmt.Errorf("job %s: %w", kind, err)
	}
	now := time.Now()
	if o.At.IsZero() {
		o.At = now
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 20
	}
	state := "ready"
	if o.Dead {
		state = "dead"
	}
	var dedupe any
	if o.Dedupe != "" {
		dedupe = o.Dedupe
	}
	return Statement{Query: `INSERT INTO job (id, kind, dedupe, payload, state, run_at, attempts, max_attempts, lease, lease_until, last_error, created_at)
		VALUES ($1, $2, $3, $4, $8, $5, 0, $6, '', 0, '', $7) ON CONFLICT DO NOTHING`,
		Args: []any{NewID(), kind, dedupe, string(body), Micros(o.At), o.MaxAttempts, Micros(now), state}}, nil
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
