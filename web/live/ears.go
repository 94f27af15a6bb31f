package live

import "sync"

// ears are the subscriptions of what other nodes have for the users who have a socket here.
type ears struct {
	subscribe func(user string) (stop func(), err error)

	mu sync.Mutex
	of map[string]*ear // by user
}

// ear is one, and how many sockets need it. The first of them subscribes, which takes as long as the bus does; the
// others wait for it, and nobody else does.
type ear struct {
	sockets int // under ears.mu
	ready   chan struct{}
	stop    func() // once ready; nil when it failed, for …
	err     error
}

func newEars(subscribe func(user string) (stop func(), err error)) *ears {
	return &ears{subscribe: subscribe, of: map[string]*ear{}}
}

// listen hears what other nodes have for a user, until unlisten was called as often. What fails need not be taken back.
func (e *ears) listen(user string) error {
	mine, first := e.join(user)
	if first {
		mine.stop, mine.err = e.subscribe(user)
		close(mine.ready)
	}
	<-mine.ready
	if mine.err != nil {
		e.part(user, mine)
	}
	return mine.err
}

func (e *ears) join(user string) (mine *ear, first bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	mine = e.of[user]
	if first = mine == nil; first {
		mine = &ear{ready: make(chan struct{})}
		e.of[user] = mine
	}
	mine.sockets++
	return mine, first
}

// unlisten follows each listen that succeeded.
func (e *ears) unlisten(user string) {
	e.mu.Lock()
	mine := e.of[user]
	e.mu.Unlock()
	e.part(user, mine)
}

func (e *ears) part(user string, mine *ear) {
	e.mu.Lock()
	mine.sockets--
	last := mine.sockets == 0
	if last && e.of[user] == mine {
		delete(e.of, user)
	}
	e.mu.Unlock()
	if last && mine.stop != nil {
		mine.stop()
	}
}
