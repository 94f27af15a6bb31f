package stack

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

const (
	maxMessage = 32 << 10    // bytes of a SIP message we take or send
	Generation = 4096        // source addresses a listener remembers until it is renewed
	overlap    = time.Second // that requests already read have to find their connection
)

// door is what a listener needs: who serves its messages, who may come in, and who is told why one may not.
type door struct {
	net   *proto.TransportLayer
	log   *slog.Logger
	admit func(data []byte, from netip.AddrPort) bool
	drop  func(why string)
}

// udpListener reads one UDP socket for sipgo and keeps strangers from harming it: garbage is dropped before it is
// parsed or remembered, what can't be parsed but looks like a request is answered 400, and since sipgo remembers
// every source address until a listener ends, the listener is renewed on the same socket after a number of them.
type udpListener struct {
	door    door
	Conn    *net.UDPConn
	At      netip.AddrPort
	Local   proto.Addr
	serving sync.WaitGroup
	once    sync.Once
	closed  chan struct{}

	// of the reader that runs now; the one before only waits for its end
	last    []byte // handed out, not yet understood
	from    *net.UDPAddr
	sources map[netip.AddrPort]struct{}
	mu      sync.Mutex // orders the readers at a renewal
}

func listenUDP(addr string, d door) (*udpListener, error) {
	at, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		return nil, err
	}
	conn.SetReadBuffer(4 << 20) // a burst of calls must not be dropped while we parse
	own := conn.LocalAddr().(*net.UDPAddr)
	return &udpListener{door: d, Conn: conn, At: edge.Plain(own.AddrPort()),
		Local:  proto.Addr{IP: own.IP, Port: own.Port, Hostname: own.IP.String()},
		closed: make(chan struct{}), sources: map[netip.AddrPort]struct{}{}}, nil
}

func (u *udpListener) serve() {
	ready := make(chan struct{})
	u.serving.Go(func() { u.door.net.ServeUDP(&udpReader{u, u.Conn, ready, false}) })
	<-ready
}

func (u *udpListener) shut() {
	u.once.Do(func() { close(u.closed) })
	u.Conn.Close()
	u.serving.Wait()
}

// understood is told by the reader that its last datagram was a message.
func (u *udpListener) understood() { u.last = nil }

// udpReader is one generation of the listener.
type udpReader struct {
	u *udpListener
	*net.UDPConn
	ready chan struct{} // closed at the first read: sipgo knows the reader then
	began bool
}

// Close leaves the socket open: it belongs to the listener.
func (r *udpReader) Close() error { return nil }

// ReadFrom returns the next datagram that deserves to be parsed.
func (r *udpReader) ReadFrom(buf []byte) (int, net.Addr, error) {
	u := r.u
	if !r.began {
		r.began = true
		close(r.ready)
		u.mu.Lock() // until this generation ends
	}
	u.complain()
	if len(u.sources) >= Generation {
		return 0, nil, r.retire()
	}
	for {
		n, from, err := r.UDPConn.ReadFromUDP(buf)
		if err != nil {
			u.mu.Unlock()
			return 0, nil, net.ErrClosed
		}
		source := edge.Plain(from.AddrPort())
		if u.door.admit(buf[:n], source) {
			u.sources[source] = struct{}{}
			u.last, u.from = buf[:n], from
			return n, from, nil
		}
	}
}

// retire lets the next generation begin, and this one end when nobody needs its addresses any more.
func (r *udpReader) retire() error {
	u := r.u
	clear(u.sources)
	u.mu.Unlock()
	u.serve()
	select {
	case <-u.closed:
	case <-time.After(overlap):
	}
	return net.ErrClosed
}

// complain answers 400 to the last datagram when the parser could not understand it, as far as it can be answered (RFC
// 3261 §8.2, RFC 4475 §3.1.2).
func (u *udpListener) complain() {
	data := u.last
	u.last = nil
	if data == nil {
		return
	}
	u.door.drop("malformed")
	u.door.log.Debug("sip: malformed message", "from", u.from)
	if reply := badRequest(data, edge.Plain(u.from.AddrPort())); reply != nil {
		u.Conn.WriteTo(reply, u.from)
	}
}

// keepAlive tells an empty or CRLF datagram (RFC 5626 §4.4) from a message.
func keepAlive(data []byte) bool { return len(bytes.Trim(data, "\r\n\x00 ")) == 0 }
