package net

import (
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	nap      = 1400 * time.Microsecond // between two looks
	shortNap = time.Millisecond        // while each look finds much
	wakeful  = 7 * time.Millisecond    // of naps until the scheduler has its turn
)

// lane is what one goroutine needs to read. Its calls into the kernel that don't wait go there directly, without
// telling the scheduler.
type lane struct {
	epoll  int
	ready  []unix.EpollEvent
	rung   func(uintptr) bool // polls, and tells whether somebody has something
	events [128]unix.EpollEvent
	data   [MaxDatagram]byte
	from   unix.RawSockaddrInet6 // or an Inet4, which is shorter
	slept  time.Duration         // since the scheduler had its turn
	scope  uint32                // whose name zone is
	zone   string
}

func newLane(epoll int) *lane {
	l := &lane{epoll: epoll}
	l.rung = func(uintptr) bool { l.ready = l.poll(); return len(l.ready) > 0 }
	return l
}

// nap lets datagrams come together, so that one wake-up serves them all. It sleeps in the kernel: to be woken by the
// scheduler costs more than a packet. In return it must let the scheduler have its turn now and then: from a goroutine
// that is on its processor for 10 ms it is taken, and then the runtime's monitor wakes every 20 µs for some
// milliseconds, which costs more than all packets together.
func (l *lane) nap(d time.Duration) {
	if l.slept >= wakeful {
		l.slept = 0
		runtime.Gosched()
	}
	l.slept += d
	t := unix.NsecToTimespec(int64(d))
	unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &t, nil)
}

// poll is who of the epoll set has something.
func (l *lane) poll() []unix.EpollEvent {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events)),
		uintptr(len(l.events)), 0, 0, 0)
	if errno != 0 {
		return nil
	}
	return l.events[:n]
}

// read hands on what has come to a socket, at most so many datagrams. It tells how many there were.
func (l *lane) read(s *socket, most int) (n int) {
	for ; n < most; n++ {
		size, errno := s.receive(l.data[:], &l.from)
		switch {
		case errno == unix.EAGAIN || errno == unix.EBADF:
			return n
		case errno == 0 && size <= len(l.data): // other errors come from ICMP and say nothing about the next datagram
			s.handle(l.data[:size], l.sender())
		}
	}
	return n
}

// sender is who sent what was read.
func (l *lane) sender() netip.AddrPort {
	port := swap(l.from.Port)
	if l.from.Family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(&l.from)).Addr), port)
	}
	ip := netip.AddrFrom16(l.from.Addr).Unmap()
	if l.from.Scope_id != 0 {
		ip = ip.WithZone(l.zoneOf(l.from.Scope_id))
	}
	return netip.AddrPortFrom(ip, port)
}

// zoneOf is the name of the network interface that a link-local address belongs to.
func (l *lane) zoneOf(scope uint32) string {
	if l.scope != scope {
		l.scope, l.zone = scope, strconv.Itoa(int(scope))
		if i, err := net.InterfaceByIndex(int(scope)); err == nil {
			l.zone = i.Name
		}
	}
	return l.zone
}
