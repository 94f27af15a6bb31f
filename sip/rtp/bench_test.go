//go:build linux

package rtp

import (
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media/net/load"
)

// BenchmarkRelay is what a packet forwarded between two phones costs, at a number of two-way calls. Beside ours stands
// rtpengine in userspace, where it is installed.
func BenchmarkRelay(b *testing.B) {
	for _, calls := range []int{50, 100, 250} {
		var ours, theirs float64
		b.Run(fmt.Sprintf("%d calls", calls), func(b *testing.B) { ours = relay(b, calls, 0) })
		b.Run(fmt.Sprintf("%d calls in rtpengine", calls), func(b *testing.B) {
			engine := load.RTPEngine(b)
			theirs = relayed(b, calls, 0, engine.PID, func(x, y netip.AddrPort) []netip.AddrPort {
				first, second := engine.Bridge(x, y, "RTP/AVP", func(string) string { return "" })
				return []netip.AddrPort{first, second}
			})
			b.ReportMetric(ours/theirs, "ours/theirs")
		})
	}
	b.Run("100 calls and 20000 garbage datagrams per s", func(b *testing.B) { relay(b, 100, 20000) })
}

// BenchmarkMemory is what a call of two streams takes, kernel not counted.
func BenchmarkMemory(b *testing.B) {
	const calls = 1000
	for b.Loop() {
		before, bridge := inUse(), streams(b)
		for range calls {
			bridge(netip.MustParseAddrPort("127.0.0.1:9"), netip.MustParseAddrPort("127.0.0.1:9"))
		}
		b.ReportMetric(float64(inUse()-before)/1024/calls, "KB/call")
	}
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

func relay(b *testing.B, calls, flood int) (cost float64) {
	return relayed(b, calls, flood, os.Getpid(), streams(b))
}

// relayed measures calls of phones two by two, which bridge connects: it says where they shall send. The first one's
// port is flooded with so many datagrams a second.
func relayed(b *testing.B, calls, flood, pid int, bridge func(x, y netip.AddrPort) []netip.AddrPort) (cost float64) {
	g := load.Start(b, "TestGenerator", fmt.Sprint(2*calls, " ", flood))
	var phones, to []netip.AddrPort
	g.Read(&phones)
	for pair := range slices.Chunk(phones, 2) {
		to = append(to, bridge(pair[0], pair[1])...)
	}
	g.Tell(to)
	return g.Measure(b, pid, 1)
}

// streams bridges phones through streams of ours, as a call does.
func streams(t testing.TB) func(x, y netip.AddrPort) []netip.AddrPort {
	ports, strangers := testPorts(t), prometheus.NewCounter(prometheus.CounterOpts{Name: "strangers"})
	return func(first, second netip.AddrPort) []netip.AddrPort {
		x, y := openStream(t, ports, first, strangers), openStream(t, ports, second, strangers)
		x.track.Load().Attach(y)
		y.track.Load().Attach(x)
		return []netip.AddrPort{x.Local(), y.Local()}
	}
}
