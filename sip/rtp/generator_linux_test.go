package rtp

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The generator is many phones in one process. Each has a socket of its own and sends a packet of G.711 every 20 ms by
// its own clock, which began at a random moment: no two of them keep step, as in life. The kernel stamps what comes
// back, so that the delay is the server's whatever the generator does.

const (
	generatorEnv = "FRONTDESK_RTP_GENERATOR" // how many phones, and garbage datagrams a second
	every        = 20 * time.Millisecond
	sweep        = 5 * time.Millisecond // how often a phone looks what came
	packetSize   = 12 + 160
	stampAt      = 12 // where a packet says when it was sent
	windowAt     = 20
)

// heard is what the phones of a generator measured.
type heard struct {
	Sent, Lost int
	P50, P99   time.Duration // from a phone's send to the other phone's socket
	Late       time.Duration // p99 of how long after its time a phone sent
}

// TestGenerator is no test: it is the generator, until its standard input ends. It prints its phones' addresses, reads
// those to send to, and measures between one line on standard input and the next.
func TestGenerator(t *testing.T) {
	var phones, flood int
	if fmt.Sscan(os.Getenv(generatorEnv), &phones, &flood); phones == 0 {
		t.Skip("only as the other process of BenchmarkRelay")
	}
	g := &generator{}
	for range phones {
		g.phones = append(g.phones, newPhone(t))
	}
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	in.Buffer(nil, 1<<20)
	out.Encode(g.addrs())
	var to []netip.AddrPort
	if !in.Scan() || json.Unmarshal(in.Bytes(), &to) != nil || len(to) != phones {
		t.Fatal("no addresses to send to")
	}
	for i, a := range to {
		g.phones[i].to = sockaddr(a)
	}
	go g.send()
	go g.receive()
	if flood > 0 {
		go g.flood(newPhone(t), flood)
	}
	for window := byte(1); in.Scan(); window++ {
		g.window.Store(uint32(window))
		in.Scan()
		g.window.Store(0)
		time.Sleep(40 * sweep) // what is under way
		out.Encode(g.result())
	}
}

type generator struct {
	phones []*phone
	window atomic.Uint32 // what is sent now belongs to it; 0: to none

	mu     sync.Mutex
	late   samples
	delays samples
}

// result is what was measured since the last one.
func (g *generator) result() heard {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := heard{Sent: len(g.late), Lost: len(g.late) - len(g.delays), P50: g.delays.quantile(0.5),
		P99: g.delays.quantile(0.99), Late: g.late.quantile(0.99)}
	g.late, g.delays = nil, nil
	return r
}

// samples are durations in nanoseconds.
type samples []int64

func (s samples) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	slices.Sort(s)
	return time.Duration(s[int(q*float64(len(s)-1))])
}

type phone struct {
	fd    int
	addr  netip.AddrPort
	to    unix.RawSockaddrInet4
	phase time.Duration
	data  [packetSize]byte
}

func newPhone(t *testing.T) *phone {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{fd: fd, addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}),
		uint16(at.(*unix.SockaddrInet4).Port))}
	p.phase = rand.N(every)
	p.data[0], p.data[1] = 0x80, 8
	binary.BigEndian.PutUint32(p.data[8:], rand.Uint32())
	return p
}

func (g *generator) addrs() (all []netip.AddrPort) {
	for _, p := range g.phones {
		all = append(all, p.addr)
	}
	return all
}

func sockaddr(a netip.AddrPort) unix.RawSockaddrInet4 {
	return unix.RawSockaddrInet4{Family: unix.AF_INET, Port: a.Port()<<8 | a.Port()>>8, Addr: a.Addr().As4()}
}

// send is the phones' clocks.
func (g *generator) send() {
	exact()
	order := slices.SortedFunc(slices.Values(g.phones), func(a, b *phone) int { return cmp.Compare(a.phase, b.phase) })
	for start := monotonic() + every; ; start += every {
		for _, p := range order {
			sleepUntil(start + p.phase)
			late := monotonic() - start - p.phase
			if p.send(byte(g.window.Load())) {
				g.mu.Lock()
				g.late = append(g.late, int64(late))
				g.mu.Unlock()
			}
		}
	}
}

// send sends the next packet and tells whether it is one of a window. Its first bytes of sound say when it was sent,
// and in which window.
func (p *phone) send(window byte) bool {
	binary.BigEndian.PutUint16(p.data[2:], binary.BigEndian.Uint16(p.data[2:])+1)
	binary.BigEndian.PutUint32(p.data[4:], binary.BigEndian.Uint32(p.data[4:])+160)
	binary.BigEndian.PutUint64(p.data[stampAt:], uint64(time.Now().UnixNano()))
	p.data[windowAt] = window
	unix.RawSyscall6(unix.SYS_SENDTO, uintptr(p.fd), uintptr(unsafe.Pointer(&p.data)), packetSize, 0,
		uintptr(unsafe.Pointer(&p.to)), unix.SizeofSockaddrInet4)
	return window != 0
}

// flood sends garbage to where the first phone sends, so much a second.
func (g *generator) flood(from *phone, rate int) {
	exact()
	from.to = g.phones[0].to
	from.data[0] = 0
	for due := monotonic(); ; due += time.Millisecond {
		sleepUntil(due)
		for range rate / 1000 {
			from.send(0)
		}
	}
}

// receive looks at every phone's socket from time to time. Nobody waits at a socket: a packet that the server sends
// wakes nobody, as on a wire.
func (g *generator) receive() {
	exact()
	for due := monotonic(); ; sleepUntil(due) {
		due = max(due+sweep, monotonic())
		g.mu.Lock()
		for _, p := range g.phones {
			g.drain(p)
		}
		g.mu.Unlock()
	}
}

// drain takes what came for a phone. It holds mu.
func (g *generator) drain(p *phone) {
	var data [2000]byte
	var control [64]byte
	vec := unix.Iovec{Base: &data[0], Len: uint64(len(data))}
	for {
		msg := unix.Msghdr{Iov: &vec, Iovlen: 1, Control: &control[0], Controllen: uint64(len(control))}
		n, _, err := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(p.fd), uintptr(unsafe.Pointer(&msg)), 0)
		if err != 0 {
			return
		}
		if n == packetSize && data[windowAt] != 0 {
			came := (*unix.Timespec)(unsafe.Pointer(&control[unix.CmsgLen(0)]))
			g.delays = append(g.delays, came.Nano()-int64(binary.BigEndian.Uint64(data[stampAt:])))
		}
	}
}

// exact gives the caller a thread that wakes when it shall, not up to 50 µs later together with others.
func exact() {
	runtime.LockOSThread()
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}

func monotonic() time.Duration {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return time.Duration(t.Nano())
}

func sleepUntil(due time.Duration) {
	t := unix.NsecToTimespec(int64(due))
	unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &t, nil)
}
