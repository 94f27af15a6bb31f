package net

import (
	"net/netip"
	"runtime"
	"sync"
)

// readers is the network of Linux: few goroutines read all sockets, each those of one epoll set.
type readers struct {
	mu     sync.Mutex
	all    []*reader // made with the first socket
	rounds rounds
}

// Listen implements Network.
func (n *readers) Listen(local netip.AddrPort) (Socket, error) {
	if err := n.start(); err != nil {
		return nil, err
	}
	s, err := bind(local)
	if err != nil {
		return nil, err
	}
	r := n.of(s.local.Port())
	s.rounds, s.begin, s.end = &n.rounds, r.add, r.remove
	return s, nil
}

// start makes the readers with the first socket: one for two processors, because each has time for hundreds of calls.
func (n *readers) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for want := max(1, runtime.GOMAXPROCS(0)/2); len(n.all) < want; {
		r, err := newReader(&n.rounds)
		if err != nil {
			return err
		}
		n.all = append(n.all, r)
	}
	return nil
}

// of is the reader of a port. Two legs that were opened one after the other, with two ports each, share one: mostly
// they are of one call.
func (n *readers) of(port uint16) *reader {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[int(port)/4%len(n.all)]
}

// Close implements Network.
func (n *readers) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.all {
		r.close()
	}
	n.all = nil
}
