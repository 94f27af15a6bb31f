package report

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// BenchmarkReports sums up a year with a million calls, of fifty users, ten numbers and eight queues.
func BenchmarkReports(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.DB{"sqlite": storetest.SQLite,
		"postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			db := open(b)
			first := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
			fill(b, db, first, 1_000_000)
			some := func(q *query.Builder) {
				q.Add("SELECT user_id FROM call_user WHERE user_id IN ('user-1', 'user-2', 'user-3')")
			}
			for _, span := range []int{1, 30, 365} {
				for _, by := range []By{ByDay, ByUser, ByGroup, ByNumber, ByResult} {
					for who, people := range map[string]func(*query.Builder){"all": nil, "team": some} {
						b.Run(fmt.Sprintf("days=%d/%s/%s", span, by, who), func(b *testing.B) {
							q := Query{By: by, From: first.AddDate(0, 6, 0), Until: first.AddDate(0, 6, span),
								Zone: time.UTC, Within: 20 * time.Second, People: people}
							if span == 365 {
								q.From, q.Until = first, first.AddDate(1, 0, 0)
							}
							for b.Loop() {
								if _, err := New(db).Calls(b.Context(), q); err != nil {
									b.Fatal(err)
								}
							}
						})
					}
				}
			}
		})
	}
}

// fill writes so many calls of a year: of three one is missed, of four one goes out.
func fill(b *testing.B, db *store.DB, first time.Time, calls int) {
	apart := 365 * 24 * time.Hour / time.Duration(calls)
	var writes []*query.Builder
	const together = 20 // the more places a statement has, the slower SQLite finds each
	for from := 0; from < calls; from += together {
		records := query.New(`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line,
			trunk, started_at, answered_at, ended_at, seen_at, outcome, cause) VALUES `)
		users := query.New(`INSERT INTO call_user (call, user_id, role, position) VALUES `)
		steps := query.New(`INSERT INTO call_step (call, position, kind, users, trunk, number, begun_at, ended_at, outcome,
			answered_by, item) VALUES `)
		for i := from; i < from+together; i++ {
			began := first.Add(time.Duration(i) * apart)
			id := fmt.Sprintf("%s-7000-8000-%012x", store.IDsSince(began), i)
			client, line, user := fmt.Sprintf("+407%08d", i*7919%200_000), fmt.Sprintf("+4031100000%d", i%10),
				fmt.Sprintf("user-%d", i*31%50)
			direction, outcome, answered, role := "in", "answered", store.Micros(began.Add(12*time.Second)), "took"
			to := line
			if i%4 == 0 {
				direction, client, to = "out", "101", client
			}
			if i%3 == 0 {
				outcome, answered = "missed", 0
				if direction == "in" {
					role = "rang"
				}
			}
			ended := store.Micros(began.Add(90 * time.Second))
			records.Values(id, "n", 1, direction, client, "", to, "", line, "trunk", store.Micros(began), answered,
				ended, ended, outcome, "")
			users.Values(id, user, role, 1).Values(id, fmt.Sprintf("user-%d", (i*31+1)%50), "rang", 2)
			steps.Values(id, 0, "queue", "[]", "", "", store.Micros(began), ended, outcome, "",
				fmt.Sprintf("queue-%d", i%8))
			steps.Values(id, 1, "ring", "[]", "", "", store.Micros(began), ended, outcome, "", "")
		}
		writes = append(writes, records, users, steps)
		if len(writes) < 300 && from+together < calls {
			continue
		}
		err := db.Tx(b.Context(), func(tx *store.Tx) error {
			for _, q := range writes {
				if _, err := tx.Exec(b.Context(), q.String(), q.Args...); err != nil {
					return err
				}
			}
			return nil
		})
		writes = writes[:0]
		if err != nil {
			b.Fatal(err)
		}
	}
}
