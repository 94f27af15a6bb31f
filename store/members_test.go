package store_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// member joins as a node that beats fast, and is closed with the test.
func member(t *testing.T, db *store.DB, node string, hooks store.MembersHooks) *store.Members {
	t.Helper()
	m, err := store.JoinMembers(t.Context(), db,
		store.MembersConfig{Node: node, Beat: 20 * time.Millisecond, Patience: 400 * time.Millisecond}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(t.Context(), hooks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// dead is a node that joined and then gives no sign of life.
func dead(t *testing.T, db *store.DB, node string) *store.Members {
	t.Helper()
	m, err := store.JoinMembers(t.Context(), db, store.MembersConfig{Node: node}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var until = testwait.Until

func sees(m *store.Members, node string) bool {
	return slices.ContainsFunc(m.Others(), func(x store.Member) bool { return x.ID == node })
}

func stateOf(t *testing.T, db *store.DB, node string) (state string) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT state FROM node WHERE id = $1`, node).Scan(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

func TestMembersSeeEachOtherComeAndLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var left atomic.Int32
		a := member(t, db, "a", store.MembersHooks{Left: func(x store.Member) {
			if x.ID == "b" {
				left.Add(1)
			}
		}})
		b := member(t, db, "b", store.MembersHooks{})
		until(t, "b", func() bool { return sees(a, "b") && sees(b, "a") })
		if err := b.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, "word that b drains", func() bool {
			others := a.Others()
			return len(others) == 1 && others[0].State == store.MemberDraining
		})
		b.Close()
		until(t, "b's end", func() bool { return !sees(a, "b") && left.Load() == 1 })
		if s := stateOf(t, db, "b"); s != store.MemberGone {
			t.Errorf("b is %s", s)
		}
	})
}

// TestLostMemberIsTakenOver is the fence: what a silent node held is free, and when it comes back it finds that it is
// no member.
func TestLostMemberIsTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		late := dead(t, db, "late")
		if holder, err := late.Hold(ctx, "meeting:1"); err != nil || holder != "late" {
			t.Fatal(holder, err)
		}
		leaseJob(t, db, late.Self().Holder())
		var recovered atomic.Int64
		a := member(t, db, "a", store.MembersHooks{Recover: func(_ context.Context, x store.Member) error {
			if x.ID == "late" {
				recovered.Store(x.Epoch)
			}
			return nil
		}})
		if holder, err := a.Hold(ctx, "meeting:1"); err != nil || holder != "late" {
			t.Fatalf("a lease of a live node went to %s, %v", holder, err)
		}
		until(t, "the end of the silent node", func() bool { return stateOf(t, db, "late") == store.MemberGone })
		if recovered.Load() != late.Self().Epoch {
			t.Errorf("recovered from epoch %d, want %d", recovered.Load(), late.Self().Epoch)
		}
		var ready int
		if err := db.QueryRow(ctx, `SELECT count(*) FROM job WHERE state = 'ready'`).Scan(&ready); err != nil ||
			ready != 1 {
			t.Errorf("%d jobs ready, %v", ready, err)
		}
		if holder, err := a.Hold(ctx, "meeting:1"); err != nil || holder != "a" {
			t.Errorf("the lease is with %q, %v", holder, err)
		}
		if holder, err := late.Hold(ctx, "meeting:1"); err != nil || holder != "a" {
			t.Errorf("the late node got the lease back: %q, %v", holder, err)
		}
		if holder, err := late.Hold(ctx, "meeting:2"); err != nil || holder != "" {
			t.Errorf("the late node got a new lease: %q, %v", holder, err)
		}
		if err := late.Release(ctx, "meeting:1"); err != nil {
			t.Fatal(err)
		}
		if holder, err := a.Holder(ctx, "meeting:1"); err != nil || holder != "a" {
			t.Errorf("the late node released what is another's: %q, %v", holder, err)
		}
		if err := late.Start(ctx, store.MembersHooks{}); err != nil {
			t.Fatal(err)
		}
		defer late.Close()
		select {
		case <-late.Lost():
		case <-time.After(testwait.Limit):
			t.Fatal("the late node believes to be a member")
		}
		if !errors.Is(late.Err(), store.ErrFenced) {
			t.Errorf("its end is %v", late.Err())
		}
	})
}

// leaseJob adds a job that holder is running.
// A node that has just come runs, though the others have not looked since; one that left or never was does not.
func TestRunsBeforeItIsSeen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a := dead(t, db, "a") // it looks at nobody
		runs := func(node string) bool {
			is, err := a.Runs(t.Context(), node)
			if err != nil {
				t.Fatal(err)
			}
			return is
		}
		b := dead(t, db, "b")
		if sees(a, "b") || !runs("b") {
			t.Error("a node that has just come does not run")
		}
		b.Close()
		if runs("b") || runs("never") {
			t.Error("a node that is not there runs")
		}
	})
}

func leaseJob(t *testing.T, db *store.DB, holder string) {
	t.Helper()
	ctx := t.Context()
	if err := store.Enqueue(ctx, db, "work", nil, store.JobOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(ctx, `UPDATE job SET state = 'leased', lease = $1, lease_until = $2`, holder+"/x",
		store.Micros(time.Now().Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
}

func TestNewLifeReplacesTheOld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first := member(t, db, "a", store.MembersHooks{})
		if holder, err := first.Hold(t.Context(), "x"); err != nil || holder != "a" {
			t.Fatal(holder, err)
		}
		var recovered []int64
		second := member(t, db, "a", store.MembersHooks{Recover: func(_ context.Context, x store.Member) error {
			recovered = append(recovered, x.Epoch)
			return nil
		}})
		if len(recovered) != 1 || recovered[0] != first.Self().Epoch || second.Self().Epoch <= first.Self().Epoch {
			t.Errorf("recovered %v, first %d, second %d", recovered, first.Self().Epoch, second.Self().Epoch)
		}
		if holder, err := second.Holder(t.Context(), "x"); err != nil || holder != "" {
			t.Errorf("a lease of the old life is with %q, %v", holder, err)
		}
		select {
		case <-first.Lost():
		case <-time.After(testwait.Limit):
			t.Fatal("two processes are one node")
		}
		if !errors.Is(first.Err(), store.ErrReplaced) {
			t.Errorf("the end of the first is %v", first.Err())
		}
	})
}

// TestHoldIsExclusive lets many nodes want the same at once.
func TestHoldIsExclusive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		holders := make(chan string)
		const nodes = 8
		for i := range nodes {
			m := dead(t, db, string(rune('a'+i)))
			go func() {
				holder, err := m.Hold(context.Background(), "meeting:1")
				if err != nil {
					holder = err.Error()
				}
				holders <- holder
			}()
		}
		first := <-holders
		for range nodes - 1 {
			if h := <-holders; h != first {
				t.Errorf("both %s and %s hold the lease", first, h)
			}
		}
	})
}

func TestMembersLeaveNothingRunning(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	db := storetest.SQLite(t)
	m := member(t, db, "a", store.MembersHooks{})
	m.Close()
	db.Close()
}

// TestTakenOverJobIsSettledOnce: a job that was taken over is not gone on with.
func TestTakenOverJobIsSettledOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		if err := store.Enqueue(ctx, db, "work", nil, store.JobOptions{}); err != nil {
			t.Fatal(err)
		}
		started, goOn := make(chan int, 2), make(chan struct{})
		late, runs := store.NewJobs(db, store.JobsConfig{Holder: "late/1"}, quiet()), atomic.Int32{}
		handler := func(context.Context, store.Job) error {
			n := runs.Add(1)
			started <- int(n)
			if n == 1 {
				<-goOn
				return errors.New("the late one failed")
			}
			return nil
		}
		late.Handle("work", 1, handler)
		over := make(chan struct{})
		go func() { late.Run(ctx); close(over) }()
		<-started
		if _, err := db.Exec(ctx, `UPDATE job SET state = 'ready', lease = '', lease_until = 0`); err != nil {
			t.Fatal(err)
		}
		other := store.NewJobs(db, store.JobsConfig{Holder: "other/1"}, quiet())
		other.Handle("work", 1, handler)
		otherOver := make(chan struct{})
		go func() { other.Run(ctx); close(otherOver) }()
		<-started
		until(t, "the job's end", func() bool {
			var n int
			return db.QueryRow(ctx, `SELECT count(*) FROM job`).Scan(&n) == nil && n == 0
		})
		close(goOn)
		stop()
		<-over
		<-otherOver
		var n int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM job`).Scan(&n); err != nil || n != 0 {
			t.Errorf("the late worker brought the job back: %d, %v", n, err)
		}
	})
}
