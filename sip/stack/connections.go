package stack

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

const (
	streamIdle  = 20 * time.Minute // phones keep connections open between calls
	streamWrite = 10 * time.Second
)

// streamed are sipgo's transports that have connections.
func streamed() proto.TransportsConfig {
	plain := func() *proto.TransportTCP {
		return &proto.TransportTCP{ReadTimeout: streamIdle, WriteTimeout: streamWrite}
	}
	return proto.TransportsConfig{TCP: plain(), TLS: &proto.TransportTLS{TransportTCP: plain()}}
}

// tcpListener accepts connections for sipgo, bounded in number, and knows when its readers are gone.
type tcpListener struct {
	net.Listener
	door    door
	At      netip.AddrPort
	serving sync.WaitGroup
	places  chan struct{}

	mu   sync.Mutex
	open map[netip.AddrPort]*tcpConn
}

func listenTCP(addr string, most int, d door) (*tcpListener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &tcpListener{Listener: l, door: d, At: edge.Plain(l.Addr().(*net.TCPAddr).AddrPort()),
		places: make(chan struct{}, most), open: map[netip.AddrPort]*tcpConn{}}, nil
}

func (l *tcpListener) serve() { l.serving.Go(func() { l.door.net.ServeTCP(l) }) }

func (l *tcpListener) shut() {
	l.Listener.Close()
	l.serving.Wait()
	l.mu.Lock()
	for _, c := range l.open {
		c.Conn.Close()
	}
	l.mu.Unlock()
}

// Accept waits for a connection; with all places taken new ones are closed at once.
func (l *tcpListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		source := edge.Plain(conn.RemoteAddr().(*net.TCPAddr).AddrPort())
		select {
		case l.places <- struct{}{}:
		default:
			l.door.drop("connections")
			conn.Close()
			continue
		}
		return l.wrap(conn, source), nil
	}
}

func (l *tcpListener) wrap(conn net.Conn, from netip.AddrPort) net.Conn {
	c := &tcpConn{Conn: conn, of: l, from: from, serial: rand.Uint64() | 1}
	l.mu.Lock()
	l.open[from] = c
	l.mu.Unlock()
	return c
}

// Serial tells the open connection from an address apart from all others that came from there; 0 when none is open.
func (l *tcpListener) Serial(from netip.AddrPort) uint64 {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.open[from]; c != nil {
		return c.serial
	}
	return 0
}

// hangUp closes the connection from an address.
func (l *tcpListener) hangUp(from netip.AddrPort) {
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
	of     *tcpListener
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
