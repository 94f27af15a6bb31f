package rtp

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/media"
)

// generatorEnv makes this test binary the generator of BenchmarkRelay: the ports to talk to.
const generatorEnv = "FRONTDESK_SIP_GENERATOR"

// TestGenerator is no test: it sends 50 packets a second to each port and reads what comes back, until it is killed.
func TestGenerator(t *testing.T) {
	list := os.Getenv(generatorEnv)
	if list == "" {
		t.Skip("only as the other process of BenchmarkRelay")
	}
	var ends []*socket
	var to []netip.AddrPort
	for _, a := range strings.Split(list, ",") {
		e := newSocket(t)
		ends, to = append(ends, e), append(to, netip.MustParseAddrPort(a))
		go func() {
			buf := make([]byte, 2000)
			for {
				if _, err := e.conn.Read(buf); err != nil {
					return
				}
			}
		}()
	}
	payload := make([]byte, 160)
	// The calls are spread over the 20 ms, as real ones are.
	tick := time.NewTicker(20 * time.Millisecond / 10)
	for i := 0; ; i++ {
		<-tick.C
		for j := i % 10; j < len(ends); j += 10 {
			ends[j].send(to[j], 8, payload)
		}
	}
}

// BenchmarkRelay is the CPU of this process for each packet forwarded between two phones, user and system, at a number of two-way calls. The generator is
// another process.
func BenchmarkRelay(b *testing.B) {
	for _, calls := range []int{50, 100} {
		b.Run(fmt.Sprintf("%d calls", calls), func(b *testing.B) { relay(b, calls) })
	}
}

func relay(b *testing.B, calls int) {
	var addrs []string
	var streams []*Stream
	nowhere := netip.AddrPort{}
	for range calls {
		x, _ := testStream(b, nowhere)
		y, _ := testStream(b, nowhere)
		for _, s := range []*Stream{x, y} {
			old := s.track.Swap(media.NewTrack("t", media.PCMA(), nil))
			_ = old
			addrs = append(addrs, s.Local().String())
			streams = append(streams, s)
		}
		x.track.Load().Attach(y)
		y.track.Load().Attach(x)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestGenerator$", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), generatorEnv+"="+strings.Join(addrs, ","))
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	sent := func() (n uint64) {
		for _, s := range streams {
			packets, _, _ := s.sent()
			n += uint64(packets)
		}
		return n
	}
	until(b, "packets flow", func() bool { return sent() > uint64(20*calls) })
	for b.Loop() {
		before, cpu, at := sent(), cpuTime(b), time.Now()
		<-time.After(5 * time.Second)
		packets := float64(sent() - before)
		b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/packets, "cpu-µs/packet")
		b.ReportMetric(packets/time.Since(at).Seconds(), "packets/s")
	}
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
