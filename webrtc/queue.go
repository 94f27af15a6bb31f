package webrtc

import (
	"sync"

	"frontdesk/pbx"
)

// queue hands a leg's events to its listener one at a time and in order, without ever making the teller wait.
type queue struct {
	mu     sync.Mutex
	more   *sync.Cond
	events []pbx.Event
	over   bool // Gone is in: nothing may follow
}

// waiting is how many events of a browser's own making may pile up.
const waiting = 256

func newQueue() *queue {
	q := &queue{}
	q.more = sync.NewCond(&q.mu)
	return q
}

// push adds an event; after Gone it has no effect.
func (q *queue) push(event pbx.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	_, q.over = event.(pbx.Gone)
	q.events = append(q.events, event)
	q.more.Signal()
}

// full tells that the listener can't keep up with what the browser asks for.
func (q *queue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.events) >= waiting
}

// drain gives every event to listen and returns after Gone.
func (q *queue) drain(listen func(pbx.Event)) {
	for {
		event := q.next()
		listen(event)
		if _, last := event.(pbx.Gone); last {
			return
		}
	}
}

func (q *queue) next() pbx.Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.events) == 0 {
		q.more.Wait()
	}
	event := q.events[0]
	q.events = q.events[1:]
	return event
}
