package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// BenchmarkCalls is a whole call of a phone, again and again, at a steady rate: INVITE of a carrier to a rented number,
// the client's card, a desk phone that answers at once, BYE, and the call on the client's timeline. Only the node is in
// this process: callers, phones and PostgreSQL are not counted in its CPU.
func BenchmarkCalls(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, rate := range callRates() {
			b.Run(fmt.Sprintf("%s/%d", engine, rate), func(b *testing.B) { steadyCalls(b, engine, rate) })
		}
	}
}

// callRates are calls a second; FRONTDESK_BENCH_RATES names others.
func callRates() (rates []int) {
	for _, text := range strings.Fields(strings.ReplaceAll(os.Getenv("FRONTDESK_BENCH_RATES"), ",", " ")) {
		if rate, err := strconv.Atoi(text); err == nil {
			rates = append(rates, rate)
		}
	}
	if len(rates) == 0 {
		return []int{50, 400}
	}
	return rates
}

func steadyCalls(b *testing.B, engine string, rate int) {
	calls, people := max(10*rate, 10_000*rate/400), max(300, 2*rate) // nobody is called while he talks
	url := ""
	if engine == "postgres" {
		url = storetest.PostgresURL(b)
	}
	n := runCompany(b, url)
	doors, err := n.ready(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	o := newOffice(b, &company{ready: doors, t: b}, 2, people)
	made, answered := 0, 0
	b.ResetTimer()
	before, began, commits := processorTime(b), time.Now(), commitsOf(n.db)
	for b.Loop() {
		o.called(calls, 1000, rate)
		testwait.Until(b, "the last call to be on its timeline", func() bool {
			var waiting int
			row := n.db.QueryRow(b.Context(), `SELECT count(*) FROM job WHERE kind = 'intake.call'`)
			if err := row.Scan(&waiting); err != nil {
				b.Fatal(err)
			}
			return waiting == 0
		})
		made, answered = made+calls, answered+o.answered()
	}
	took := time.Since(began)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(made), "cpu-ms/call")
	b.ReportMetric(float64(answered)/took.Seconds(), "calls/s")
	b.ReportMetric(float64(made-answered), "failed")
	b.ReportMetric(float64(commitsOf(n.db)-commits)/float64(made), "commits/call")
	reportLoad(b)
}

// commitsOf is how many transactions were written.
func commitsOf(db *store.DB) (n int64) {
	for class := range store.Classes() {
		n += db.Commits(class)
	}
	return n
}
