package smtpd

import (
	"net"
	"sync"
)

// inbox is the listener that go-smtp accepts from: the connections of a real one that were let in, and again those that
// have begun TLS.
type inbox struct {
	net.Listener // for its address
	lines        chan *line
	closed       chan struct{}
	once         sync.Once
}

func newInbox(l net.Listener) *inbox {
	return &inbox{Listener: l, lines: make(chan *line), closed: make(chan struct{})}
}

// put hands a connection over; false when the inbox is closed.
func (i *inbox) put(l *line) bool {
	select {
	case i.lines <- l:
		return true
	case <-i.closed:
		return false
	}
}

// Accept waits for a connection; after Close it returns net.ErrClosed.
func (i *inbox) Accept() (net.Conn, error) {
	select {
	case l := <-i.lines:
		return l, nil
	case <-i.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. The real listener is its owner's to close.
func (i *inbox) Close() error {
	i.once.Do(func() { close(i.closed) })
	return nil
}
