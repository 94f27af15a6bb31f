package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// sqliteURL is a database that is made when it is opened.
func sqliteURL(t testing.TB) string { return "sqlite://" + filepath.Join(t.TempDir(), "x.db") }

// with opens a database for fn and closes it again.
func with(t *testing.T, url string, fn func(db *store.DB)) {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	fn(db)
}

func exec(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func tableNames(t *testing.T, db *store.DB) (names []string) {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'goose%'`
	if db.Dialect() == store.PostgreSQL {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%'`
	}
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// fill puts rows into every table of a new SQLite database, whatever its tables are: in row i every text is the same,
// so that every foreign key finds its row.
func fill(t *testing.T, url string, rows int) {
	t.Helper()
	storetest.MigratedFile(t, strings.TrimPrefix(url, "sqlite://"))
	with(t, url, func(db *store.DB) {
		names, columns := tableNames(t, db), map[string][]described{}
		for _, name := range names {
			columns[name] = describe(t, db, name)
		}
		exec(t, db, `PRAGMA foreign_keys = OFF`) // in any order; checked below
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			for _, name := range names {
				fillTable(t, tx, name, columns[name], rows)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var table, parent sql.NullString
		var row, key sql.NullInt64
		if err := db.QueryRow(t.Context(), `PRAGMA foreign_key_check`).Scan(&table, &row, &parent,
			&key); err != sql.ErrNoRows {
			t.Fatal(table, row, parent, err)
		}
	})
}

func fillTable(t *testing.T, tx *store.Tx, name string, columns []described, rows int) {
	for i := 2; i < rows+2; i++ { // 1 is taken by a migration
		values, marks := []any{}, []string{}
		for j, c := range columns {
			values, marks = append(values, c.value(t, name, i)), append(marks, fmt.Sprint("$", j+1))
		}
		if _, err := tx.Exec(t.Context(), fmt.Sprintf(`INSERT INTO %q VALUES (%s)`, name, strings.Join(marks, ", ")),
			values...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func (c described) value(t *testing.T, table string, i int) any {
	texts := []string{"", "it's \"quoted\"", "șțăîâ ёж 🦔", strings.Repeat("long ", 200), "E", "e", "é", "Z", "_", "-"}
	switch {
	case c.null && i%3 == 0:
		return nil
	case c.kind == "TEXT":
		return fmt.Sprint(texts[i%len(texts)], i)
	case c.kind == "BIGINT" && !c.key && i == 5:
		return int64(math.MinInt64)
	case c.kind == "BIGINT":
		return int64(i)
	case c.kind == "BOOLEAN":
		return i%2 == 0
	case c.kind == "BYTEA":
		return slices.Repeat([]byte{0, 0xff, byte(i)}, i-2)
	}
	t.Fatalf("%s.%s is a %s, which copying must learn first", table, c.name, c.kind)
	return nil
}

type described struct {
	name, kind string
	null, key  bool
}

func describe(t *testing.T, db *store.DB, table string) (list []described) {
	rows, err := db.Query(t.Context(), `SELECT name, type, "notnull" = 0 AND pk = 0, pk > 0 FROM pragma_table_info($1) ORDER BY cid`, table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var d described
		if err := rows.Scan(&d.name, &d.kind, &d.null, &d.key); err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

// dump is all that a SQLite database holds, as text, read without the code under test.
func dump(t *testing.T, url string) string {
	t.Helper()
	var out strings.Builder
	with(t, url, func(db *store.DB) {
		for _, name := range tableNames(t, db) {
			var columns []string
			for _, c := range describe(t, db, name) {
				columns = append(columns, fmt.Sprintf("quote(%q)", c.name))
			}
			rows, err := db.Query(t.Context(),
				fmt.Sprintf(`SELECT %s AS line FROM %q ORDER BY line`, strings.Join(columns, " || ',' || "), name))
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					t.Fatal(err)
				}
				fmt.Fprintln(&out, name, line)
			}
			rows.Close()
		}
	})
	return out.String()
}

// lines collects what a command says.
type lines []string

func (l *lines) say(line string) { *l = append(*l, line) }

func TestCopyTakesEveryTableBothWays(t *testing.T) {
	const rows, many = 20, 1234                                                // many: more than one statement holds
	const sorted = `LOCALE_PROVIDER icu ICU_LOCALE 'en-US' TEMPLATE template0` // as people sort, unlike SQLite
	first, postgres, last := sqliteURL(t), storetest.PostgresURL(t, sorted), sqliteURL(t)
	fill(t, first, rows)
	with(t, first, func(db *store.DB) {
		exec(t, db, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) INSERT INTO setting SELECT 'many ' || i, i FROM n`, many)
	})
	for _, step := range [][2]string{{first, postgres}, {postgres, last}} {
		var said lines
		if err := store.Copy(t.Context(), step[0], step[1], said.say); err != nil {
			t.Fatalf("%v\n%s", err, strings.Join(said, "\n"))
		}
		with(t, step[1], func(db *store.DB) {
			for _, name := range tableNames(t, db) {
				var n int
				if err := db.QueryRow(t.Context(), fmt.Sprintf(`SELECT count(*) FROM %q`, name)).Scan(&n); err != nil ||
					n < rows {
					t.Errorf("%s has %d rows in the target, %v", name, n, err)
				}
				if !strings.Contains(strings.Join(said, "\n"), " "+name+" ") {
					t.Errorf("nothing is said of %s", name)
				}
			}
		})
	}
	if dump(t, first) != dump(t, last) {
		t.Error("what went to PostgreSQL and back has changed")
	}
	if err := store.Compare(t.Context(), first, postgres, new(lines).say); err != nil {
		t.Error(err)
	}
}

func TestCompareNamesTheTable(t *testing.T) {
	first, second := sqliteURL(t), storetest.PostgresURL(t)
	fill(t, first, 10)
	if err := store.Copy(t.Context(), first, second, new(lines).say); err != nil {
		t.Fatal(err)
	}
	for table, change := range map[string]string{
		"extension":   `UPDATE extension SET destination = destination || ' ' WHERE number = (SELECT min(number) FROM extension)`,
		"call_user":   `UPDATE call_user SET position = position + 1 WHERE position = 3`,
		"trunk":       `UPDATE trunk SET active = NOT active WHERE id = (SELECT max(id) FROM trunk)`,
		"activity":    `UPDATE activity SET dedupe = '' WHERE id = (SELECT min(id) FROM activity WHERE dedupe IS NULL)`,
		"search_word": `DELETE FROM search_word WHERE word = (SELECT word FROM search_word ORDER BY word DESC LIMIT 1)`,
	} {
		if err := store.Compare(t.Context(), first, second, new(lines).say); err != nil &&
			strings.Contains(err.Error(), table) {
			t.Errorf("%s is not changed yet: %v", table, err)
		}
		with(t, second, func(db *store.DB) { exec(t, db, change) })
		var said lines
		err := store.Compare(t.Context(), first, second, said.say)
		if err == nil || !strings.Contains(err.Error(), table) ||
			!strings.Contains(strings.Join(said, "\n"), "DIFFERS") {
			t.Errorf("%s changed: %v", table, err)
		}
	}
}

func TestCopyRefuses(t *testing.T) {
	good := sqliteURL(t)
	fill(t, good, 3)
	migrated := func() string {
		url := sqliteURL(t)
		storetest.MigratedFile(t, strings.TrimPrefix(url, "sqlite://"))
		return url
	}
	used := migrated()
	with(t, used, func(db *store.DB) { exec(t, db, `UPDATE event_counter SET seq = 1`) })
	foreign := migrated()
	with(t, foreign, func(db *store.DB) { exec(t, db, `CREATE TABLE other (id TEXT PRIMARY KEY)`) })
	from := func(change string, args ...any) string {
		url := sqliteURL(t)
		fill(t, url, 3)
		with(t, url, func(db *store.DB) { exec(t, db, change, args...) })
		return url
	}
	aged := from(`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
	before, _ := os.ReadFile(strings.TrimPrefix(aged, "sqlite://"))
	for _, c := range []struct{ what, from, to, want string }{
		{"a target with data", good, used, "table event_counter"},
		{"a target with other tables", good, foreign, "other.id"},
		{"itself", good, good, "data already"},
		{"no source", sqliteURL(t), sqliteURL(t), "no such file"},
		{"an older source", aged, sqliteURL(t), "start this version"},
		{"a newer source", from(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`), sqliteURL(t), "newer version"},
		{"a running server", from(`UPDATE node SET id = 'desk-1', state = 'up', seen_at = $1 WHERE id LIKE '%2'`, store.Micros(time.Now().Add(time.Hour))), sqliteURL(t), "desk-1"},
		{"a number that is none", from(`UPDATE event SET at = 'notanumber' WHERE seq = 3`), sqliteURL(t), "table event, row seq \"3\", column at"},
		{"another scheme", "mysql://joe:hunter2@host/x", sqliteURL(t), "sqlite:// or postgres://"},
	} {
		err := store.Copy(t.Context(), c.from, c.to, new(lines).say)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if after, _ := os.ReadFile(strings.TrimPrefix(aged, "sqlite://")); string(after) != string(before) {
		t.Error("the older source was changed")
	}
}

// A copy that fails in the middle leaves nothing, so that it can be done again.
func TestCopyIsAllOrNothing(t *testing.T) {
	source, target := sqliteURL(t), storetest.PostgresURL(t)
	fill(t, source, 30)
	with(t, source, func(db *store.DB) {
		exec(t, db, `UPDATE setting SET value = 'a' || char(0) || 'b' WHERE name = (SELECT max(name) FROM setting)`)
	})
	err := store.Copy(t.Context(), source, target, new(lines).say)
	if err == nil || !strings.Contains(err.Error(), "table setting, row name") ||
		!strings.Contains(err.Error(), "NUL") {
		t.Errorf("a text that PostgreSQL can't keep: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	if err := store.Copy(ctx, source, target, func(string) {
		if n++; n == 10 {
			cancel()
		}
	}); err == nil {
		t.Error("a cancelled copy succeeds")
	}
	with(t, source, func(db *store.DB) { exec(t, db, `UPDATE setting SET value = 'ab' WHERE value LIKE 'a%'`) })
	if err := store.Copy(t.Context(), source, target, new(lines).say); err != nil {
		t.Errorf("once it is corrected: %v", err)
	}
}
