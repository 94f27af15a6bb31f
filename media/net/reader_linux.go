package net

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	drowsy   = 50                    // looks in a row that find nothing, until the reader sleeps
	atOnce   = 16                    // datagrams of one socket in a row
	patience = 20 * time.Millisecond // that one socket's handlers have, until another goroutine serves the others
)

// reader serves the sockets of one epoll set: one goroutine, until a handler blocks; then another takes over, and the socket
// whose handler it is stays with the first until it has caught up.
type reader struct {
	epoll, wake int // wake is an event that ends a sleep
	serving     sync.WaitGroup
	closed      atomic.Bool
	watch       *time.Timer // looks whether a handler blocks, while the reader is awake

	mu      sync.Mutex
	sockets map[int32]*socket // by descriptor
	current *socket           // whose handlers run
	turn    int               // how many goroutines were replaced
	taken   uint              // how often sockets had their turn
	seen    uint              // taken when watch looked
	asleep  bool
	watched bool
}

func newReader() (*reader, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	r := &reader{epoll: epoll, sockets: map[int32]*socket{}, watched: true}
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err == nil {
		err = r.listen(r.wake)
	}
	if err != nil {
		unix.Close(r.wake)
		unix.Close(epoll)
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watch = time.AfterFunc(patience, r.look)
	r.serving.Go(func() { r.serve(0) })
	return r, nil
}

// listen has the epoll set tell whenever there is something to read. It tells each time, until all was read: who takes over finds what is left.
func (r *reader) listen(fd int) error {
	return unix.EpollCtl(r.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

func (r *reader) ignore(fd int) { unix.EpollCtl(r.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// close ends the reader and waits for its goroutines.
func (r *reader) close() {
	r.closed.Store(true)
	unix.Write(r.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	r.serving.Wait()
	r.watch.Stop()
	unix.Close(r.wake)
	unix.Close(r.epoll)
}

// add begins to serve a socket, or goes on with it.
func (r *reader) add(s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !s.closed.Load() {
		r.sockets[int32(s.fd)] = s
		r.listen(s.fd)
	}
}

// remove forgets a socket whose descriptor is going to be closed.
func (r *reader) remove(s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.closed.Store(true)
	if r.sockets[int32(s.fd)] == s {
		delete(r.sockets, int32(s.fd))
		r.ignore(s.fd)
	}
}

// serve is the goroutine of a turn.
func (r *reader) serve(turn int) {
	var l lane
	for idle := 0; !r.closed.Load(); idle++ {
		ready, more := r.poll(&l, idle >= drowsy), false
		for _, e := range ready {
			s := r.take(e.Fd)
			if s == nil {
				continue
			}
			more = l.read(s, atOnce) == atOnce || more
			if r.leave(turn) {
				r.alone(&l, s)
				return
			}
			idle = 0
		}
		if !more && idle < drowsy {
			l.nap()
		}
	}
}

// poll is who has something; none: it waits until somebody has.
func (r *reader) poll(l *lane, sleep bool) []unix.EpollEvent {
	if !sleep {
		return l.poll(r.epoll)
	}
	r.sleeps(true)
	defer r.sleeps(false)
	return l.wait(r.epoll)
}

func (r *reader) sleeps(yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asleep = yes; !yes && !r.watched {
		r.watched = true
		r.watch.Reset(patience)
	}
}

// take makes a socket the current one; nil when it is gone.
func (r *reader) take(fd int32) *socket {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = r.sockets[fd]
	r.taken++
	return r.current
}

// leave ends the current socket's turn. It tells whether another goroutine has taken over.
func (r *reader) leave(turn int) (replaced bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.turn != turn {
		return true
	}
	r.current = nil
	return false
}

// look has another goroutine take over when one socket had its turn all the time since the last look.
func (r *reader) look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.watched = !r.asleep && !r.closed.Load(); !r.watched {
		return
	}
	if s := r.current; s != nil && r.taken == r.seen {
		r.ignore(s.fd)
		delete(r.sockets, int32(s.fd))
		r.current = nil
		r.turn++
		turn := r.turn
		r.serving.Go(func() { r.serve(turn) })
	}
	r.seen = r.taken
	r.watch.Reset(patience)
}

// alone serves one socket until it has nothing; then the others' goroutine serves it again.
func (r *reader) alone(l *lane, s *socket) {
	for l.read(s, atOnce) == atOnce {
	}
	r.add(s)
}
