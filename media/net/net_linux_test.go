package net

import (
	"net/netip"
	"os"
	"testing"
)

// networks are all kinds: the one of other systems works here, too.
func networks() map[string]func() Network {
	return map[string]func() Network{"readers": New, "plain": func() Network { return &plain{} }}
}

// descriptors is how many are open.
func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// Who has nothing to do sleeps: the readers do not look any more once nothing has come for a while.
func TestIdleReaderSleeps(t *testing.T) {
	n := &readers{}
	t.Cleanup(n.Close)
	h, got := box()
	s := listen(t, n, "127.0.0.1:0", h)
	r := n.of(s.Addr().Port())
	resting := func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.asleep && !r.watched
	}
	for range 3 {
		until(t, "the reader sleeps", resting)
		s.Send([]byte("x"), s.Addr())
		<-got
	}
}

// Reading, handling and sending allocate nothing.
func TestNoAllocation(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "::1"} {
		n := &readers{}
		t.Cleanup(n.Close)
		handled := 0
		s, err := n.Listen(netip.AddrPortFrom(netip.MustParseAddr(ip), 0))
		if err != nil {
			t.Skip(err)
		}
		t.Cleanup(s.Close)
		own := s.(*socket)
		own.handler = func([]byte, netip.AddrPort) { handled++ }
		l, data := &lane{}, make([]byte, 172)
		if a := testing.AllocsPerRun(1000, func() {
			s.Send(data, s.Addr())
			l.read(own, atOnce)
		}); a > 0 || handled < 1000 {
			t.Errorf("%v allocations, %d datagrams", a, handled)
		}
	}
}

// A reader looks by the clock only while there is much to do.
func TestPace(t *testing.T) {
	var p pace
	until(t, "much to do", func() bool { p.looked(window); return p.busy })
	for range window {
		p.looked(1)
	}
	if !p.busy {
		t.Error("a datagram at each look is little")
	}
	for range window {
		p.looked(0)
	}
	if p.busy {
		t.Error("nothing to do, and still busy")
	}
}
