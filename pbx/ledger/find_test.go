package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// manyCalls are 3,000: every second comes in over line 1, of those every third is missed, and every fifth of all is
// ana's.
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
	leftIn(t, db, `["ana","zoe"]`, "c1001", "c2002", "c3003")
	if db.Dialect() == store.PostgreSQL {
		_, err := db.Exec(t.Context(), "ANALYZE")
		must(t, err)
	}
}

// leftIn has callers leave messages in the box of some users, a JSON list.
func leftIn(t *testing.T, db *store.DB, users string, calls ...string) {
	t.Helper()
	_, err := db.Exec(t.Context(), `INSERT INTO voicemail_box (id, name, users, greeting, language, seconds)
		VALUES ('box', 'Sales', $1, '', 'en', 180)`, users)
	must(t, err)
	for _, call := range calls {
		_, err := db.Exec(t.Context(), `INSERT INTO voicemail (id, box, call, from_number, from_name, at, length, blob, heard_at, heard_by)
			VALUES ('v' || $1, 'box', $1, '', '', 1, 1, 'x', 0, '')`, call)
		must(t, err)
	}
}

// What a filter finds among many is all that satisfies it and in order, however small the blocks; each condition is
// answered by an index.
func TestFiltersAmongMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		manyCalls(t, db)
		l := open(t, db)
		defer l.Close()
		left := func(i int) bool { return i == 1001 || i == 2002 || i == 3003 }
		for _, c := range []struct {
			f     Filter
			holds func(i int) bool
		}{
			{Filter{}, func(int) bool { return true }},
			{Filter{Viewer: "ana"}, func(i int) bool { return i%5 == 0 || left(i) }},
			{Filter{Viewer: "zoe"}, left},
			{Filter{Viewer: "zoe", Missed: true}, func(i int) bool { return left(i) && i%6 == 1 }},
			{Filter{User: "zoe"}, func(int) bool { return false }},
			{Filter{Missed: true}, func(i int) bool { return i%6 == 1 }},
			{Filter{Number: "+40301"}, func(i int) bool { return i%2 == 1 }},
			{Filter{Viewer: "ana", Missed: true}, func(i int) bool { return i%30 == 25 || left(i) && i%6 == 1 }},
			{Filter{User: "ana", Number: "+40301"}, func(i int) bool { return i%10 == 5 }},
			{Filter{Viewer: "ana", User: "bob1"}, func(i int) bool { return left(i) && i%40 == 1 }},
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
		for _, f := range []Filter{{}, {Viewer: "ana", User: "bob1"}, {Viewer: "ana", Number: "+407200"},
			{User: "ana", Missed: true}, {Number: "+40301", Missed: true}} {
			for first, c := range f.conditions() {
				others := slices.Delete(f.conditions(), first, first+1)
				for _, read := range append(c.ends("c3500", 10, nil), c.within(others, "c3500", "c1500", 10, nil)...) {
					if !strings.Contains(read.Query, "FROM voicemail WHERE") { // the messages of one's boxes are few
						byIndex(t, db, read.Query, read.Args...)
					}
				}
			}
		}
	})
}

// Every pair of filters finds what a look at each call finds, from any place on, and whatever the calls are like.
func TestPairsOfFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		calls := anyCalls(t, db, 400)
		for _, seed := range []Filter{{Viewer: "u0", User: "u1", Number: "n0", Missed: true},
			{Viewer: "u2", User: "u2", Number: "n1", Missed: true},
			{Viewer: "u3", User: "early", Number: "late", Missed: true}} {
			for chosen := range 16 {
				f := some(seed, chosen)
				for _, before := range []string{"", calls[250].id, calls[20].id} {
					var want, got []string
					for i := len(calls) - 1; i >= 0; i-- {
						if c := calls[i]; c.satisfies(f) && (before == "" || c.id < before) && len(want) < 30 {
							want = append(want, c.id)
						}
					}
					page, err := l.find(t.Context(), f.conditions(), before, 30, 8)
					must(t, err)
					for _, r := range page {
						got = append(got, r.ID)
					}
					if !slices.Equal(got, want) {
						t.Errorf("%+v before %q: %v, want %v", f, before, got, want)
					}
				}
			}
		}
		// Time that one of two never worked in is left out at one step.
		conditions, steps := Filter{Viewer: "early", User: "late"}.conditions(), 0
		for place := "z"; place != ""; steps++ {
			var err error
			_, place, err = l.rarest(t.Context(), conditions, place, 8)
			must(t, err)
		}
		if steps != 2 {
			t.Errorf("%d steps for two who never worked at one time", steps)
		}
	})
}

// some is a filter of which only some fields are set: a bit each.
func some(f Filter, chosen int) (out Filter) {
	if chosen&1 != 0 {
		out.Viewer = f.Viewer
	}
	if chosen&2 != 0 {
		out.User = f.User
	}
	if chosen&4 != 0 {
		out.Number = f.Number
	}
	out.Missed = chosen&8 != 0 && f.Missed
	return out
}

type anyCall struct {
	id, direction, from, to, line, outcome string
	users                                  []string
}

func (c anyCall) satisfies(f Filter) bool {
	has := func(user string) bool { return user == "" || slices.Contains(c.users, user) }
	return has(f.Viewer) && has(f.User) && (f.Number == "" ||
		slices.Contains([]string{c.from, c.to, c.line}, f.Number)) &&
		(!f.Missed || c.direction != "out" && slices.Contains([]string{"missed", "busy", "declined"}, c.outcome))
}

// anyCalls are made up at random, the oldest first; "early" and "late" are there in one half of the time each.
func anyCalls(t *testing.T, db *store.DB, many int) (calls []anyCall) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	must(t, db.Tx(t.Context(), func(tx *store.Tx) error {
		for i := range many {
			half := "early"
			if i >= many/2 {
				half = "late"
			}
			c := anyCall{fmt.Sprintf("c%03d", i), pick("in", "out", "internal"), pick("n0", "n1", half, "x"),
				pick("n0", "n2", "x"), pick("n1", "", half),
				pick("answered", "missed", "busy", "declined", "failed"),
				[]string{pick("u0", "u1", "u2", half), pick("u0", "u1", "u3", half)}}
			calls = append(calls, c)
			if _, err := tx.Exec(t.Context(), `INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk, started_at, answered_at, ended_at,
				seen_at, outcome, cause) VALUES ($1, 'n1', 1, $2, $3, '', $4, '', $5, '', 1, 1, 1, 1, $6, '')`, c.id, c.direction, c.from, c.to, c.line, c.outcome); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(),
				`INSERT INTO call_user (call, user_id, role, position) VALUES ($1, $2, 'took', 0), ($1, $3, 'rang', 1)`,
				c.id, c.users[0], c.users[1]); err != nil {
				return err
			}
		}
		return nil
	}))
	return calls
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
	if !strings.Contains(plan, "call_") || !strings.Contains(plan, "Index") && !strings.Contains(plan, "USING") ||
		strings.Contains(plan, "Seq Scan on call_") || strings.Contains(plan, "SCAN call") ||
		strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("%s\n%s", query, plan)
	}
}
