package smtpd

import (
	"net"
	"sync"
)

// inbox is the listener that go-smtp accepts from: the connections of a real one that were let in, and again those that
// have begun TLS.
type inbox struct {
	net.Listener // for its address
	conns        chan net.Conn
	closed       chan struct{}
	once         sync.Once
}

func newInbox(l net.Listener) *inbox {
	return &inbox{Listener: l, conns: make(chan net.Conn), closed: make(chan struct{})}
}

// put hands a connection over; false when the inbox is closed.
func (i *inbox) put(c net.Conn) bool {
	select {
	case i.conns <- c:
		return true
	case <-i.closed:
		return false
	}
}

// Accept waits for a connection; after Close it returns net.ErrClosed.
func (i *inbox) Accept() (net.Conn, error) {
	select {
	case c := <-i.conns:
		return c, nil
	case <-i.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. The real listener is its owner's to close.
func (i *inbox) Close() error {
	i.once.Do(func() { close(i.closed) })
	return nil
}
