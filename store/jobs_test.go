package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestJobsRunEachOnceWithinManyWorkers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		const total = 60
		var mu sync.Mutex
		seen := map[string]int{}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var done sync.WaitGroup
		for range 2 { // two processes over one table
			jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet())
			jobs.Handle("count", 4, func(_ context.Context, job store.Job) error {
				mu.Lock()
				defer mu.Unlock()
				if seen[string(job.Payload)]++; len(seen) == total {
					cancel()
				}
				return nil
			})
			done.Go(func() { jobs.Run(ctx) })
		}
		for i := range total {
			if err := store.Enqueue(t.Context(), db, "count", i, store.JobOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		done.Wait()
		for payload, n := range seen {
			if n != 1 {
				t.Errorf("job %s ran %d times", payload, n)
			}
		}
		if len(seen) != total {
			t.Errorf("%d jobs ran", len(seen))
		}
	})
}

// What many workers do at once is little work for the database: they take their jobs together, and those done together
// are settled together.
func TestJobsAreTakenTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const workers = 8
		for i := range 3 * workers {
			if err := store.Enqueue(t.Context(), db, "work", i, store.JobOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began, release := make(chan bool, 3*workers), make(chan bool)
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet())
		jobs.Handle("work", workers, func(context.Context, store.Job) error { began <- true; <-release; return nil })
		var over sync.WaitGroup
		over.Go(func() { jobs.Run(ctx) })
		for range workers {
			<-began
		}
		var held, claims int
		row := db.QueryRow(t.Context(), `SELECT COUNT(*), COUNT(DISTINCT lease) FROM job WHERE state = 'leased'`)
		if err := row.Scan(&held, &claims); err != nil || held != workers || claims != 1 {
			t.Errorf("%d jobs are held by %d claims, %v", held, claims, err)
		}
		cancel()
		close(release)
		over.Wait()
		if left, _ := count(t, db, "state = 'ready'"); left != 2*workers {
			t.Errorf("%d jobs wait: more were taken than there are workers, or after the end", left)
		}
		if held, _ := count(t, db, "state = 'leased'"); held != 0 {
			t.Errorf("%d jobs that were done are not settled", held)
		}
	})
}

// Jobs that are done together are given all that came meanwhile; each has its own outcome, also where one makes the
// handler panic. What a job's own transaction did away with is not settled again.
func TestJobsAreDoneTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for i := range 10 {
			if err := store.Enqueue(t.Context(), db, "work", i, store.JobOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var sizes []int
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet())
		jobs.HandleTogether("work", 8, func(ctx context.Context, group []store.Job) []error {
			sizes = append(sizes, len(group))
			errs := make([]error, len(group))
			for i, job := range group {
				switch string(job.Payload) {
				case "3":
					panic("three")
				case "4":
					errs[i] = fmt.Errorf("four: %w", store.ErrDead)
				default:
					errs[i] = db.Tx(ctx, func(tx *store.Tx) error { return job.Done(ctx, tx) })
				}
			}
			if len(group) == 2 {
				cancel()
			}
			return errs
		})
		jobs.Run(ctx)
		if want := []int{8, 1, 1, 1, 1, 1, 1, 1, 1, 2}; !slices.Equal(sizes, want) {
			t.Errorf("groups of %v, not %v", sizes, want)
		}
		for state, want := range map[string]int{"state = 'ready' AND last_error = 'panic: three'": 1,
			"state = 'dead'": 1, "TRUE": 2} {
			if n, _ := count(t, db, state); n != want {
				t.Errorf("%s: %d jobs, not %d", state, n, want)
			}
		}
	})
}

func TestJobFailures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet())
		var tries, last atomic.Int64
		jobs.Handle("flaky", 1, func(_ context.Context, job store.Job) error {
			if tries.Add(1) < 3 {
				return &store.RetryAt{At: time.Now(), Err: errors.New("not yet")}
			}
			return nil
		})
		jobs.Handle("hopeless", 1, func(context.Context,
			store.Job) error {
			return fmt.Errorf("no such user: %w", store.ErrDead)
		})
		jobs.Handle("crash", 1, func(context.Context, store.Job) error { panic("oops") })
		jobs.Handle("end", 1, func(context.Context, store.Job) error {
			if n, _ := count(t, db, "kind <> 'end' AND state <> 'dead'"); n == 0 {
				cancel()
				return nil
			}
			last.Add(1)
			return &store.RetryAt{At: time.Now(), Err: errors.New("others run")}
		})
		for _, kind := range []string{"flaky", "hopeless", "crash", "end"} {
			if err := store.Enqueue(ctx, db, kind, nil, store.JobOptions{MaxAttempts: 1}); err != nil {
				t.Fatal(err)
			}
		}
		jobs.Run(ctx)
		if tries.Load() != 3 {
			t.Errorf("the flaky job ran %d times", tries.Load())
		}
		n, errs := count(t, db, "state = 'dead'")
		if n != 2 || !strings.Contains(errs, "no such user") || !strings.Contains(errs, "oops") {
			t.Errorf("%d dead jobs: %s", n, errs)
		}
	})
}

func count(t *testing.T, db *store.DB, where string) (n int, errs string) {
	t.Helper()
	rows, err := db.Query(context.Background(), `SELECT last_error FROM job WHERE `+where)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer rows.Close()
	for rows.Next() {
		var e string
		if err := rows.Scan(&e); err != nil {
			t.Error(err)
		}
		n++
		errs += e + "\n"
	}
	return n, errs
}

func TestJobOfADeadWorkerIsTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		if err := store.Enqueue(ctx, db, "work", "x", store.JobOptions{}); err != nil {
			t.Fatal(err)
		}
		// A worker claimed it and died: its lease has run out.
		if _, err := db.Exec(ctx, `UPDATE job SET state = 'leased', lease = 'gone', lease_until = $1, attempts = 1`,
			store.Micros(time.Now().Add(-time.Second))); err != nil {
			t.Fatal(err)
		}
		var attempts int
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet())
		jobs.Handle("work", 1, func(_ context.Context, job store.Job) error {
			attempts = job.Attempts
			cancel()
			return nil
		})
		jobs.Run(ctx)
		if attempts != 2 {
			t.Errorf("attempt %d", attempts)
		}
		if n, _ := count(t, db, "1 = 1"); n != 0 {
			t.Errorf("%d jobs are left", n)
		}
	})
}

func TestDedupeKeepsOneWaitingJob(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for range 3 {
			if err := store.Enqueue(t.Context(), db, "work", "x", store.JobOptions{Dedupe: "k"}); err != nil {
				t.Fatal(err)
			}
		}
		if n, _ := count(t, db, "1 = 1"); n != 1 {
			t.Errorf("%d jobs wait", n)
		}
		// What comes while the job runs may be about something it did not see: it waits for a run of its own.
		ctx, cancel := context.WithCancel(t.Context())
		jobs, runs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet()), 0
		jobs.Handle("work", 1, func(ctx context.Context, _ store.Job) error {
			if runs++; runs == 2 {
				cancel()
				return nil
			}
			return store.Enqueue(ctx, db, "work", "y", store.JobOptions{Dedupe: "k"})
		})
		jobs.Run(ctx)
		if runs != 2 {
			t.Errorf("%d runs", runs)
		}
	})
}

func TestBackoffGrowsToAnHour(t *testing.T) {
	for _, c := range []struct {
		attempts int
		min, max time.Duration
	}{
		{1, 750 * time.Millisecond, 1250 * time.Millisecond},
		{4, 6 * time.Second, 10 * time.Second},
		{50, 45 * time.Minute, 75 * time.Minute},
	} {
		for range 100 {
			if d := store.Backoff(c.attempts); d < c.min || d > c.max {
				t.Fatalf("after %d attempts: %v", c.attempts, d)
			}
		}
	}
}

// A job that is handed to its runner with the transaction that adds it runs at once, nobody looks for it, and what it
// does is the end of it. One that is not begun when the runner stops is left to whoever has time, as is every later
// one.
func TestHandedJobs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began, release := make(chan int), make(chan bool)
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet())
		jobs.Handle("work", 1, func(ctx context.Context, job store.Job) error {
			began <- job.Attempts
			<-release
			ctx = context.WithoutCancel(ctx) // the work is done
			return db.Tx(ctx, func(tx *store.Tx) error { return job.Done(ctx, tx) })
		})
		hand := func() (run func()) {
			add, run, err := jobs.Hand("work", "x", store.JobOptions{})
			if err == nil {
				err = db.Tx(t.Context(),
					func(tx *store.Tx) error { return tx.ExecAll(t.Context(), []store.Statement{add}) })
			}
			if err != nil {
				t.Fatal(err)
			}
			return run
		}
		left := func(state string, want int) {
			t.Helper()
			if n, _ := count(t, db, "state = '"+state+"'"); n != want {
				t.Errorf("%d jobs are %s, want %d", n, state, want)
			}
		}
		hand()()
		left("ready", 1) // nobody runs yet
		var over sync.WaitGroup
		over.Go(func() { jobs.Run(ctx) })
		<-began
		commits := db.Commits(store.Calls)
		for range 2 {
			hand()()
		}
		left("leased", 3)
		release <- true
		if attempts := <-began; attempts != 1 {
			t.Errorf("attempt %d", attempts)
		}
		if n := db.Commits(store.Calls) - commits; n != 3 {
			t.Errorf("two jobs added and one done are %d transactions", n)
		}
		cancel()
		release <- true
		over.Wait()
		left("leased", 0)
		left("ready", 1)
		hand()()
		left("ready", 2)
	})
}

// A job runs as soon as the transaction that adds it is committed: nobody waits until the workers look again.
func TestCommitWakesWorkers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const jobs = 10
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ran := make(chan bool)
		runner := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, quiet())
		runner.Handle("work", 1, func(context.Context, store.Job) error { ran <- true; return nil })
		var over sync.WaitGroup
		over.Go(func() { runner.Run(ctx) })
		began := time.Now()
		for i := range jobs {
			err := db.Tx(ctx, func(tx *store.Tx) error { return store.Enqueue(ctx, tx, "work", i, store.JobOptions{}) })
			if err != nil {
				t.Fatal(err)
			}
			<-ran
		}
		if took := time.Since(began); took > jobs*time.Second/2 {
			t.Errorf("%d jobs, one after the other, took %v", jobs, took)
		}
		cancel()
		over.Wait()
	})
}
