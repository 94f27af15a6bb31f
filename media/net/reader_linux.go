package net

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	atOnce   = 16                    // datagrams of one socket in a row
	patience = 40 * time.Millisecond // that one socket's handlers have, until another goroutine serves the others
)

// reader serves the sockets of one epoll set: one goroutine, until a handler blocks; then another takes over, and the
// socket whose handler it is stays with the first until it has caught up.
type reader struct {
	rounds      *rounds
	epoll, wake int // wake is an event for close
	serving     sync.WaitGroup
	closed      atomic.Bool
	watch       *time.Timer // checks whether a handler blocks, while the reader is awake

	// Of the goroutine that serves.
	looks uint
	pace  pace
	told  bool // that it is awake
	bell  *bell

	mu      sync.Mutex
	sockets []*socket // by descriptor
	current *socket   // whose handlers run
	turn    int       // how many goroutines were replaced
	taken   uint      // how often sockets had their turn
	seen    uint      // taken at the last check
	asleep  bool
	watched bool
}

func newReader(of *rounds) (r *reader, err error) {
	r = &reader{rounds: of, watched: true}
	if r.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		unix.Close(r.epoll)
		return nil, err
	}
	if r.bell, err = newBell(r.epoll); err == nil {
		err = r.listen(r.wake)
	}
	if err != nil {
		unix.Close(r.wake)
		unix.Close(r.epoll)
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watch = time.AfterFunc(patience, r.check)
	r.serving.Go(func() { r.serve(0) })
	return r, nil
}

// listen has the epoll set tell whenever there is something to read. It tells each time, until all was read: who takes
// over finds what is left.
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
	r.bell.close()
	unix.Close(r.wake)
	unix.Close(r.epoll)
}

// add begins to serve a socket, or goes on with it.
func (r *reader) add(s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !s.closed.Load() {
		r.sockets = append(r.sockets, make([]*socket, max(0, s.fd+1-len(r.sockets)))...)
		r.sockets[s.fd] = s
		r.listen(s.fd)
	}
}

// remove forgets a socket whose descriptor is going to be closed.
func (r *reader) remove(s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.closed.Store(true)
	r.drop(s)
}

// drop ends that a socket is looked at. Its descriptor may be another's by now. It holds mu.
func (r *reader) drop(s *socket) {
	if s.fd < len(r.sockets) && r.sockets[s.fd] == s {
		r.sockets[s.fd] = nil
		r.ignore(s.fd)
	}
}

// serve is the goroutine of a turn.
func (r *reader) serve(turn int) {
	l, prompt := newLane(r.epoll), prompt{}
	for !r.closed.Load() {
		r.looks++
		ready := r.look(l)
		more := len(ready) == len(l.events)
		for _, e := range ready {
			s, most := r.take(int(e.Fd))
			if s == nil {
				continue
			}
			more = l.read(s, most) == atOnce || more
			if r.leave(turn) {
				r.alone(l, s)
				return
			}
		}
		left := r.rounds.flush()
		r.pace.looked(len(ready) + left)
		prompt.set(r.pace.busy)
		if (r.pace.busy || left > 0) && !more {
			l.nap(r.pace.nap())
		}
	}
	prompt.set(false)
	r.tells(false)
}

// tells says whether this reader is awake, whose rounds send what is posted.
func (r *reader) tells(awake bool) {
	if awake == r.told {
		return
	}
	if r.told = awake; awake {
		r.rounds.awake.Add(1)
		return
	}
	r.rounds.awake.Add(-1)
	r.rounds.flush() // what was posted since the round ended
}

// look is who has something. While there is little to do, it waits until somebody has.
func (r *reader) look(l *lane) []unix.EpollEvent {
	if r.pace.busy || r.rounds.full() {
		r.bell.mute()
		return l.poll()
	}
	r.tells(false)
	r.sleeps(true)
	defer r.sleeps(false)
	ready := r.bell.wait(l)
	r.tells(true)
	return ready
}

func (r *reader) sleeps(yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asleep = yes; !yes && !r.watched {
		r.watched = true
		r.watch.Reset(patience)
	}
}

// take makes a socket the current one, and tells how many datagrams it may have read: one, as phones send them, which
// saves asking in vain whether there is another; many, when it had some at the look before or is many peers'. It is nil
// when it is gone.
func (r *reader) take(fd int) (s *socket, most int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken++
	if fd >= len(r.sockets) || r.sockets[fd] == nil {
		return nil, 0
	}
	s, most = r.sockets[fd], 1
	if s.look+1 == r.looks || s.shared.Load() {
		most = atOnce
	}
	s.look, r.current = r.looks, s
	return s, most
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

// check has another goroutine take over when one socket had its turn all the time since the last check.
func (r *reader) check() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.watched = !r.asleep && !r.closed.Load(); !r.watched {
		return
	}
	if s := r.current; s != nil && r.taken == r.seen {
		r.drop(s)
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
