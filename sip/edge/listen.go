// Package edge is what stands between the wire and the dialogs of SIP: the listeners, what a stranger may send, which
// messages are refused at once, by whose word a request comes from elsewhere, and the tokens with which a node keeps no
// state of what it passes on.
package edge

import (
	"bytes"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"
)

const (
	MaxMessage = 32 << 10         // bytes of a SIP message we take or send
	TCPIdle    = 20 * time.Minute // phones keep connections open between calls
	TCPWrite   = 10 * time.Second
	Generation = 4096        // source addresses a listener remembers until it is renewed
	overlap    = time.Second // that requests already read have to find their connection
)

// Door is what a listener needs: who serves its messages, who may come in, and who is told why one may not.
type Door struct {
	Net   *proto.TransportLayer
	Log   *slog.Logger
	Admit func(data []byte, from netip.AddrPort) bool
	Drop  func(why string)
}

// UDP reads one UDP socket for sipgo and keeps strangers from harming it: garbage is dropped before it is parsed or
// remembered, what can't be parsed but looks like a request is answered 400, and since sipgo remembers every source
// address until a listener ends, the listener is renewed on the same socket after a number of them.
type UDP struct {
	door    Door
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

func ListenUDP(addr string, d Door) (*UDP, error) {
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
	return &UDP{door: d, Conn: conn, At: Plain(own.AddrPort()),
		Local:  proto.Addr{IP: own.IP, Port: own.Port, Hostname: own.IP.String()},
		closed: make(chan struct{}), sources: map[netip.AddrPort]struct{}{}}, nil
}

func Plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

func (u *UDP) Serve() {
	ready := make(chan struct{})
	u.serving.Go(func() { u.door.Net.ServeUDP(&udpReader{u, u.Conn, ready, false}) })
	<-ready
}

func (u *UDP) Shut() {
	u.once.Do(func() { close(u.closed) })
	u.Conn.Close()
	u.serving.Wait()
}

// Understood is told by the reader that its last datagram was a message.
func (u *UDP) Understood() { u.last = nil }

// udpReader is one generation of the listener.
type udpReader struct {
	u *UDP
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
		source := Plain(from.AddrPort())
		if u.door.Admit(buf[:n], source) {
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
	u.Serve()
	select {
	case <-u.closed:
	case <-time.After(overlap):
	}
	return net.ErrClosed
}

// complain answers 400 to the last datagram when the parser could not understand it, as far as it can be answered (RFC
// 3261 §8.2, RFC 4475 §3.1.2).
func (u *UDP) complain() {
	data := u.last
	u.last = nil
	if data == nil {
		return
	}
	u.door.Drop("malformed")
	u.door.Log.Debug("sip: malformed message", "from", u.from)
	if reply := BadRequest(data, Plain(u.from.AddrPort())); reply != nil {
		u.Conn.WriteTo(reply, u.from)
	}
}

// KeepAlive tells an empty or CRLF datagram (RFC 5626 §4.4) from a message.
func KeepAlive(data []byte) bool { return len(bytes.Trim(data, "\r\n\x00 ")) == 0 }

// TCP accepts connections for sipgo, bounded in number, and knows when its readers are gone.
type TCP struct {
	net.Listener
	door    Door
	At      netip.AddrPort
	serving sync.WaitGroup
	places  chan struct{}

	mu   sync.Mutex
	open map[netip.AddrPort]*tcpConn
}

func ListenTCP(addr string, most int, d Door) (*TCP, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &TCP{Listener: l, door: d, At: Plain(l.Addr().(*net.TCPAddr).AddrPort()), places: make(chan struct{}, most),
		open: map[netip.AddrPort]*tcpConn{}}, nil
}

func (l *TCP) Serve() { l.serving.Go(func() { l.door.Net.ServeTCP(l) }) }

func (l *TCP) Shut() {
	l.Listener.Close()
	l.serving.Wait()
	l.mu.Lock()
	for _, c := range l.open {
		c.Conn.Close()
	}
	l.mu.Unlock()
}

// Accept waits for a connection; with all places taken new ones are closed at once.
func (l *TCP) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		source := Plain(conn.RemoteAddr().(*net.TCPAddr).AddrPort())
		select {
		case l.places <- struct{}{}:
		default:
			l.door.Drop("connections")
			conn.Close()
			continue
		}
		return l.wrap(conn, source), nil
	}
}

func (l *TCP) wrap(conn net.Conn, from netip.AddrPort) net.Conn {
	c := &tcpConn{Conn: conn, of: l, from: from, serial: rand.Uint64() | 1}
	l.mu.Lock()
	l.open[from] = c
	l.mu.Unlock()
	return c
}

// Serial tells the open connection from an address apart from all others that came from there; 0 when none is open.
func (l *TCP) Serial(from netip.AddrPort) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.open[from]; c != nil {
		return c.serial
	}
	return 0
}

// HangUp closes the connection from an address.
func (l *TCP) HangUp(from netip.AddrPort) {
	l.mu.Lock()
	c := l.open[from]
	l.mu.Unlock()
	if c != nil {
		c.Close()
	}
}

// tcpConn gives its place back when it closes.
type tcpConn struct {
	net.Conn
	of     *TCP
	from   netip.AddrPort
	serial uint64
	once   sync.Once
}

func (c *tcpConn) Close() error {
	c.once.Do(func() {
		<-c.of.places
		c.of.mu.Lock()
		if c.of.open[c.from] == c {
			delete(c.of.open, c.from)
		}
		c.of.mu.Unlock()
	})
	return c.Conn.Close()
}
