//go:build linux

package rtp

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// BenchmarkRelay is the CPU of the server, user and system, for each packet forwarded between two phones, at a number
// of two-way calls; what is lost; and how much later a packet arrives. Every phone sends at its own phase, and in a
// process of its own (see generator). Beside ours stands rtpengine in userspace, where it is installed.
func BenchmarkRelay(b *testing.B) {
	for _, calls := range []int{50, 100, 250} {
		var ours, theirs float64
		b.Run(fmt.Sprintf("%d calls", calls), func(b *testing.B) { ours = relay(b, calls, 0, os.Getpid(), streams) })
		b.Run(fmt.Sprintf("%d calls in rtpengine", calls), func(b *testing.B) {
			pid, bridge := rtpengine(b)
			theirs = relay(b, calls, 0, pid, bridge)
			b.ReportMetric(ours/theirs, "ours/theirs")
		})
	}
	b.Run("100 calls and 20000 garbage datagrams per s",
		func(b *testing.B) { relay(b, 100, 20000, os.Getpid(), streams) })
}

// BenchmarkMemory is what a call of two streams takes, kernel not counted.
func BenchmarkMemory(b *testing.B) {
	const calls = 1000
	for b.Loop() {
		before := inUse()
		streams(b, slices.Repeat([]netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:9")}, 2*calls))
		b.ReportMetric(float64(inUse()-before)/1024/calls, "KB/call")
	}
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

const measured = 5 * time.Second

// relay measures calls of phones two by two, which bridge connects: it gets the phones' addresses and says where they
// shall send. The first one's port is flooded with so many datagrams a second.
func relay(b *testing.B, calls, flood, pid int,
	bridge func(testing.TB, []netip.AddrPort) []netip.AddrPort) (cost float64) {
	g := startGenerator(b, 2*calls, flood)
	g.tell(bridge(b, g.phones))
	<-time.After(4 * time.Second) // latched, and rtpengine is sure of its peers after 3 s
	for b.Loop() {
		g.line("measure")
		before := cpuTime(b, pid)
		<-time.After(measured)
		used := cpuTime(b, pid) - before
		g.line("tell")
		var r heard
		g.read(&r)
		cost = float64(used.Nanoseconds()) / 1000 / float64(max(r.Sent, 1))
		b.ReportMetric(cost, "cpu-µs/packet")
		b.ReportMetric(float64(r.Sent)/measured.Seconds(), "packets/s")
		b.ReportMetric(float64(r.Lost), "lost")
		b.ReportMetric(r.P50.Seconds()*1000, "p50-ms")
		b.ReportMetric(r.P99.Seconds()*1000, "p99-ms")
		b.ReportMetric(r.Late.Seconds()*1000, "generator-p99-ms")
		b.ReportMetric(0, "ns/op")
	}
	return cost
}

// streams bridges phones through streams of ours, as a call does.
func streams(t testing.TB, phones []netip.AddrPort) (to []netip.AddrPort) {
	ports, strangers := testPorts(t), prometheus.NewCounter(prometheus.CounterOpts{Name: "strangers"})
	for i := 0; i < len(phones); i += 2 {
		x, y := openStream(t, ports, phones[i], strangers), openStream(t, ports, phones[i+1], strangers)
		x.track.Load().Attach(y)
		y.track.Load().Attach(x)
		to = append(to, x.Local(), y.Local())
	}
	return to
}

// generatorProcess is this test binary as the generator.
type generatorProcess struct {
	t      testing.TB
	in     io.Writer
	out    *bufio.Reader
	phones []netip.AddrPort
}

func startGenerator(t testing.TB, phones, flood int) *generatorProcess {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestGenerator$", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d", generatorEnv, phones, flood), "GOMAXPROCS=4")
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	g := &generatorProcess{t: t, in: in, out: bufio.NewReader(out)}
	g.read(&g.phones)
	return g
}

func (g *generatorProcess) read(into any) {
	g.t.Helper()
	line, err := g.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		g.t.Fatalf("the generator says %q: %v", line, err)
	}
}

func (g *generatorProcess) tell(v any) {
	if err := json.NewEncoder(g.in).Encode(v); err != nil {
		g.t.Fatal(err)
	}
}

func (g *generatorProcess) line(s string) { fmt.Fprintln(g.in, s) }

// cpuTime is the user and system time of a process.
func cpuTime(t testing.TB, pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, fields, _ := strings.Cut(string(stat), ") ")
	var user, system int64
	var skip string
	fmt.Sscan(fields, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &user, &system)
	return time.Duration(user+system) * 10 * time.Millisecond // of USER_HZ
}
