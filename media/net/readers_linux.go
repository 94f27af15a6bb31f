package net

import (
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// readers is the network of Linux: few goroutines read all sockets, each those of one epoll set.
type readers struct {
	mu  sync.Mutex
	all []*reader // made with the first socket

	paced   atomic.Int32              // how many readers look by the clock
	boxes   atomic.Pointer[[]*outbox] // of sockets on which something was posted
	changes sync.Mutex                // of boxes
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
	s.of, s.begin, s.end = n, r.add, r.remove
	return s, nil
}

// start makes the readers with the first socket: one for two processors, because each has time for hundreds of calls.
func (n *readers) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for want := max(1, runtime.GOMAXPROCS(0)/2); len(n.all) < want; {
		r, err := newReader(n)
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

// busy tells whether rounds end soon that send what is posted.
func (n *readers) busy() bool { return n.paced.Load() > 0 }

// outbox is a new one of a socket.
func (n *readers) outbox(s *socket) *outbox {
	o := newOutbox(s.sendAll)
	n.change(func(all []*outbox) []*outbox { return append(all, o) })
	return o
}

// forget ends that a socket's outbox is looked after.
func (n *readers) forget(s *socket) {
	s.post.Do(func() {})
	if s.out != nil {
		n.change(func(all []*outbox) []*outbox {
			return slices.DeleteFunc(all, func(o *outbox) bool { return o == s.out })
		})
	}
}

func (n *readers) change(of func([]*outbox) []*outbox) {
	n.changes.Lock()
	defer n.changes.Unlock()
	var all []*outbox
	if before := n.boxes.Load(); before != nil {
		all = slices.Clone(*before)
	}
	all = of(all)
	n.boxes.Store(&all)
}

// flush ends a round: it sends what was posted, and tells how many sockets could not send it all.
func (n *readers) flush() (left int) {
	if all := n.boxes.Load(); all != nil {
		for _, o := range *all {
			if o.flush() {
				left++
			}
		}
	}
	return left
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
