package stack

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// shakeFor is how long the handshake of a connection may take.
const shakeFor = 10 * time.Second

// tlsListener gives sipgo encrypted connections: those that others open here, once the handshake is over, so that none
// that is never finished keeps the rest waiting, and those that we opened ourselves, because sipgo can't say whose
// certificate is expected at an address.
type tlsListener struct {
	*tcpListener // of what is not encrypted yet
	config       *tls.Config
	ready        chan handed
	before       chan struct{} // closed when the connection that was accepted last is known; of Accept
	shaking      sync.WaitGroup
	closed       chan struct{}
	once         sync.Once
}

// handed is a connection on its way to sipgo.
type handed struct {
	net.Conn
	known chan struct{} // closed when sipgo finds it
}

func listenTLS(addr string, most int, config *tls.Config, d door) (*tlsListener, error) {
	plain, err := listenTCP(addr, most, d)
	if err != nil {
		return nil, err
	}
	return &tlsListener{tcpListener: plain, config: config, ready: make(chan handed), closed: make(chan struct{})}, nil
}

func (l *tlsListener) serve() {
	l.serving.Go(func() { l.door.net.ServeTLS(l) })
	l.serving.Go(l.gather)
}

func (l *tlsListener) shut() {
	l.once.Do(func() { close(l.closed) })
	l.tcpListener.shut()
	l.shaking.Wait()
}

// gather accepts connections until the listener closes.
func (l *tlsListener) gather() {
	for {
		conn, err := l.tcpListener.Accept()
		if err != nil {
			return
		}
		l.shaking.Go(func() { l.shake(conn) })
	}
}

func (l *tlsListener) shake(conn net.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), shakeFor)
	defer cancel()
	secured := tls.Server(conn, l.config)
	if err := secured.HandshakeContext(ctx); err != nil {
		l.door.drop("handshake")
		l.door.log.Debug("sip: TLS handshake", "from", conn.RemoteAddr(), "err", err)
		conn.Close()
		return
	}
	l.hand(secured)
}

// hand returns once sipgo finds the connection; false when the listener is closed.
func (l *tlsListener) hand(conn net.Conn) bool {
	h := handed{conn, make(chan struct{})}
	select {
	case l.ready <- h:
	case <-l.closed:
		conn.Close()
		return false
	}
	select {
	case <-h.known:
		return true
	case <-l.closed:
		return false
	}
}

// Accept implements net.Listener.
func (l *tlsListener) Accept() (net.Conn, error) {
	if l.before != nil { // sipgo has noted it, or it would not ask again
		close(l.before)
		l.before = nil
	}
	select {
	case h := <-l.ready:
		l.before = h.known
		return h.Conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
