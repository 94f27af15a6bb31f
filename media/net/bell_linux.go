package net

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	window = 16 // looks, or sockets that had something, after which a pace is judged
	much   = 10 * time.Millisecond
	dense  = 20 // sockets that have something at a look: then a nap more costs little, and a wait saves little
)

// pace judges whether a reader has so much to do that it is better to look by the clock than to be woken for each
// datagram: from about ten calls on. What the looks themselves cost counts as long as each finds little, so they are
// further apart then: a packet waits 1.6 ms at most.
type pace struct {
	busy  bool
	dense bool
	looks int // since the last judgement
	found int // sockets that had something, since then
	since time.Time
}

// looked counts a look that found so many.
func (p *pace) looked(found int) {
	p.looks++
	p.found += found
	switch {
	case p.busy && p.looks >= window:
		p.busy, p.dense = p.found >= p.looks, p.found >= dense*p.looks
	case !p.busy && p.found >= window:
		p.busy, p.dense = time.Since(p.since) < much, false
	default:
		return
	}
	p.looks, p.found, p.since = 0, 0, time.Now()
}

// nap is how long to wait between two looks.
func (p *pace) nap() time.Duration {
	if p.dense {
		return shortNap
	}
	return nap
}

// bell wakes a reader by way of the runtime's own poller, so that who waits for it takes no thread and no processor. It
// hears an epoll set only while somebody waits: else each datagram would wake the runtime.
type bell struct {
	epoll   int // the reader's
	gate    int // an epoll set of that one
	file    *os.File
	raw     syscall.RawConn
	hearing bool
}

func newBell(epoll int) (*bell, error) {
	gate, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	unix.SetNonblock(gate, true) // so that os has the poller look after it
	b := &bell{epoll: epoll, gate: gate, file: os.NewFile(uintptr(gate), "bell")}
	if b.raw, err = b.file.SyscallConn(); err != nil {
		b.file.Close()
		return nil, err
	}
	return b, nil
}

// wait is who has something, once somebody has.
func (b *bell) wait(l *lane) []unix.EpollEvent {
	if !b.hearing {
		b.hearing = true
		unix.EpollCtl(b.gate, unix.EPOLL_CTL_ADD, b.epoll, &unix.EpollEvent{Events: unix.EPOLLIN})
	}
	l.ready = nil
	if err := b.raw.Read(l.rung); err != nil {
		l.nap(nap) // a system whose poller can't
	}
	return l.ready
}

// mute ends that the bell hears.
func (b *bell) mute() {
	if b.hearing {
		b.hearing = false
		unix.EpollCtl(b.gate, unix.EPOLL_CTL_DEL, b.epoll, nil)
	}
}

func (b *bell) close() { b.file.Close() }
