package peer

import (
	"net"
	"net/netip"
	"sync"
	"time"

	media "frontdesk/media/net"
)

// mostWaiting is how many datagrams may wait to be read from a socket.
const mostWaiting = 512

// socket is one of package media/net as pion's ICE wants it. What came and nobody else took waits here until it is
// read. Media goes out together with other media, all else at once.
type socket struct {
	media.Socket
	queue  chan *datagram
	spare  sync.Pool // of *datagram
	over   chan struct{}
	closed sync.Once

	answered func(to netip.AddrPort) // pion has answered a check
}

// datagram waits to be read.
type datagram struct {
	from netip.AddrPort
	size int
	data [media.MaxDatagram]byte
}

// newSocket begins to read; pion has what take leaves, and answered is told whose checks pion answers.
func newSocket(under media.Socket, take func(data []byte, from netip.AddrPort) (left []byte),
	answered func(to netip.AddrPort)) *socket {
	s := &socket{Socket: under, queue: make(chan *datagram, mostWaiting), over: make(chan struct{}),
		spare: sync.Pool{New: func() any { return &datagram{} }}, answered: answered}
	under.Serve(func(data []byte, from netip.AddrPort) {
		if left := take(data, from); left != nil {
			s.keep(left, from)
		}
	})
	return s
}

// keep has a datagram wait; with too many it is lost, as on the way.
func (s *socket) keep(data []byte, from netip.AddrPort) {
	d := s.spare.Get().(*datagram)
	d.from, d.size = from, copy(d.data[:], data)
	select {
	case s.queue <- d:
	default:
		s.spare.Put(d)
	}
}

// ReadFromAddrPort implements ice.AddrPortReaderWriter.
func (s *socket) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-s.queue:
		defer s.spare.Put(d)
		return copy(b, d.data[:d.size]), d.from, nil
	case <-s.over:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

// WriteToAddrPort implements ice.AddrPortReaderWriter.
func (s *socket) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if isRTP(b) {
		s.Post(b, to)
	} else {
		s.Send(b, to)
	}
	if isAnswer(b) {
		s.answered(to)
	}
	return len(b), nil
}

// isRTP tells RTP from STUN, DTLS and RTCP (RFC 7983 §7, RFC 5761 §4).
func isRTP(b []byte) bool { return len(b) >= 12 && b[0]>>6 == 2 && (b[1] < 192 || b[1] > 223) }

// isAnswer tells a success response of STUN's Binding (RFC 8489 §5).
func isAnswer(b []byte) bool { return len(b) >= 20 && b[0] == 1 && b[1] == 1 }

// ReadFrom implements net.PacketConn.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := s.ReadFromAddrPort(b)
	if err != nil {
		return 0, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo implements net.PacketConn.
func (s *socket) WriteTo(b []byte, to net.Addr) (int, error) {
	return s.WriteToAddrPort(b, to.(*net.UDPAddr).AddrPort())
}

// LocalAddr implements net.PacketConn.
func (s *socket) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(s.Addr()) }

// Close implements net.PacketConn.
func (s *socket) Close() error {
	s.closed.Do(func() {
		s.Socket.Close()
		s.Wait()
		close(s.over)
	})
	return nil
}

// SetDeadline, SetReadDeadline and SetWriteDeadline are of no use here: pion sets deadlines to end a write that blocks.
func (s *socket) SetDeadline(time.Time) error      { return nil }
func (s *socket) SetReadDeadline(time.Time) error  { return nil }
func (s *socket) SetWriteDeadline(time.Time) error { return nil }
