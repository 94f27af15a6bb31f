package net

import (
	"errors"
	"net"
	"net/netip"
	"sync"
)

// plain is the network of any system: a goroutine for each socket.
type plain struct{ readers sync.WaitGroup }

// plainSocket is a socket of package net.
type plainSocket struct {
	handling
	network *plain
	conn    *net.UDPConn
}

// Listen implements Network.
func (n *plain) Listen(local netip.AddrPort) (Socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(local))
	if err != nil {
		return nil, err
	}
	conn.SetReadBuffer(backlog)
	return &plainSocket{network: n, conn: conn}, nil
}

// Close implements Network.
func (n *plain) Close() { n.readers.Wait() }

// Addr implements Socket.
func (s *plainSocket) Addr() netip.AddrPort {
	return unmap(s.conn.LocalAddr().(*net.UDPAddr).AddrPort())
}

// Serve implements Socket.
func (s *plainSocket) Serve(h Handler) {
	s.handler = h
	s.network.readers.Go(s.read)
}

// read hands on what comes until the socket is closed.
func (s *plainSocket) read() {
	buf := make([]byte, MaxDatagram+1)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil && n <= MaxDatagram { // errors come from ICMP and say nothing about the next datagram
			s.handle(buf[:n], unmap(from))
		}
	}
}

// Send implements Socket.
func (s *plainSocket) Send(data []byte, to netip.AddrPort) { s.conn.WriteToUDPAddrPort(data, to) }

// Post implements Socket.
func (s *plainSocket) Post(data []byte, to netip.AddrPort) { s.Send(data, to) }

// Close implements Socket.
func (s *plainSocket) Close() {
	s.closed.Store(true)
	s.conn.Close()
}
