package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

func openTest(t testing.TB) *DB {
	t.Helper()
	db, err := Open(context.Background(), "sqlite://"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// idle looks at the statements that the writing connection keeps.
func idle(t *testing.T, db *DB, look func(c *preparedConn)) {
	t.Helper()
	conn, err := db.write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Raw(func(c any) error { look(c.(*preparedConn)); return nil })
}

func TestStatementsArePreparedOnce(t *testing.T) {
	db := openTest(t)
	const set = `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	var first any
	for i := range 3 {
		err := db.Tx(t.Context(), func(tx *Tx) error {
			_,
				err := tx.Exec(t.Context(), set, "a", fmt.Sprint(i))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		idle(t, db, func(c *preparedConn) {
			if i == 0 {
				first = c.idle[set]
			}
			if c.idle[set] == nil || c.idle[set] != first {
				t.Errorf("run %d did not leave the statement of the first", i)
			}
		})
	}
	var value string
	if err := db.QueryRow(t.Context(), `SELECT value FROM setting WHERE name = $1`, "a").Scan(&value); err != nil ||
		value != "2" {
		t.Errorf("%q, %v", value, err)
	}
}

func TestFailedStatementIsNotKept(t *testing.T) {
	db := openTest(t)
	const add = `INSERT INTO setting (name, value) VALUES ($1, '1')`
	for i := range 3 {
		if _, err := db.Exec(t.Context(), add, "a"); (err == nil) != (i == 0) || i > 0 && !IsUnique(err) {
			t.Fatalf("run %d: %v", i, err)
		}
	}
	idle(t, db, func(c *preparedConn) {
		if c.idle[add] != nil {
			t.Error("kept")
		}
	})
	if _, err := db.Exec(t.Context(), add, "b"); err != nil {
		t.Error(err)
	}
}

// The same query runs inside the loop over its own rows, and after rows that nobody read to the end.
func TestQueryInsideItsOwnRows(t *testing.T) {
	db := openTest(t)
	const numbers = `WITH n (i) AS (VALUES (1), (2), (3)) SELECT i FROM n WHERE i <= $1 ORDER BY i`
	err := db.Tx(t.Context(), func(tx *Tx) error {
		sum := 0
		outer, err := tx.Query(t.Context(), numbers, 3)
		if err != nil {
			return err
		}
		defer outer.Close()
		for outer.Next() {
			var i, first int
			if err := outer.Scan(&i); err != nil {
				return err
			}
			if err := tx.QueryRow(t.Context(), numbers, i).Scan(&first); err != nil {
				return err
			}
			sum += 10*i + first
		}
		if sum != 63 {
			t.Errorf("sum %d", sum)
		}
		return errors.Join(outer.Err(), errors.New("roll back"))
	})
	if err == nil || err.Error() != "roll back" {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRow(t.Context(), numbers, 2).Scan(&n); err != nil || n != 1 {
		t.Error(n, err)
	}
}

func TestPreparedStatementsAreBounded(t *testing.T) {
	db := openTest(t)
	for i := range maxPrepared + 50 {
		if _, err := db.Exec(t.Context(), fmt.Sprintf(`DELETE FROM setting WHERE name = 'n%d'`, i)); err != nil {
			t.Fatal(err)
		}
	}
	idle(t, db, func(c *preparedConn) {
		if len(c.idle) != maxPrepared {
			t.Errorf("%d are kept", len(c.idle))
		}
	})
}

// A statement sees a schema that changed after it was prepared.
func TestPreparedStatementFollowsTheSchema(t *testing.T) {
	db := openTest(t)
	for i, step := range []string{`CREATE TABLE x (a TEXT)`, `ALTER TABLE x ADD COLUMN b TEXT`, `DROP TABLE x`,
		`CREATE TABLE x (a TEXT, b TEXT, c TEXT)`} {
		if _, err := db.Exec(t.Context(), step); err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query(t.Context(), `SELECT * FROM x`)
		if err != nil {
			if i == 2 {
				continue
			}
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		rows.Next()
		rows.Close()
		if want := []int{1, 2, 0, 3}[i]; len(columns) != want {
			t.Errorf("after %q: %v", step, columns)
		}
	}
}

// Contexts that end in the middle of anything leave statements that still answer right.
func TestPreparedStatementsUnderCancelledReaders(t *testing.T) {
	db := openTest(t)
	for i := range 500 {
		if _, err := db.Exec(t.Context(), `INSERT INTO setting (name, value) VALUES ($1, $2)`, fmt.Sprintf("%03d", i),
			fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 100 {
				ctx, cancel := context.WithCancel(t.Context())
				rows, err := db.Query(ctx, `SELECT value FROM setting WHERE name >= $1 ORDER BY name`,
					fmt.Sprintf("%03d", i))
				if err != nil {
					t.Error(err)
				} else {
					rows.Next()
					if (i+w)%2 == 0 {
						cancel()
					}
					rows.Close()
				}
				cancel()
				var first string
				err = db.QueryRow(t.Context(), `SELECT value FROM setting WHERE name >= $1 ORDER BY name`,
					fmt.Sprintf("%03d", i+w)).Scan(&first)
				if err != nil || first != fmt.Sprint(i+w) {
					t.Errorf("%q instead of %d: %v", first, i+w, err)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkSQLite(b *testing.B) {
	db := openTest(b)
	ctx := b.Context()
	if _, err := db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ('a', '1')`); err != nil {
		b.Fatal(err)
	}
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			var v string
			if err := db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, "a").Scan(&v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := db.Exec(ctx, `UPDATE setting SET value = $1 WHERE name = 'a'`, fmt.Sprint(i)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestUnnamed(t *testing.T) {
	for query, want := range map[string]string{
		"INSERT INTO a VALUES ($1, '$2', $2)":   "INSERT INTO a VALUES (?, '$2', ?)",
		"SELECT 'it''s $1' WHERE a = $1":        "SELECT 'it''s $1' WHERE a = ?",
		"SELECT $1, $1":                         "SELECT $1, $1",
		"SELECT $2, $1":                         "SELECT $2, $1",
		"SELECT $1, $2, $3 WHERE a = $10":       "SELECT $1, $2, $3 WHERE a = $10",
		"SELECT data->>'$.a' FROM b WHERE c=$1": "SELECT data->>'$.a' FROM b WHERE c=?",
		"SELECT 1":                              "SELECT 1",
	} {
		if got := unnamed(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// As many texts are kept as there are powers of two, however many lines are inserted.
func TestInsertion(t *testing.T) {
	texts := map[string]bool{}
	for n := range 2*insertedAtOnce + 2 {
		lines := make([][]any, n)
		for i := range lines {
			lines[i] = []any{i, "b"}
		}
		next := 0
		for _, s := range insertion("a (b, c)", lines) {
			texts[s.Query] = true
			for i := 0; i < len(s.Args); i += 2 {
				if s.Args[i] != next {
					t.Fatalf("%d lines: %v at %d", n, s.Args[i], next)
				}
				next++
			}
		}
		if next != n {
			t.Errorf("%d lines of %d", next, n)
		}
	}
	if len(texts) != 9 || !texts["INSERT INTO a (b, c) VALUES ($1, $2), ($3, $4)"] {
		t.Errorf("%d texts", len(texts))
	}
}
