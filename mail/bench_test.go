package mail

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// BenchmarkDeliver stores 10 KB messages from 20 connections: blob with fsync, then the transaction.
func BenchmarkDeliver(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.DB{"sqlite": storetest.SQLite,
		"postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			o := newOffice(b, open(b))
			body := strings.Repeat("All work and no play makes Jack a dull boy.\n", 230)
			var n atomic.Int64
			b.SetParallelism(10) // times GOMAXPROCS, which is 2 here
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					o.receive(fmt.Sprintf("From: c@else.example\nTo: ana@acme.example\nSubject: Load\n"+
						"Message-ID: <%d@x>\n\n%s", n.Add(1), body), Verdict{}, o.ana)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}
