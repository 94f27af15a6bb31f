// Package net carries datagrams of media, many small ones for many sockets, at little cost. What a packet costs is
// above all that somebody must be woken for it: so a few readers serve all sockets, and while there is much to do they
// look by the clock instead of being woken for each packet.
package net

import (
	"net/netip"
	"sync"
	"sync/atomic"
)

// MaxDatagram is the longest datagram that a Socket hands on; longer ones are dropped.
const MaxDatagram = 1600

// backlog is how many bytes may wait to be read from a socket, where the system allows it: a flood may be dense, and
// the processor away for a moment.
const backlog = 1 << 20

// Handler takes a datagram. It may not keep data. It runs where other sockets wait for it, too: it must not block.
// Should it do so nevertheless, the others go on after a few hundredths of a second (Linux) or at once (elsewhere).
type Handler func(data []byte, from netip.AddrPort)

// Socket is a UDP socket. All its methods may be called from any goroutine, and all but Wait from within a handler.
type Socket interface {
	// Addr is the local address.
	Addr() netip.AddrPort
	// Serve begins to hand datagrams to h, one at a time. It is called once.
	Serve(h Handler)
	// Send sends a datagram. What can't be sent now is lost, as on the way.
	Send(data []byte, to netip.AddrPort)
	// Post sends a datagram soon, together with others: with all that the handlers post that run in one round, or
	// within two milliseconds while the network is busy, else at once. Many to one place of one size cost little more
	// than one.
	Post(data []byte, to netip.AddrPort)
	// Close gives the port back. No handler begins after it.
	Close()
	// Wait waits for the handler that runs.
	Wait()
}

// Network gives out sockets.
type Network interface {
	// Listen binds a socket, which hears nothing until Serve. Port 0: any.
	Listen(local netip.AddrPort) (Socket, error)
	// Close ends what serves the sockets, and waits for it. They were closed before.
	Close()
}

// handling runs a socket's handler, one call at a time and none once it is closed.
type handling struct {
	handler Handler
	running sync.Mutex
	closed  atomic.Bool
}

func (h *handling) handle(data []byte, from netip.AddrPort) {
	h.running.Lock()
	defer h.running.Unlock()
	if !h.closed.Load() {
		h.handler(data, from)
	}
}

// Wait implements Socket.
func (h *handling) Wait() {
	h.running.Lock()
	defer h.running.Unlock()
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
