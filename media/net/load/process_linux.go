package load

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

const (
	scenario = "FRONTDESK_LOAD" // what a generator's process is to do
	measured = 5 * time.Second
	settled  = 4 * time.Second // rtpengine is sure of its peers after 3 s
)

// Scenario is what this process, a generator's, is to do; "" when it is none.
func Scenario() string { return os.Getenv(scenario) }

// Input reads what the benchmark tells its generator, line by line.
func Input() *bufio.Scanner {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	return in
}

// Process is this test binary as a generator: another process, whose CPU is not the server's.
type Process struct {
	t   testing.TB
	in  io.Writer
	out *bufio.Reader
}

// Start runs a test of this binary as the generator. They tell each other JSON, a line each.
func Start(t testing.TB, test, what string) *Process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.timeout=20m")
	cmd.Env = append(os.Environ(), scenario+"="+what, "GOMAXPROCS=4")
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return &Process{t: t, in: in, out: bufio.NewReader(out)}
}

// Read reads what the generator says next.
func (p *Process) Read(into any) {
	p.t.Helper()
	line, err := p.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		rest, _ := io.ReadAll(p.out) // it is over
		p.t.Fatalf("the generator says %q: %v", append(line, rest...), err)
	}
}

// Tell tells it something.
func (p *Process) Tell(v any) {
	if err := json.NewEncoder(p.in).Encode(v); err != nil {
		p.t.Fatal(err)
	}
}

// Measure reports what the server, of that process id, does for each packet that it sends when each that it gets goes
// to so many: its CPU, user and system; what is lost; and how much later a packet arrives.
func (p *Process) Measure(b *testing.B, pid, listeners int) (cost float64) {
	<-time.After(settled)
	for b.Loop() {
		fmt.Fprintln(p.in, "measure")
		before, made := cpuTime(b, pid), mallocs()
		<-time.After(measured)
		used, made := cpuTime(b, pid)-before, mallocs()-made
		fmt.Fprintln(p.in, "tell")
		var h Heard
		p.Read(&h)
		packets := h.Sent * listeners
		cost = float64(used.Nanoseconds()) / 1000 / float64(max(packets, 1))
		b.ReportMetric(cost, "cpu-µs/packet")
		b.ReportMetric(float64(packets)/measured.Seconds(), "packets/s")
		b.ReportMetric(float64(packets-h.Heard), "lost")
		b.ReportMetric(h.P50.Seconds()*1000, "p50-ms")
		b.ReportMetric(h.P99.Seconds()*1000, "p99-ms")
		b.ReportMetric(h.Late.Seconds()*1000, "generator-p99-ms")
		if pid == os.Getpid() {
			b.ReportMetric(float64(made)/float64(max(packets, 1)), "allocations/packet")
		}
		b.ReportMetric(0, "ns/op")
	}
	return cost
}

func mallocs() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.Mallocs)
}

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
