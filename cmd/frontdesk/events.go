package main

import (
	"context"
	"log/slog"
	"sync"

	"frontdesk/web"
)

// eventQueue keeps events in order on their way to the database, so that a call never waits for it.
type eventQueue struct {
	publish func(context.Context, web.Event) error
	log     *slog.Logger

	mu     sync.Mutex
	more   *sync.Cond
	queue  []web.Event
	closed bool
	done   chan struct{}
}

// maxEvents bounds what waits while the database is away; the oldest give way.
const maxEvents = 10_000

func newEventQueue(publish func(context.Context, web.Event) error, log *slog.Logger) *eventQueue {
	q := &eventQueue{publish: publish, log: log, done: make(chan struct{})}
	q.more = sync.NewCond(&q.mu)
	go q.run()
	return q
}

func (q *eventQueue) add(e web.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if len(q.queue) >= maxEvents {
		q.log.Error("event dropped: the database does not keep up", "type", q.queue[0].Type, "key", q.queue[0].Key)
		q.queue = q.queue[1:]
	}
	q.queue = append(q.queue, e)
	q.more.Signal()
}

func (q *eventQueue) run() {
	defer close(q.done)
	for {
		e, ok := q.next()
		if !ok {
			return
		}
		if err := q.publish(context.Background(), e); err != nil {
			q.log.Error("event", "type", e.Type, "key", e.Key, "err", err)
		}
	}
}

func (q *eventQueue) next() (web.Event, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.queue) == 0 && !q.closed {
		q.more.Wait()
	}
	if len(q.queue) == 0 {
		return web.Event{}, false
	}
	e := q.queue[0]
	q.queue = q.queue[1:]
	return e, true
}

// close publishes what waits and returns.
func (q *eventQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.more.Signal()
	q.mu.Unlock()
	<-q.done
}
