package net

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"frontdesk/testwait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// everywhere runs a test on each kind of network that works here.
func everywhere(t *testing.T, test func(t *testing.T, n Network)) {
	for name, make := range networks() {
		t.Run(name, func(t *testing.T) {
			n := make()
			t.Cleanup(n.Close)
			test(t, n)
		})
	}
}

func listen(t *testing.T, n Network, at string, h Handler) Socket {
	t.Helper()
	s, err := n.Listen(netip.MustParseAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.Serve(h)
	return s
}

// letter is a datagram that was heard.
type letter struct {
	text string
	from netip.AddrPort
}

// box is a handler that keeps what comes.
func box() (Handler, chan letter) {
	c := make(chan letter, 1000)
	return func(data []byte, from netip.AddrPort) { c <- letter{string(data), from} }, c
}

// peer is a socket of the standard library.
func peer(t *testing.T, at string) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at)))
	if err != nil {
		t.Skip("no such address here: ", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func addrOf(c *net.UDPConn) netip.AddrPort { return unmap(c.LocalAddr().(*net.UDPAddr).AddrPort()) }

// at is the port of s at an address.
func at(ip string, s Socket) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(ip), s.Addr().Port())
}

// Datagrams arrive whole, in order, from whom they are, and go where they shall, by IPv4, by IPv6 and by either on one
// socket.
func TestThereAndBack(t *testing.T) {
	everywhere(t, func(t *testing.T, n Network) {
		for _, c := range []struct{ local, peer, ip string }{
			{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1"},
			{"[::1]:0", "[::1]:0", "::1"},
			{"[::]:0", "[::1]:0", "::1"},
			{"[::]:0", "127.0.0.1:0", "127.0.0.1"},
			{"0.0.0.0:0", "127.0.0.1:0", "127.0.0.1"},
		} {
			t.Run(c.local+" "+c.peer, func(t *testing.T) {
				p := peer(t, c.peer)
				h, got := box()
				s := listen(t, n, c.local, h)
				for i := range 100 {
					text := fmt.Sprint(i)
					p.WriteToUDPAddrPort([]byte(text), at(c.ip, s))
					if l := <-got; l != (letter{text, addrOf(p)}) {
						t.Fatalf("%q from %v, not %q from %v", l.text, l.from, text, addrOf(p))
					}
				}
				s.Send([]byte("back"), addrOf(p))
				buf := make([]byte, 100)
				if size, from, err := p.ReadFromUDPAddrPort(buf); err != nil || string(buf[:size]) != "back" ||
					unmap(from) != at(c.ip, s) {
					t.Errorf("%q from %v, %v", buf[:size], from, err)
				}
			})
		}
	})
}

// The longest datagram arrives, a longer one does not; nor does it harm the next.
func TestTooLong(t *testing.T) {
	everywhere(t, func(t *testing.T, n Network) {
		p := peer(t, "127.0.0.1:0")
		h, got := box()
		s := listen(t, n, "127.0.0.1:0", h)
		for _, size := range []int{MaxDatagram, MaxDatagram + 1, 60000, 0, 5} {
			p.WriteToUDPAddrPort(bytes.Repeat([]byte{'x'}, size), s.Addr())
		}
		for _, size := range []int{MaxDatagram, 0, 5} {
			if l := <-got; len(l.text) != size {
				t.Errorf("%d bytes, not %d", len(l.text), size)
			}
		}
	})
}

// An address that the socket cannot reach is no harm, and what a network says of a datagram that nobody took does not
// stop the socket.
func TestUnreachable(t *testing.T) {
	everywhere(t, func(t *testing.T, n Network) {
		p, gone := peer(t, "127.0.0.1:0"), peer(t, "127.0.0.1:0")
		nobody := addrOf(gone)
		gone.Close()
		h, got := box()
		s := listen(t, n, "127.0.0.1:0", h)
		for range 10 {
			s.Send([]byte("x"), nobody)
			s.Send([]byte("x"), netip.MustParseAddrPort("[2001:db8::1]:9"))
			s.Send([]byte("x"), netip.AddrPort{})
			p.WriteToUDPAddrPort([]byte("y"), s.Addr())
			if l := <-got; l.text != "y" {
				t.Fatal(l)
			}
		}
	})
}

// A port is free again once Close returns; a second Close and a late Send do nothing, whoever has the port and the
// descriptor now.
func TestClosed(t *testing.T) {
	everywhere(t, func(t *testing.T, n Network) {
		p := peer(t, "127.0.0.1:0")
		first := listen(t, n, "127.0.0.1:0", func([]byte, netip.AddrPort) {})
		was := first.Addr()
		first.Close()
		h, got := box()
		s := listen(t, n, was.String(), h)
		first.Close()
		first.Send([]byte("late"), addrOf(p))
		s.Send([]byte("now"), addrOf(p))
		buf := make([]byte, 100)
		if size, err := p.Read(buf); err != nil || string(buf[:size]) != "now" {
			t.Errorf("%q, %v", buf[:size], err)
		}
		p.WriteToUDPAddrPort([]byte("x"), s.Addr())
		<-got
	})
}

// Close does not wait, so it may be called from within the handler; none begins any more. Wait waits for the one that
// runs.
func TestCloseWhileHandled(t *testing.T) {
	everywhere(t, func(t *testing.T, n Network) {
		p := peer(t, "127.0.0.1:0")
		var s Socket
		var handled, over atomic.Int32
		entered, leave, ready := make(chan bool), make(chan bool), make(chan bool)
		s = listen(t, n, "127.0.0.1:0", func([]byte, netip.AddrPort) {
			handled.Add(1)
			<-ready
			s.Close()
			close(entered)
			<-leave
			over.Add(1)
		})
		for range 100 {
			p.WriteToUDPAddrPort([]byte("x"), s.Addr())
		}
		close(ready)
		<-entered
		go close(leave)
		s.Wait()
		if over.Load() != 1 || handled.Load() != 1 {
			t.Errorf("%d handlers ran, %d were over", handled.Load(), over.Load())
		}
	})
}

// A handler runs for one datagram at a time, also when it is slow; the others are served meanwhile.
func TestSlowHandler(t *testing.T) {
	everywhere(t, func(t *testing.T, n Network) {
		p := peer(t, "127.0.0.1:0")
		entered, leave, done := make(chan bool, 100), make(chan bool), make(chan bool)
		var running, handled atomic.Int32
		slow := listen(t, n, "127.0.0.1:0", func([]byte, netip.AddrPort) {
			if running.Add(1) > 1 {
				t.Error("two handlers of a socket at once")
			}
			entered <- true
			<-leave
			running.Add(-1)
			if handled.Add(1) == 100 {
				close(done)
			}
		})
		h, got := box()
		var others []Socket
		for range 20 {
			others = append(others, listen(t, n, "127.0.0.1:0", h))
		}
		for range 5 {
			for range 20 {
				p.WriteToUDPAddrPort([]byte("x"), slow.Addr())
			}
			<-entered
			for _, s := range others {
				p.WriteToUDPAddrPort([]byte("y"), s.Addr())
				<-got
			}
			for range 19 {
				leave <- true
				<-entered
			}
			leave <- true
		}
		<-done
		p.WriteToUDPAddrPort([]byte("z"), others[0].Addr())
		<-got
	})
}

// Who gets the descriptor of a socket that was closed while its handler blocks is served as well.
func TestClosedWhileBlocked(t *testing.T) {
	everywhere(t, func(t *testing.T, n Network) {
		p := peer(t, "127.0.0.1:0")
		entered, leave := make(chan bool), make(chan bool)
		slow := listen(t, n, "127.0.0.1:0", func([]byte, netip.AddrPort) { close(entered); <-leave })
		h, got := box()
		all := []Socket{listen(t, n, "127.0.0.1:0", h)}
		p.WriteToUDPAddrPort([]byte("x"), slow.Addr())
		<-entered
		slow.Close()
		for range 4 {
			all = append(all, listen(t, n, "127.0.0.1:0", h))
		}
		for range 2 {
			for _, s := range all {
				p.WriteToUDPAddrPort([]byte("y"), s.Addr())
				<-got
			}
		}
		close(leave)
		slow.Wait()
	})
}

// Sockets come and go by the thousand while they are sent to and send, and nothing stays.
func TestComingAndGoing(t *testing.T) {
	everywhere(t, func(t *testing.T, n Network) {
		peer(t, "127.0.0.1:0") // the runtime has what it needs itself
		before := descriptors(t)
		const workers, rounds = 8, 250
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for range rounds {
					h, got := box()
					var x, y Socket
					var err error
					if x, err = n.Listen(netip.MustParseAddrPort("127.0.0.1:0")); err == nil {
						y, err = n.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
					}
					if err != nil {
						t.Error(err)
						return
					}
					x.Serve(h)
					y.Serve(func(data []byte, from netip.AddrPort) { y.Send(data, from) })
					x.Send([]byte("x"), y.Addr())
					<-got
					x.Send([]byte("x"), y.Addr())
					y.Close()
					x.Close()
					x.Wait()
					y.Wait()
				}
			})
		}
		all.Wait()
		n.Close()
		if after := descriptors(t); after > before {
			t.Errorf("%d descriptors, %d before", after, before)
		}
	})
}

var until = testwait.Until
