package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

func eventLog(db *store.DB) *store.EventLog {
	return store.NewEventLog(db, slog.New(slog.DiscardHandler))
}

// numbered gives all that waits its number and returns the types after seq, in order.
func numbered(t *testing.T, db *store.DB, seq int64) (types []string) {
	t.Helper()
	l := eventLog(db)
	if _, err := l.Number(t.Context()); err != nil {
		t.Fatal(err)
	}
	batch, _, err := l.After(t.Context(), seq)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range batch {
		types = append(types, fmt.Sprint(e.Seq, " ", e.Type))
	}
	return types
}

// What is committed is told, though the process ends before it tells anybody; what is rolled back is not.
func TestEventsComeWithTheirTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Tell(t.Context(), store.Event{Type: "a"}, store.Event{Type: "b"}); err != nil {
			t.Fatal(err)
		}
		broken := errors.New("broken")
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			if err := tx.Tell(t.Context(), store.Event{Type: "never"}); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if got := numbered(t, db, 0); !slices.Equal(got, []string{"1 a", "2 b"}) { // by a log that heard of no commit
			t.Errorf("told %v", got)
		}
	})
}

// A transaction that tells early and is committed late comes after what was read meanwhile, and is not skipped.
func TestLateCommitIsNotSkipped(t *testing.T) {
	db := storetest.Postgres(t) // SQLite writes one transaction after the other
	told, free := make(chan struct{}), make(chan struct{})
	var late sync.WaitGroup
	late.Go(func() {
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			err := tx.Tell(t.Context(), store.Event{Type: "late"})
			close(told)
			<-free
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-told
	if err := db.Tell(t.Context(), store.Event{Type: "early"}); err != nil {
		t.Fatal(err)
	}
	if got := numbered(t, db, 0); !slices.Equal(got, []string{"1 early"}) {
		t.Errorf("first %v", got)
	}
	close(free)
	late.Wait()
	if got := numbered(t, db, 1); !slices.Equal(got, []string{"2 late"}) {
		t.Errorf("then %v", got)
	}
}

// Two nodes number what both tell: each event once, without gaps, and each teller's in their order.
func TestTwoNodesNumberEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const tellers, each = 3, 40
		ctx, end := context.WithCancel(t.Context())
		var nodes, tell sync.WaitGroup
		for range 2 {
			nodes.Go(func() { eventLog(db).Run(ctx, func([]string) {}) })
		}
		for teller := range tellers {
			tell.Go(func() {
				for i := range each {
					if err := db.Tell(ctx, store.Event{Type: fmt.Sprint(teller), Data: i}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		tell.Wait()
		end()
		nodes.Wait()
		numbered(t, db, 0)
		batch, _, err := eventLog(db).After(t.Context(), 0)
		if err != nil || len(batch) != tellers*each {
			t.Fatalf("%d events, %v", len(batch), err)
		}
		next := map[string]int{}
		for i, e := range batch {
			if e.Seq != int64(i+1) || string(e.Data) != fmt.Sprint(next[e.Type]) {
				t.Errorf("event %d: number %d, %s of %s", i, e.Seq, e.Data, e.Type)
			}
			next[e.Type]++
		}
	})
}

// A node that hears of no commit finds what waits when it begins: that of one which died.
func TestEventsOfADeadNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Tell(t.Context(), store.Event{Type: "left behind"}); err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		defer end()
		got := make(chan []string, 1)
		var node sync.WaitGroup
		node.Go(func() { eventLog(db).Run(ctx, func(types []string) { got <- types }) })
		if types := <-got; !slices.Equal(types, []string{"left behind"}) {
			t.Errorf("numbered %v", types)
		}
		end()
		node.Wait()
	})
}

// Whether a reader missed something is known after what he missed was forgotten, too.
func TestWhatAReaderMissed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := eventLog(db)
		follows := func(what string, seq int64, want bool, wantFrom int64) {
			t.Helper()
			whole, from, err := l.Follows(t.Context(), seq)
			if err != nil || whole != want || !whole && from != wantFrom {
				t.Errorf("%s: %v from %d, %v", what, whole, from, err)
			}
		}
		follows("nothing ever happened", 0, true, 0)
		for range 4 {
			if err := db.Tell(t.Context(), store.Event{Type: "x"}); err != nil {
				t.Fatal(err)
			}
		}
		numbered(t, db, 0)
		follows("all is there", 0, true, 0)
		follows("a number that was never given", 5, false, 0)
		if _, err := db.Exec(t.Context(), `UPDATE event SET at = 1 WHERE seq <= 2`); err != nil {
			t.Fatal(err)
		}
		if err := l.Prune(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
		follows("the first is forgotten", 1, false, 2)
		follows("after the forgotten", 2, true, 0)
		if _, err := db.Exec(t.Context(), `DELETE FROM event`); err != nil {
			t.Fatal(err)
		}
		follows("all are forgotten", 3, false, 4)
		follows("and all were read", 4, true, 0)
	})
}
