package net

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	mostAtOnce = 256   // datagrams of a batch
	mostRun    = 40    // datagrams of a run: every kernel takes 64
	mostBytes  = 60000 // of a run
)

// run is datagrams to one place. All have one size, but the last, which may be shorter.
type run struct {
	to          netip.AddrPort
	first, last int
	count       int
	size, bytes int
	ended       bool
}

func (r *run) takes(size int) bool {
	return !r.ended && size > 0 && size <= r.size && r.count < mostRun && r.bytes+size <= mostBytes
}

// batch is many messages to the kernel at once (sendmmsg).
type batch struct {
	heads    [mostAtOnce]head
	names    [mostAtOnce]unix.RawSockaddrInet6
	parts    [mostAtOnce]unix.Iovec
	controls [mostAtOnce]segments
}

// head is struct mmsghdr.
type head struct {
	message unix.Msghdr
	sent    uint32
	_       [4 * (unsafe.Sizeof(uintptr(0)) / 8)]byte
}

// segments is the control message that says how long the datagrams are that a message consists of.
type segments struct {
	head unix.Cmsghdr
	size [8]byte // a uint16
}

func (b *batch) part(i int, data []byte) {
	b.parts[i].Base = unsafe.SliceData(data)
	b.parts[i].SetLen(len(data))
}

// message describes a run whose parts begin with one.
func (b *batch) message(i int, r *run, from int) {
	m := &b.heads[i].message
	*m = unix.Msghdr{Iov: &b.parts[from]}
	m.SetIovlen(r.count)
	if r.count == 1 {
		return
	}
	c := &b.controls[i]
	c.head = unix.Cmsghdr{Level: unix.SOL_UDP, Type: unix.UDP_SEGMENT}
	c.head.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(c.size[:], uint16(r.size))
	m.Control = (*byte)(unsafe.Pointer(c))
	m.SetControllen(unix.CmsgSpace(2))
}
