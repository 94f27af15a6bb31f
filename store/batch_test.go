package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

func setting(name, value string) store.Statement {
	return store.Statement{Query: `INSERT INTO setting (name, value) VALUES ($1, $2)`, Args: []any{name, value}}
}

// settings counts them and says whether that of a name is there.
func settings(t *testing.T, db *store.DB, name string) (count int, found string) {
	t.Helper()
	take := func(dest any) func(store.Row) error { return func(r store.Row) error { return r.Scan(dest) } }
	err := db.ReadAll(t.Context(), []store.Read{
		{Query: `SELECT count(*) FROM setting`, Line: take(&count)},
		{Query: `SELECT value FROM setting WHERE name = $1`, Args: []any{name}, Line: take(&found)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return count, found
}

func TestExecAllIsPartOfItsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.ExecAll(t.Context(), []store.Statement{setting("a", "1"), setting("b", "2"),
				{Query: `UPDATE setting SET value = '3' WHERE name = 'b'`}})
		})
		if n, b := settings(t, db, "b"); err != nil || n != 2 || b != "3" {
			t.Errorf("%d settings, b is %q: %v", n, b, err)
		}
		err = db.Tx(t.Context(), func(tx *store.Tx) error {
			return tx.ExecAll(t.Context(), []store.Statement{setting("c", "1"), setting("a", "again"),
				setting("d", "1")})
		})
		if n, _ := settings(t, db, "c"); !store.IsUnique(err) || n != 2 {
			t.Errorf("after a failure %d settings: %v", n, err)
		}
		err = db.Tx(t.Context(), func(tx *store.Tx) error { return tx.ExecAll(t.Context(), nil) })
		if err != nil {
			t.Errorf("nothing to do: %v", err)
		}
	})
}

// The end of a transaction's context rolls it back; what comes later must not be written by itself.
func TestExecAllWritesNothingOutsideItsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := db.Tx(ctx, func(tx *store.Tx) error {
			cancel()
			for { // until the roll-back is done
				if _, err := tx.Exec(t.Context(), `UPDATE setting SET value = ''`); err != nil {
					return tx.ExecAll(t.Context(), []store.Statement{setting("late", "1")})
				}
			}
		})
		if n, _ := settings(t, db, "late"); err == nil || n != 0 {
			t.Errorf("%d settings: %v", n, err)
		}
	})
}

func TestReadAllStopsAtAnError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var lines []int
		read := store.Read{Query: `SELECT 1 UNION ALL SELECT 2`, Line: func(r store.Row) error {
			var i int
			lines = append(lines, i)
			return r.Scan(&i)
		}}
		if err := db.ReadAll(t.Context(), []store.Read{read, {Query: `SELECT x FROM nowhere`}}); err == nil {
			t.Error("no error from a bad query")
		}
		lines = nil
		if err := db.ReadAll(t.Context(), []store.Read{read, read}); err != nil || len(lines) != 4 {
			t.Errorf("%d lines after the failure: %v", len(lines), err)
		}
		bad := errors.New("bad line")
		refuse := store.Read{Query: `SELECT 1`, Line: func(store.Row) error { return bad }}
		if err := db.ReadAll(t.Context(), []store.Read{refuse, read}); !errors.Is(err, bad) {
			t.Errorf("the line's error is %v", err)
		}
		if err := db.ReadAll(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

// A server that ends all connections, as at its restart, costs those who are at work an error and nobody else.
func TestLostConnectionsHeal(t *testing.T) {
	db := storetest.Postgres(t)
	work := map[string]func() error{
		"exec": func() error { _, err := db.Exec(t.Context(), `UPDATE setting SET value = ''`); return err },
		"tx": func() error {
			return db.Tx(t.Context(), func(tx *store.Tx) error {
				return tx.ExecAll(t.Context(), []store.Statement{setting(store.NewID(), "1")})
			})
		},
		"reads": func() error {
			return db.ReadAll(t.Context(), []store.Read{{Query: `SELECT 1`,
				Line: func(store.Row) error { return nil }}})
		},
	}
	for name, do := range work {
		t.Run(name, func(t *testing.T) {
			var pid int
			err := db.Tx(t.Context(), func(tx *store.Tx) error { // this connection dies at work
				if err := tx.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
					return err
				}
				var killed bool
				if err := db.QueryRow(t.Context(),
					fmt.Sprintf(`SELECT pg_terminate_backend(%d, 5000)`, pid)).Scan(&killed); err != nil || !killed {
					t.Fatal(killed, err)
				}
				return tx.ExecAll(t.Context(), []store.Statement{setting("dead", "1")})
			})
			if err == nil {
				t.Error("a transaction outlived its connection")
			}
			for deadline := time.Now().Add(testwait.Limit); ; { // an idle connection's end is seen at its next use
				if err = do(); err == nil || time.Now().After(deadline) {
					break
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// What nothing depends on goes with the next statement or the commit, and is part of the transaction all the same.
func TestLaterIsPartOfItsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		err := db.Tx(ctx, func(tx *store.Tx) error {
			if err := tx.Later(ctx, setting("a", "1"), setting("b", "2")); err != nil {
				return err
			}
			var n int
			count := store.Read{Query: `SELECT count(*) FROM setting`, Line: func(r store.Row) error { return r.Scan(&n) }}
			if err := tx.ReadAll(ctx, count, count); err != nil || n != 2 {
				t.Errorf("the transaction sees %d of its settings: %v", n, err)
			}
			return tx.Later(ctx, setting("c", "3"))
		})
		if n, c := settings(t, db, "c"); err != nil || n != 3 || c != "3" {
			t.Errorf("%d settings, c is %q: %v", n, c, err)
		}
		if err := db.Tx(ctx, func(tx *store.Tx) error { return nil }); err != nil {
			t.Error("nothing to do:", err)
		}
		fails := map[string]func(tx *store.Tx) error{
			"at the commit": func(tx *store.Tx) error {
				return tx.Later(ctx, setting("d", ""), setting("a", "again"))
			},
			"though it is passed over": func(tx *store.Tx) error {
				tx.Later(ctx, setting("a", "again"))
				return tx.Later(ctx)
			},
			"for want of a line": func(tx *store.Tx) error {
				tx.Later(ctx, setting("d", ""))
				return tx.Later(ctx, store.Statement{Query: `DELETE FROM setting WHERE name = 'x'`, Needs: errNone})
			},
			"by its own choice": func(tx *store.Tx) error {
				if err := tx.Later(ctx, setting("d", "")); err != nil {
					return err
				}
				return errNone
			},
		}
		for name, fn := range fails {
			if name == "though it is passed over" && db.Dialect() == store.SQLite {
				continue // a statement that fails undoes no others there
			}
			err := db.Tx(ctx, fn)
			if n, _ := settings(t, db, "d"); err == nil || n != 3 {
				t.Errorf("it fails %s: %d settings, %v", name, n, err)
			}
		}
	})
}

var errNone = errors.New("no line")

// A commit tells what each of its statements changed, reads what it has written, and is all or nothing.
func TestCommitIsWholeAndTellsWhatItDid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, before := t.Context(), db.Commits(store.Calls)
		n := 0
		count := store.Read{Query: `SELECT count(*) FROM setting`, Line: func(r store.Row) error { return r.Scan(&n) }}
		twice := setting("a", "1")
		twice.Query += ` ON CONFLICT DO NOTHING`
		changed, err := db.Commit(ctx, []store.Statement{twice, twice, setting("b", "2")}, count)
		if err != nil || n != 2 || fmt.Sprint(changed) != "[1 0 1]" || db.Commits(store.Calls) != before+1 {
			t.Errorf("%d settings, changed %v: %v", n, changed, err)
		}
		changed, err = db.Commit(ctx, []store.Statement{setting("c", "1"), setting("a", "again")}, count)
		if kept, _ := settings(t, db, "c"); !store.IsUnique(err) || changed != nil || kept != 2 {
			t.Errorf("after a failure %d settings, changed %v: %v", kept, changed, err)
		}
	})
}
