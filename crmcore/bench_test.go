package crmcore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// population is the size of the company that the figures are measured with.
const population = 100_000

func percentile(times []time.Duration, p int) time.Duration {
	slices.Sort(times)
	return times[min(len(times)*p/100, len(times)-1)]
}

// BenchmarkCRM prints p50 and p99 of the contact match alone and of Receive with its commit, for known and unknown
// callers, among 100,000 contacts with a timeline and open deals.
func BenchmarkCRM(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.DB{"sqlite": storetest.SQLite,
		"postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			db := open(b)
			c, seller := crowd(b, db)
			known := func(i int) Touch { return ring(seller, fmt.Sprint("known", i), number(rand.N(population))) }
			measure(b, "match", func(i int) error { _, err := known(i).question().Who(b.Context(), db); return err })
			measure(b, "receive", func(i int) error { _, err := c.Receive(b.Context(), known(i)); return err })
			measure(b, "receive_unknown", func(i int) error {
				_, err := c.Receive(b.Context(), ring(seller, fmt.Sprint("new", i), fmt.Sprintf("+40733%06d", i)))
				return err
			})
		})
	}
}

func ring(seller, key, from string) Touch {
	return Touch{Channel: timeline.Call, Phase: timeline.Began, Key: key, Incoming: true,
		Client: address.Address{Kind: address.Phone, Value: from, Raw: from}, Users: []string{seller}, At: time.Now()}
}

func measure(b *testing.B, name string, fn func(i int) error) {
	b.Run(name, func(b *testing.B) {
		times := make([]time.Duration, 0, 4096)
		for i := 0; b.Loop(); i++ {
			start := time.Now()
			if err := fn(i + int(start.UnixNano()%1e9)*1000); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(start))
		}
		b.ReportMetric(float64(percentile(times, 50).Microseconds()), "p50-µs")
		b.ReportMetric(float64(percentile(times, 99).Microseconds()), "p99-µs")
	})
}

// crowd fills the database in one transaction: contacts in companies of ten, with a call each and a deal each tenth.
func crowd(b *testing.B, db *store.DB) (*Core, string) {
	ctx := b.Context()
	c := New(db, Config{}, Hooks{}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	u, err := c.CreateUser(ctx, people.System(),
		people.NewUser{User: people.User{Login: "root", Name: "Root", Role: people.Admin},
			Password: "correct horse"})
	if err != nil {
		b.Fatal(err)
	}
	p, err := c.SavePipeline(ctx, people.System(), Pipeline{Name: "Sales", Stages: []Stage{{Name: "New"}}})
	if err == nil {
		err = db.Tx(ctx, func(tx *store.Tx) error { return fill(ctx, tx, u.ID, p) })
	}
	if err == nil && db.Dialect() == store.PostgreSQL {
		_, err = db.Exec(ctx, "ANALYZE") // as its autovacuum does by itself
	}
	if err != nil {
		b.Fatal(err)
	}
	return c, u.ID
}

// bulk gathers lines of a table and inserts them thirty at a time.
type bulk struct {
	tx     *store.Tx
	into   string
	q      query.Builder
	pieces int
}

func (k *bulk) add(ctx context.Context, values ...any) error {
	if k.pieces == 0 {
		k.q = query.Builder{}
		k.q.Add("INSERT INTO " + k.into + " VALUES ")
	}
	k.q.Values(values...)
	if k.pieces++; k.pieces < 30 {
		return nil
	}
	return k.flush(ctx)
}

func (k *bulk) flush(ctx context.Context) error {
	if k.pieces == 0 {
		return nil
	}
	k.pieces = 0
	_, err := k.tx.Exec(ctx, k.q.String(), k.q.Args...)
	return err
}

func fill(ctx context.Context, tx *store.Tx, owner string, p Pipeline) error {
	table := func(into string) *bulk { return &bulk{tx: tx, into: into} }
	firms := table("company (id, name, folded, website, comment, responsible, department, created_at, updated_at)")
	persons := table("contact (id, name, folded, position, company, comment, responsible, department, created_at, " +
		"updated_at)")
	sales := table("deal (id, name, folded, contact, company, pipeline, stage, amount, currency, comment, " +
		"responsible, department, created_at, updated_at, moved_at)")
	numbers, found := table("contact_point"), table("search_word")
	calls := table("activity (id, kind, channel, dedupe, phase, incoming, at, seconds, outcome, title, body, " +
		"address, line, user_id, due_at, verified, waiting, several, source)")
	edges := table("activity_entity")
	firm, at := "", store.Micros(store.Now().Add(-time.Hour))
	for i := range population {
		id, name, call, phone, email := store.NewID(), fmt.Sprintf("Person %d Name%d", i, i%977), store.NewID(),
			number(i), fmt.Sprintf("p%d@firm%d.ro", i, i/10)
		var err []error
		if i%10 == 0 {
			firm = store.NewID()
			err = append(err, firms.add(ctx, firm, "Firm", record.SortKey("Firm"), "", "", owner, "", at, at),
				sales.add(ctx, store.NewID(), "Deal", record.SortKey("Deal"), id, firm, p.ID, p.Stages[0].ID, 100,
					"EUR", "",
					owner, "", at, at, at))
		}
		err = append(err, persons.add(ctx, id, name, record.SortKey(name), "", firm, "", owner, "", at, at),
			numbers.add(ctx, record.Contact, id, 0, address.Phone, phone, "", phone, "", true,
				record.Reversed(record.Point{Kind: address.Phone, Value: phone})),
			numbers.add(ctx, record.Contact, id, 1, address.Email, email, "", email, "", true, []byte{}),
			calls.add(ctx, call, "call", "call", call, "ended", true, at, 60, "answered", "", "", phone, "", owner, 0,
				true, false, false, ""),
			edges.add(ctx, record.Contact, id, at, call))
		for _, w := range []string{"person", fmt.Sprint(i), fmt.Sprintf("name%d", i%977), address.Digits(phone),
			email} {
			err = append(err, found.add(ctx, record.Contact, []byte(w), id))
		}
		if err := errors.Join(err...); err != nil {
			return err
		}
	}
	for _, k := range []*bulk{firms, persons, sales, numbers, found, calls, edges} {
		if err := k.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}
