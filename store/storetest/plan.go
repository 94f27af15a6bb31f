package storetest

import (
	"strings"
	"testing"

	"frontdesk/store"
)

// Plan is how the database answers a statement, in its own words.
func Plan(t testing.TB, db *store.DB, statement string, args ...any) string {
	t.Helper()
	explain := map[store.Dialect]string{store.SQLite: "EXPLAIN QUERY PLAN ", store.PostgreSQL: "EXPLAIN "}[db.Dialect()]
	rows, err := db.Query(t.Context(), explain+statement, args...)
	lines, err := store.Collect(rows, err, func(r store.Row) (line string, err error) {
		if db.Dialect() == store.PostgreSQL {
			return line, r.Scan(&line)
		}
		var skip int
		return line, r.Scan(&skip, &skip, &skip, &line)
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
