package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// write keeps what a cursor took, in the transaction that moves it.
func write(ctx context.Context, tx *store.Tx, cursor string, batch []store.Told) error {
	for _, e := range batch {
		if _, err := tx.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)`,
			fmt.Sprintf("%s %06d", cursor, e.Seq), e.Type); err != nil {
			return err // taken twice
		}
	}
	return nil
}

// taken are the types of the events that a cursor has taken, in order.
func taken(t *testing.T, db *store.DB, cursor string) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT value FROM setting WHERE name LIKE $1 ORDER BY name`, cursor+" %")
	types, err := store.Collect(rows, err, func(row store.Row) (s string, err error) { return s, row.Scan(&s) })
	if err != nil {
		t.Fatal(err)
	}
	return types
}

// Several nodes follow under one name, and die: each event is taken once, in order, and those before the start and
// after the end are not.
func TestCursorTakesEachEventOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const nodes, lives, each = 3, 4, 25
		tell(t, db, "before")
		numbered(t, db, 0)
		if err := errors.Join(store.StartCursor(t.Context(), db, "a:1"), store.StartCursor(t.Context(), db, "a:2"),
			store.StartCursor(t.Context(), db, "b")); err != nil {
			t.Fatal(err)
		}
		var want []string
		for life := range lives {
			ctx, die := context.WithCancel(t.Context())
			var over sync.WaitGroup
			for range nodes {
				log := eventLog(db)
				over.Go(func() { log.Run(ctx, func([]string) {}) })
				over.Go(func() { log.Follow(ctx, "a:", write) })
			}
			for i := range each {
				name := fmt.Sprint(life, ".", i)
				tell(t, db, name)
				want = append(want, name)
			}
			die()
			over.Wait()
		}
		ctx, end := context.WithCancel(t.Context())
		var over sync.WaitGroup
		log := eventLog(db)
		numbered(t, db, 0)
		over.Go(func() { log.Follow(ctx, "a:", write) })
		until(t, "all is taken", func() bool {
			return len(taken(t, db, "a:1")) >= len(want) && len(taken(t, db, "a:2")) >= len(want)
		})
		end()
		over.Wait()
		for _, cursor := range []string{"a:1", "a:2"} {
			if got := taken(t, db, cursor); !slices.Equal(got, want) {
				t.Errorf("%s took %v", cursor, got)
			}
		}
		if got := taken(t, db, "b"); len(got) > 0 {
			t.Errorf("b, whom nobody follows, took %v", got)
		}
	})
}

// What a cursor has still to take is not pruned, however old it is; where it has no room, it stays where it is.
func TestCursorKeepsEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := store.StartCursor(t.Context(), db, "late"); err != nil {
			t.Fatal(err)
		}
		tell(t, db, "old")
		numbered(t, db, 0)
		log := eventLog(db)
		prune := func() int {
			t.Helper()
			if _, err := db.Exec(t.Context(), `UPDATE event SET at = 1`); err != nil {
				t.Fatal(err)
			}
			if err := log.Prune(t.Context(), 7); err != nil {
				t.Fatal(err)
			}
			batch, _, err := log.After(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			return len(batch)
		}
		ctx, end := context.WithCancel(t.Context())
		var over sync.WaitGroup
		full, room := make(chan bool), false
		over.Go(func() {
			log.Follow(ctx, "late", func(ctx context.Context, tx *store.Tx, cursor string, batch []store.Told) error {
				if !room {
					room = true
					full <- true
					return store.ErrNotNow
				}
				return write(ctx, tx, cursor, batch)
			})
		})
		<-full
		if left := prune(); left != 1 {
			t.Errorf("%d events are left before it was taken", left)
		}
		over.Go(func() { log.Run(ctx, func([]string) {}) })
		tell(t, db, "new") // and it looks
		until(t, "both are taken", func() bool { return len(taken(t, db, "late")) == 2 })
		end()
		over.Wait()
		if left := prune(); left != 0 {
			t.Errorf("%d events are left after it was taken", left)
		}
	})
}

func tell(t *testing.T, db *store.DB, types ...string) {
	t.Helper()
	for _, name := range types {
		if err := db.Tell(t.Context(), store.Event{Type: name}); err != nil {
			t.Fatal(err)
		}
	}
}
