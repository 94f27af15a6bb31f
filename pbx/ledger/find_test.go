package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// manyCalls are 3,000: every second comes in over line 1, of those every third is missed, and every fifth of all is ana's.
func manyCalls(t *testing.T, db *store.DB) {
	t.Helper()
	const n = `WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 3999) `
	for _, statement := range []string{
		n + `INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk, started_at, answered_at, ended_at, seen_at, outcome, cause)
			SELECT 'c' || i, 'n1', 1, 'in', '+407' || i, '', '', '', '+4030' || (i % 2), '', i, i, i, i, CASE WHEN i % 6 = 1 THEN 'missed' ELSE 'answered' END, '' FROM n`,
		n + `INSERT INTO call_user (call, user_id, role, position) SELECT 'c' || i, CASE WHEN i % 5 = 0 THEN 'ana' ELSE 'bob' || (i % 40) END, 'took', 0 FROM n`,
		n + `INSERT INTO call_user (call, user_id, role, position) SELECT 'c' || i, 'ana', 'rang', 1 FROM n WHERE i % 5 = 0`,
	} {
		_, err := db.Exec(t.Context(), statement)
		must(t, err)
	}
	if db.Dialect() == store.PostgreSQL {
		_, err := db.Exec(t.Context(), "ANALYZE")
		must(t, err)
	}
}

// What a filter finds among many is all that satisfies it and in order, however small the blocks; each condition is answered by an index.
func TestFiltersAmongMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		manyCalls(t, db)
		l := open(t, db)
		defer l.Close()
		for _, c := range []struct {
			f     Filter
			holds func(i int) bool
		}{
			{Filter{}, func(int) bool { return true }},
			{Filter{Viewer: "ana"}, func(i int) bool { return i%5 == 0 }},
			{Filter{Missed: true}, func(i int) bool { return i%6 == 1 }},
			{Filter{Number: "+40301"}, func(i int) bool { return i%2 == 1 }},
			{Filter{Viewer: "ana", Missed: true}, func(i int) bool { return i%30 == 25 }},
			{Filter{User: "ana", Number: "+40301"}, func(i int) bool { return i%10 == 5 }},
			{Filter{Viewer: "ana", User: "bob1"}, func(int) bool { return false }},
		} {
			var want, got []string
			for i := 3999; i >= 1000; i-- {
				if c.holds(i) {
					want = append(want, fmt.Sprint("c", i))
				}
			}
			conditions := c.f.conditions()
			for before := ""; ; before = got[len(got)-1] {
				page, err := l.find(t.Context(), conditions, before, 400, 130)
				must(t, err)
				for _, r := range page {
					got = append(got, r.ID)
				}
				if len(page) < 400 {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v: %d calls, want %d", c.f, len(got), len(want))
			}
		}
		for _, c := range (Filter{Viewer: "ana", Number: "+407200", Missed: true}).conditions() {
			for _, list := range c.lists {
				byIndex(t, db, list, append([]any{"c3500", 10}, c.args...)...)
			}
		}
	})
}

func byIndex(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	explain := map[store.Dialect]string{store.SQLite: "EXPLAIN QUERY PLAN ", store.PostgreSQL: "EXPLAIN "}[db.Dialect()]
	rows, err := db.Query(t.Context(), explain+query, args...)
	lines, err := store.Collect(rows, err, func(row store.Row) (line string, err error) {
		if db.Dialect() == store.PostgreSQL {
			return line, row.Scan(&line)
		}
		var skip int
		return line, row.Scan(&skip, &skip, &skip, &line)
	})
	must(t, err)
	plan := strings.Join(lines, "\n")
	if !strings.Contains(plan, "call_") || !strings.Contains(plan, "Index") && !strings.Contains(plan, "USING") || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("%s\n%s", query, plan)
	}
}
