package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Handler does a job. nil removes it; an error runs it again later, see RetryAt and ErrDead.
// A job whose worker died runs again, so a handler must be idempotent, or end with Job.Done.
type Handler func(ctx context.Context, job Job) error

// lease is how long a worker may hold a job before another takes it over; running jobs renew it.
const lease = time.Minute

// GroupHandler does jobs of one kind together, and returns an error for each: what a Handler returns. Where it panics,
// each is tried alone.
type GroupHandler func(ctx context.Context, jobs []Job) []error

type work struct {
	kind   string
	groups int // at once
	most   int // jobs of a group
	handle GroupHandler
	handed handed
	began  time.Time // the latest group of those that were handed over
}

// Groups of jobs that were handed over begin so far apart, where jobs come one by one faster than that: together they
// cost little more than one does. So many don't wait.
const (
	apart  = 50 * time.Millisecond
	plenty = 16
)

// gathers is how long more jobs are waited for before those that were handed over begin.
func (w *work) gathers() time.Duration {
	if n := w.handed.count(); n == 0 || n >= min(w.most, plenty) {
		return 0
	}
	return max(apart-time.Since(w.began), 0)
}

// Jobs runs the handlers of this process over the shared job table.
type Jobs struct {
	db      *DB
	holder  string
	givenUp func(kind string)
	log     *slog.Logger
	work    map[string]*work
}

// JobsConfig says for whom jobs are run.
type JobsConfig struct {
	Holder  string            // see Member.Holder: what runs is taken over when it is lost
	GivenUp func(kind string) // told of each job that no further attempt is made at; it must not block. Optional
}

// NewJobs makes a runner without handlers.
func NewJobs(db *DB, c JobsConfig, log *slog.Logger) *Jobs {
	if c.GivenUp == nil {
		c.GivenUp = func(string) {}
	}
	return &Jobs{db: db, holder: c.Holder, givenUp: c.GivenUp, log: log, work: map[string]*work{}}
}

// Handle registers the handler of a kind, run by that many workers. Call it before Run.
func (j *Jobs) Handle(kind string, workers int, h Handler) {
	j.handle(kind, workers, 1, func(ctx context.Context, jobs []Job) []error { return []error{h(ctx, jobs[0])} })
}

// HandleTogether registers the handler of a kind whose jobs cost less together, at most so many: it gets all that came
// while it was at work on those before.
func (j *Jobs) HandleTogether(kind string, most int, h GroupHandler) { j.handle(kind, 1, most, h) }

func (j *Jobs) handle(kind string, groups, most int, h GroupHandler) {
	j.work[kind] = &work{kind: kind, groups: groups, most: most, handle: h, handed: newHanded()}
}

// Run works until ctx ends, then waits for the handlers that run.
func (j *Jobs) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, w := range j.work {
		w.handed.begin()
		wg.Go(func() { j.loop(ctx, w) })
	}
	wg.Wait()
}

// outcome is a job that was tried.
type outcome struct {
	claimed
	err error
}

// loop claims the jobs of a kind, as many at once as there are workers free for, and settles together those that are
// done together: each is work for the database. The handlers run beside it.
func (j *Jobs) loop(ctx context.Context, w *work) {
	poll := time.NewTicker(time.Second)
	defer poll.Stop()
	done, end := make(chan []outcome, w.groups), ctx.Done()
	defer func() { j.putBack(context.WithoutCancel(ctx), w.handed.close()) }()
	later := time.NewTimer(0)
	defer later.Stop()
	bell := j.db.due.of(w.kind)
	for free, due, rung := w.groups, true, bell.Wait(); ctx.Err() == nil || free < w.groups; {
		if free > 0 && ctx.Err() == nil {
			var jobs []claimed
			if wait := w.gathers(); wait > 0 {
				later.Reset(wait)
			} else if jobs = w.handed.take(free * w.most); len(jobs) > 0 {
				w.began = time.Now()
			}
			if room := free*w.most - len(jobs); due && room > 0 {
				more := j.claim(ctx, w.kind, room)
				due = len(more) == room
				jobs = append(jobs, more...)
			}
			for group := range slices.Chunk(jobs, w.most) {
				free--
				go func() { done <- j.try(ctx, w, group) }()
			}
		}
		select {
		case <-end:
			end = nil
		case <-poll.C:
			due = due || j.waits(ctx, w.kind)
		case <-rung:
			due, rung = true, bell.Wait() // before the next look, so that nothing is missed between
		case <-w.handed.came:
		case <-later.C:
		case first := <-done:
			groups := append([][]outcome{first}, pending(done)...)
			free += len(groups)
			over := slices.Concat(groups...)
			// it may be tried again at once
			due = due || slices.ContainsFunc(over, func(o outcome) bool { return o.err != nil })
			j.settle(context.WithoutCancel(ctx), over) // also when ctx ended meanwhile: the work was done
		}
	}
}

// pending is what waits in c.
func pending[T any](c <-chan T) (all []T) {
	for range len(c) {
		all = append(all, <-c)
	}
	return all
}

// maxLost is how often in a row a job may take its worker with it, or have an outcome that can't be written, before it
// is given up.
const maxLost = 10

func (j *Jobs) try(ctx context.Context, w *work, group []claimed) (over []outcome) {
	var jobs []Job
	for _, job := range group {
		if job.lost >= maxLost {
			over = append(over, outcome{job, fmt.Errorf("it came to no end %d times in a row: %w", job.lost, ErrDead)})
		} else {
			jobs = append(jobs, job.Job)
		}
	}
	group = slices.DeleteFunc(group, func(job claimed) bool { return job.lost >= maxLost })
	if len(jobs) == 0 {
		return over
	}
	held, stop := j.renew(ctx, jobs)
	defer stop()
	for i, err := range safely(held, w.handle, jobs) {
		over = append(over, outcome{group[i], err})
	}
	return over
}

// dueJobs are those of kind $1 that may be run at the time $2.
const dueJobs = `FROM job WHERE kind = $1 AND ((state = 'ready' AND run_at <= $2) OR (state = 'leased' AND lease_until <= $2))`

// waits tells whether a job is due: mostly none is, and a look costs less than a transaction.
func (j *Jobs) waits(ctx context.Context, kind string) (due bool) {
	err := j.db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 `+dueJobs+`)`, kind, Micros(time.Now())).Scan(&due)
	return due || err != nil
}

// claim takes up to n due jobs, none when the database can't be asked.
func (j *Jobs) claim(ctx context.Context, kind string, n int) (jobs []claimed) {
	now, token := time.Now(), j.holder+"/"+NewID()
	err := j.db.Tx(ctx, func(tx *Tx) (err error) {
		rows, err := tx.Query(ctx, `WITH due AS (SELECT id `+dueJobs+` ORDER BY run_at LIMIT $5`+tx.Dialect().SkipLocked()+`)
			UPDATE job SET state = 'leased', dedupe = NULL, lease = $3, lease_until = $4, attempts = attempts + 1,
			lost = CASE WHEN state = 'leased' THEN lost + 1 ELSE lost END
			WHERE id IN (SELECT id FROM due)
			RETURNING id, kind, payload, attempts, max_attempts, created_at, lost`,
			kind, Micros(now), token, Micros(now.Add(lease)), n)
		jobs, err = Collect(rows, err, func(row Row) (claimed, error) { return scanClaimed(row, token) })
		return err
	})
	if err != nil && ctx.Err() == nil {
		j.log.Error("claim jobs", "kind", kind, "err", err)
	}
	if err != nil {
		return nil
	}
	return jobs
}

func scanClaimed(row Row, token string) (job claimed, err error) {
	var payload string
	var created, most int64
	if err = row.Scan(&job.ID, &job.Kind, &payload, &job.Attempts, &most, &created, &job.lost); err != nil {
		return job, err
	}
	job.Payload, job.Created, job.lease, job.over = json.RawMessage(payload), Time(created), token, new(atomic.Bool)
	job.last = int64(job.Attempts) >= most
	return job, nil
}

// renew keeps the leases of a group while the handler runs, whose context ends when one is lost: this process was
// stopped for a while, or had no database.
func (j *Jobs) renew(ctx context.Context, group []Job) (held context.Context, stop func()) {
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
				for _, job := range group {
					j.extend(held, job, lose)
				}
			}
		}
	}()
	return held, func() { lose(nil); <-done }
}

func (j *Jobs) extend(ctx context.Context, job Job, lose context.CancelCauseFunc) {
	result, err := j.db.Exec(ctx, `UPDATE job SET lease_until = $1 WHERE id = $2 AND lease = $3`,
		Micros(time.Now().Add(lease)), job.ID, job.lease)
	if err != nil {
		if ctx.Err() == nil {
			j.log.Warn("renew job", "job", job.ID, "err", err)
		}
		return
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 && !job.over.Load() {
		lose(ErrLeaseLost)
	}
}

// safely does jobs together, and each alone where one of them makes the handler panic.
func safely(ctx context.Context, handle GroupHandler, jobs []Job) (errs []error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		errs = errs[:0]
		if len(jobs) == 1 {
			errs = append(errs, fmt.Errorf("panic: %v", p))
			return
		}
		for i := range jobs {
			errs = append(errs, safely(ctx, handle, jobs[i:i+1])...)
		}
	}()
	return handle(ctx, jobs)
}

// settle writes outcomes, those of the jobs that are done together.
func (j *Jobs) settle(ctx context.Context, over []outcome) {
	var done []Statement
	for _, o := range over {
		if o.err != nil {
			j.failed(ctx, o)
			continue
		}
		if o.over.Load() {
			continue
		}
		done = append(done, Statement{Query: `DELETE FROM job WHERE id = $1 AND lease = $2`,
			Args: []any{o.ID, o.lease}})
	}
	if len(done) == 0 {
		return
	}
	if err := j.db.Tx(ctx, func(tx *Tx) error { return tx.Later(ctx, done...) }); err != nil {
		j.log.Error("settle jobs", "kind", over[0].Kind, "jobs", len(done), "err", err)
	}
}

// failed writes when a job is tried again, unless another worker took it over meanwhile (the token of its lease is the
// fence).
func (j *Jobs) failed(ctx context.Context, o outcome) {
	state, at := "ready", time.Now().Add(Backoff(o.Attempts))
	var retry *RetryAt
	if errors.As(o.err, &retry) {
		at = retry.At
	} else if o.last || errors.Is(o.err, ErrDead) {
		state = "dead"
		j.givenUp(o.Kind)
	}
	j.log.Warn("job failed", "kind", o.Kind, "job", o.ID, "attempt", o.Attempts, "state", state, "err", o.err)
	if _, err := j.db.Exec(ctx, `UPDATE job SET state = $1, run_at = $2, lost = 0, lease = '', lease_until = 0, last_error = $3 WHERE id = $4 AND lease = $5`,
		state, Micros(at), brief(o.err.Error()), o.ID, o.lease); err != nil {
		j.log.Error("settle job", "kind", o.Kind, "job", o.ID, "err", err)
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

// putBack leaves jobs that were not begun to whoever has time.
func (j *Jobs) putBack(ctx context.Context, jobs []claimed) {
	var all []Statement
	for _, job := range jobs {
		all = append(all, Statement{Query: `UPDATE job SET state = 'ready', attempts = 0, lease = '', lease_until = 0 WHERE id = $1 AND lease = $2`,
			Args: []any{job.ID, job.lease}})
	}
	if len(all) == 0 {
		return
	}
	if err := j.db.Tx(ctx, func(tx *Tx) error { return tx.Later(ctx, all...) }); err != nil {
		j.log.Error("jobs not put back: another node runs them a little later", "jobs", len(all), "err", err)
	}
}
