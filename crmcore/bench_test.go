package crmcore

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// people is the size of the company that the figures are measured with.
const people = 100_000

func percentile(times []time.Duration, p int) time.Duration {
	slices.Sort(times)
	return times[min(len(times)*p/100, len(times)-1)]
}

// BenchmarkCRM prints p50 and p99 of the contact match alone and of Receive with its commit, for known and unknown
// callers, among 100,000 contacts with a timeline and open deals.
func BenchmarkCRM(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.DB{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			db := open(b)
			c, seller := crowd(b, db)
			known := func(i int) Touch { return ring(seller, fmt.Sprint("known", i), number(rand.N(people))) }
			measure(b, "match", func(i int) error { _, err := c.match(b.Context(), db, known(i)); return err })
			measure(b, "receive", func(i int) error { _, err := c.Receive(b.Context(), known(i)); return err })
			measure(b, "receive_unknown", func(i int) error {
				_, err := c.Receive(b.Context(), ring(seller, fmt.Sprint("new", i), fmt.Sprintf("+40733%06d", i)))
				return err
			})
		})
	}
}

func ring(seller, key, from string) Touch {
	return Touch{Channel: Call, Phase: Began, Key: key, Incoming: true, Client: Address{Kind: Phone, Value: from, Raw: from}, Users: []string{seller}, At: time.Now()}
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
	u, err := c.CreateUser(ctx, System(), NewUser{User: User{Login: "root", Name: "Root", Role: Admin}, Password: "correct horse"})
	if err == nil {
		_, err = c.SavePipeline(ctx, System(), Pipeline{Name: "Sales", Stages: []Stage{{Name: "New"}}})
	}
	if err == nil {
		err = db.Tx(ctx, func(tx *store.Tx) error { return fill(ctx, tx, u.ID) })
	}
	if err == nil {
		_, err = db.Exec(ctx, "ANALYZE")
	}
	if err != nil {
		b.Fatal(err)
	}
	return c, u.ID
}

func fill(ctx context.Context, tx *store.Tx, owner string) error {
	company := ""
	for i := range people {
		if i%10 == 0 {
			firm := Company{ID: store.NewID(), Name: fmt.Sprintf("Firm %d", i/10), Responsible: owner}
			if company = firm.ID; insertCompany(ctx, tx, firm) != nil {
				return fmt.Errorf("company %d", i)
			}
		}
		x := Contact{ID: store.NewID(), Name: fmt.Sprintf("Person %d Name%d", i, i%977), Company: company, Responsible: owner,
			Points: []Point{{Kind: Phone, Value: number(i), Raw: number(i)}, {Kind: Email, Value: fmt.Sprintf("p%d@firm%d.ro", i, i/10)}}}
		e := entry{Activity: Activity{ID: store.NewID(), Kind: "call", At: now().Add(-time.Hour), User: owner, Entities: []Ref{{KindContact, x.ID}}}}
		d := Deal{ID: store.NewID(), Title: "Deal", Contact: x.ID, Company: company, Responsible: owner, Currency: "EUR"}
		err := steps(
			func() error { return insertContact(ctx, tx, x) },
			func() error { _, err := e.insert(ctx, tx); return err },
			func() error {
				if i%10 != 0 {
					return nil
				}
				return insertDeal(ctx, tx, &d)
			})
		if err != nil {
			return err
		}
	}
	return nil
}
