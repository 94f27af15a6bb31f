package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// Job is one piece of work that must not be lost: filled in the transaction of the business change that needs it.
type Job struct {
	ID       string
	Kind     string
	Payload  json.RawMessage
	Attempts int // this one included, so the first run sees 1
	Created  time.Time
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

// Handler does a job. nil removes it; an error runs it again later, see RetryAt and ErrDead.
// A job whose worker died runs again, so a handler must be idempotent.
type Handler func(ctx context.Context, job Job) error

// lease is how long a worker may hold a job before another takes it over; running jobs renew it.
const lease = time.Minute

type work struct {
	kind    string
	workers int
	handle  Handler
	wake    chan struct{}
}

// Jobs runs the handlers of this process over the shared job table.
type Jobs struct {
	db     *DB
	holder string
	log    *slog.Logger
	work   map[string]*work

	// GivenUp, when set, is told the kind of each job that no further attempt is made at. It must not block.
	GivenUp func(kind string)
}

// NewJobs makes a runner without handlers. What it runs is taken over when holder (see Member.Holder) is lost.
func NewJobs(db *DB, holder string, log *slog.Logger) *Jobs {
	return &Jobs{db: db, holder: holder, log: log, work: map[string]*work{}}
}

// Handle registers the handler of a kind, run by that many workers. Call it before Run.
func (j *Jobs) Handle(kind string, workers int, h Handler) {
	j.work[kind] = &work{kind: kind, workers: workers, handle: h, wake: make(chan struct{}, 1)}
}

// Wake hints that a job of that kind was committed, so that it need not wait for the next poll (one second).
func (j *Jobs) Wake(kind string) {
	if w := j.work[kind]; w != nil {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// Run works until ctx ends, then waits for the handlers that run.
func (j *Jobs) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, w := range j.work {
		for range w.workers {
			wg.Go(func() { j.loop(ctx, w) })
		}
	}
	wg.Wait()
}

func (j *Jobs) loop(ctx context.Context, w *work) {
	poll := time.NewTicker(time.Second)
	defer poll.Stop()
	for {
		for ctx.Err() == nil && j.runOne(ctx, w) {
			j.Wake(w.kind) // there may be more: let a sibling look
		}
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		case <-w.wake:
		}
	}
}

// runOne claims and runs one due job; false when there is none.
func (j *Jobs) runOne(ctx context.Context, w *work) bool {
	job, token, err := j.claim(ctx, w.kind)
	if err != nil {
		if !errors.Is(err, sql.ErrNoRows) && ctx.Err() == nil {
			j.log.Error("claim job", "kind", w.kind, "err", err)
		}
		return false
	}
	err = j.try(ctx, w, job, token)
	// The outcome is written even when ctx ended meanwhile: the work was done.
	if err := j.settle(context.WithoutCancel(ctx), job, token, err); err != nil {
		j.log.Error("settle job", "kind", w.kind, "job", job.ID, "err", err)
	}
	return true
}

// claimed is a job that is ours for now.
type claimed struct {
	Job
	last bool  // attempt that it has
	lost int64 // times in a row that its worker was not heard of again
}

// maxLost is how often in a row a job may take its worker with it, or have an outcome that can't be written, before it is given up.
const maxLost = 10

func (j *Jobs) try(ctx context.Context, w *work, job claimed, token string) error {
	if job.lost >= maxLost {
		return fmt.Errorf("it came to no end %d times in a row: %w", job.lost, ErrDead)
	}
	held, stop := j.renew(ctx, job.ID, token)
	defer stop()
	return j.safely(held, w, job.Job)
}

func (j *Jobs) claim(ctx context.Context, kind string) (job claimed, token string, err error) {
	token = j.holder + "/" + NewID()
	err = j.db.Tx(ctx, func(tx *Tx) error {
		now := time.Now()
		var payload string
		var created, max int64
		row := tx.QueryRow(ctx, `UPDATE job SET state = 'leased', dedupe = NULL, lease = $1, lease_until = $2, attempts = attempts + 1,
			lost = CASE WHEN state = 'leased' THEN lost + 1 ELSE lost END
			WHERE id = (SELECT id FROM job WHERE kind = $3 AND ((state = 'ready' AND run_at <= $4) OR (state = 'leased' AND lease_until <= $4))
			ORDER BY run_at LIMIT 1`+tx.Dialect().SkipLocked()+`)
			RETURNING id, kind, payload, attempts, max_attempts, created_at, lost`,
			token, Micros(now.Add(lease)), kind, Micros(now))
		if err := row.Scan(&job.ID, &job.Kind, &payload, &job.Attempts, &max, &created, &job.lost); err != nil {
			return err
		}
		job.Payload, job.Created = json.RawMessage(payload), Time(created)
		job.last = int64(job.Attempts) >= max
		return nil
	})
	return job, token, err
}

// ErrLeaseLost is the cause of the end of a handler's context when another worker has taken its job over.
var ErrLeaseLost = errors.New("another worker has taken the job over")

// renew keeps the lease while the handler runs, whose context ends when it is lost: this process was stopped for a while, or had no database.
func (j *Jobs) renew(ctx context.Context, id, token string) (held context.Context, stop func()) {
	held, lose := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(lease / 6)
		defer tick.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-tick.C:
				j.extend(held, id, token, lose)
			}
		}
	}()
	return held, func() { lose(nil); <-done }
}

func (j *Jobs) extend(ctx context.Context, id, token string, lose context.CancelCauseFunc) {
	result, err := j.db.Exec(ctx, `UPDATE job SET lease_until = $1 WHERE id = $2 AND lease = $3`, Micros(time.Now().Add(lease)), id, token)
	if err != nil {
		if ctx.Err() == nil {
			j.log.Warn("renew job", "job", id, "err", err)
		}
		return
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 {
		lose(ErrLeaseLost)
	}
}

func (j *Jobs) safely(ctx context.Context, w *work, job Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return w.handle(ctx, job)
}

// settle writes the outcome, unless another worker took the job over meanwhile (the lease token is the fence).
func (j *Jobs) settle(ctx context.Context, job claimed, token string, result error) error {
	if result == nil {
		_, err := j.db.Exec(ctx, `DELETE FROM job WHERE id = $1 AND lease = $2`, job.ID, token)
		return err
	}
	state, at := "ready", time.Now().Add(Backoff(job.Attempts))
	var retry *RetryAt
	if errors.As(result, &retry) {
		at = retry.At
	} else if job.last || errors.Is(result, ErrDead) {
		state = "dead"
		j.givenUp(job.Kind)
	}
	j.log.Warn("job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempts, "state", state, "err", result)
	_, err := j.db.Exec(ctx, `UPDATE job SET state = $1, run_at = $2, lost = 0, lease = '', lease_until = 0, last_error = $3 WHERE id = $4 AND lease = $5`,
		state, Micros(at), brief(result.Error()), job.ID, token)
	return err
}

func (j *Jobs) givenUp(kind string) {
	if j.GivenUp != nil {
		j.GivenUp(kind)
	}
}

// brief is the beginning of an error's text: it may quote a stranger at any length.
func brief(text string) string {
	const most = 4000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Backoff is the wait after the given number of attempts: 1 s doubling up to an hour, ±25 % so that failures spread out.
func Backoff(attempts int) time.Duration {
	d := time.Second << min(max(attempts-1, 0), 12)
	d = min(d, time.Hour)
	return d*3/4 + rand.N(d/2)
}
