// Package admission lets a server that only knows how to accept have connections that somebody else let in.
package admission

import (
	"net"
	"sync"
)

// Listener accepts what is admitted.
type Listener struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// New makes a listener that says it listens at addr.
func New(addr net.Addr) *Listener {
	return &Listener{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

// Admit lets a connection in; false when nobody takes any more.
func (l *Listener) Admit(c net.Conn) bool {
	select {
	case l.conns <- c:
		return true
	case <-l.done:
		return false
	}
}

// Accept waits for a connection; after Close it returns net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. The real listener, if there is one, is its owner's to close.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr is where it says it listens.
func (l *Listener) Addr() net.Addr { return l.addr }
