package net

import (
	"cmp"
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is a socket of package net that the runtime knows nothing of.
type socket struct {
	handling
	rounds *rounds
	begin  func(*socket) // has a reader serve it
	end    func(*socket) // has the reader forget it, once and for all
	fd     int
	mu     sync.RWMutex // written to close fd, read to use it
	local  netip.AddrPort
	look   uint // the reader's last one that found something; under its mu
	post   sync.Once
	out    *outbox     // since the first Post
	shared atomic.Bool // by many peers: something is posted on it
	v4     bool        // it speaks with IPv4 addresses, not with IPv6 ones that stand for them
}

// bind makes a socket as net does, and takes it from there.
func bind(local netip.AddrPort) (*socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(local))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetReadBuffer(backlog)
	conn.SetWriteBuffer(backlog)
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{local: unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort())}
	failed := raw.Control(func(fd uintptr) { s.fd, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	if failed != nil || err != nil {
		return nil, cmp.Or(failed, err)
	}
	own, err := unix.Getsockname(s.fd)
	if err != nil {
		unix.Close(s.fd)
		return nil, err
	}
	_, s.v4 = own.(*unix.SockaddrInet4)
	return s, nil
}

// Addr implements Socket.
func (s *socket) Addr() netip.AddrPort { return s.local }

// Serve implements Socket.
func (s *socket) Serve(h Handler) {
	s.handler = h
	s.begin(s)
}

// Close implements Socket.
func (s *socket) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed.Load() {
		s.end(s)
		s.post.Do(func() {})
		if s.out != nil {
			s.rounds.forget(s.out)
		}
		unix.Close(s.fd)
	}
}

// receive reads a datagram and tells how long it was, be it longer than data. from is an Inet4 where the family says
// so.
func (s *socket) receive(data []byte, from *unix.RawSockaddrInet6) (int, unix.Errno) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed.Load() {
		return 0, unix.EBADF
	}
	size := uint32(unix.SizeofSockaddrInet6)
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(data))),
		uintptr(len(data)),
		unix.MSG_TRUNC|unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(from)), uintptr(unsafe.Pointer(&size)))
	return int(n), errno
}

// Send implements Socket.
func (s *socket) Send(data []byte, to netip.AddrPort) {
	var name unix.RawSockaddrInet6
	size := s.name(&name, to)
	if size == 0 {
		return
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed.Load() {
		unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(data))),
			uintptr(len(data)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL,
			uintptr(unsafe.Pointer(&name)), size)
	}
}

// Post implements Socket.
func (s *socket) Post(data []byte, to netip.AddrPort) {
	s.post.Do(func() {
		s.out = s.rounds.outbox(s.sendAll)
		s.shared.Store(true)
	})
	if s.out == nil || len(data) > MaxDatagram || !s.out.put(data, to, s.rounds.busy) {
		s.Send(data, to)
	}
}

// sendAll is a sender.
func (s *socket) sendAll(b *batch, runs []run, from int) (sent int, again, segments bool) {
	for i, r := range runs[from:] {
		m := &b.heads[from+i].message
		m.Name = (*byte)(unsafe.Pointer(&b.names[from+i]))
		m.Namelen = uint32(s.name(&b.names[from+i], r.to))
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed.Load() {
		return len(runs) - from, false, true
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&b.heads[from])),
		uintptr(len(runs)-from), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	switch errno {
	case 0:
		return int(n), false, true
	case unix.EAGAIN, unix.ENOBUFS:
		return 0, true, true
	}
	return 0, false, errno != unix.EIO && errno != unix.EOPNOTSUPP
}

// name writes an address as the kernel wants it, and tells its size; 0 when the socket can't reach it.
func (s *socket) name(n *unix.RawSockaddrInet6, a netip.AddrPort) uintptr {
	port := swap(a.Port())
	ip := a.Addr()
	if s.v4 {
		if ip = ip.Unmap(); !ip.Is4() {
			return 0
		}
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(n)) = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: port,
			Addr: ip.As4()}
		return unix.SizeofSockaddrInet4
	}
	*n = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: port, Addr: ip.As16(), Scope_id: scope(ip.Zone())}
	return unix.SizeofSockaddrInet6
}

// swap changes a port between our order of bytes and the network's.
func swap(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}

// scope is the number of a network interface; 0 when there is no such one.
func scope(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	n, _ := strconv.ParseUint(zone, 10, 32)
	return uint32(n)
}
