package net

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"frontdesk/testwait"
)

// awake is a socket without readers, on which what is posted waits for the end of a round.
func awake(t testing.TB) (*rounds, *socket) {
	s, err := bind(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	s.rounds, s.end = &rounds{}, func(*socket) {}
	t.Cleanup(s.Close)
	s.rounds.awake.Add(1)
	return s.rounds, s
}

// next is what a peer gets next; "" when nothing comes.
func next(c *net.UDPConn) string {
	buf := make([]byte, 2*MaxDatagram)
	c.SetReadDeadline(time.Now().Add(testwait.Limit))
	n, err := c.Read(buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// waiting is what has come for a peer already; "" for nothing.
func waiting(c *net.UDPConn) string {
	raw, err := c.SyscallConn()
	if err != nil {
		return err.Error()
	}
	buf := make([]byte, 2*MaxDatagram)
	n := 0
	raw.Control(func(fd uintptr) { n, _, err = unix.Recvfrom(int(fd), buf, unix.MSG_DONTWAIT) })
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// What is posted waits for the end of the round, and arrives whole and in order, however it is mixed.
func TestPostedTogether(t *testing.T) {
	n, s := awake(t)
	var peers []*net.UDPConn
	for range 3 {
		peers = append(peers, peer(t, "127.0.0.1:0"))
	}
	text := func(i int) []byte { // three times a long one, a shorter one, an empty one, a longer one
		return append(bytes.Repeat([]byte{'x'}, []int{1000, 1000, 1000, 400, 1200}[i%5]), fmt.Sprintf("%03d", i)...)
	}
	for i := range 50 {
		for _, p := range peers {
			s.Post(text(i), addrOf(p))
		}
	}
	for _, p := range peers {
		if got := waiting(p); got != "" {
			t.Fatalf("%d bytes came before the round ended", len(got))
		}
	}
	if left := n.flush(); left != 0 || len(s.out.runs) >= 150 {
		t.Errorf("%d had to stay, %d runs", left, len(s.out.runs))
	}
	for _, p := range peers {
		for i := range 50 {
			if got := next(p); got != string(text(i)) {
				t.Fatalf("the %dth has %d bytes, not %d", i, len(got), len(text(i)))
			}
		}
	}
}

// While nobody would send it soon, what is posted goes at once; and what waits goes when the last reader rests.
func TestPostedAtRest(t *testing.T) {
	n, s := awake(t)
	p := peer(t, "127.0.0.1:0")
	s.Post([]byte("one"), addrOf(p))
	n.awake.Add(-1)
	s.Post([]byte("two"), addrOf(p))
	if got := next(p); got != "two" {
		t.Fatalf("%q came first", got)
	}
	(&reader{rounds: n, told: true}).tells(false)
	if got := next(p); got != "one" {
		t.Errorf("%q was left when the reader rested", got)
	}
}

// More than may wait goes in between.
func TestPostedMuch(t *testing.T) {
	n, s := awake(t)
	p := peer(t, "127.0.0.1:0")
	p.SetReadBuffer(1 << 20)
	for i := range mostAtOnce + 10 {
		s.Post([]byte(fmt.Sprint(i)), addrOf(p))
	}
	n.flush()
	for i := range mostAtOnce + 10 {
		if got := next(p); got != fmt.Sprint(i) {
			t.Fatalf("%q, not %d", got, i)
		}
	}
}

// A kernel or way that does not know runs gets each datagram by itself; one without room gets the rest later; what
// can't be sent is no harm to what comes after it.
func TestPostedInVain(t *testing.T) {
	n, s := awake(t)
	a, b := peer(t, "127.0.0.1:0"), peer(t, "127.0.0.1:0")
	s.Post([]byte("x"), addrOf(a))
	n.flush()
	next(a)
	var answers []func() (int, bool, bool)
	s.out.send = func(to *batch, runs []run, from int) (int, bool, bool) {
		if len(answers) == 0 {
			return s.sendAll(to, runs, from)
		}
		answer := answers[0]
		answers = answers[1:]
		return answer()
	}
	post := func() {
		for i := range 3 {
			s.Post([]byte{'0' + byte(i)}, addrOf(a))
			s.Post([]byte{'0' + byte(i)}, addrOf(b))
		}
	}
	arrive := func(c *net.UDPConn, want ...string) {
		t.Helper()
		for _, w := range want {
			if got := next(c); got != w {
				t.Fatalf("%q, not %q", got, w)
			}
		}
		if more := waiting(c); more != "" {
			t.Fatalf("%q came, too", more)
		}
	}
	post()
	answers = []func() (int, bool, bool){func() (int, bool, bool) { return 0, true, true }}
	if left := n.flush(); left != 1 {
		t.Error("nothing was left")
	}
	arrive(a)
	n.flush()
	arrive(a, "0", "1", "2")
	arrive(b, "0", "1", "2")

	post()
	answers = []func() (int, bool, bool){func() (int, bool, bool) { return 0, false, false }}
	n.flush()
	arrive(a, "0", "1", "2")
	arrive(b, "0", "1", "2")
	if !s.out.single {
		t.Error("runs are tried again")
	}

	post()
	answers = []func() (int, bool, bool){func() (int, bool, bool) { return 0, false, true }}
	n.flush()
	arrive(a, "1", "2")
	arrive(b, "0", "1", "2")
}

// Posting and sending it together allocate nothing.
func TestPostingAllocatesNothing(t *testing.T) {
	n, s := awake(t)
	data, to := make([]byte, 172), s.Addr()
	s.Post(data, to)
	if a := testing.AllocsPerRun(1000, func() {
		for range 5 {
			s.Post(data, to)
		}
		n.flush()
	}); a > 0 {
		t.Errorf("%v allocations", a)
	}
}

// BenchmarkPost is what a datagram of 1 kB costs that is sent with as many others to the same place.
func BenchmarkPost(b *testing.B) {
	for _, row := range []int{1, 2, 5, 10, 40} {
		b.Run(fmt.Sprint(row), func(b *testing.B) {
			n, s := awake(b)
			to, err := net.ListenUDP("udp", nil)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { to.Close() })
			at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), addrOf(to).Port())
			data := make([]byte, 1000)
			for i := 0; b.Loop(); i++ {
				if s.Post(data, at); i%row == row-1 {
					n.flush()
				}
			}
		})
	}
}
