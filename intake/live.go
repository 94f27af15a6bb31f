package intake

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"frontdesk/store"
)

// liveEvents keeps what is told of running calls and meetings (it rings, is answered, somebody comes in) in order on its way to the database,
// so that a call never waits for it. What waits goes together. It is in memory alone: what must not be lost (a lead, the end of a call, a
// mail) is told in the transaction that makes it so.
type liveEvents struct {
	tell func(context.Context, ...store.Event) error
	log  *slog.Logger

	mu      sync.Mutex
	changed *sync.Cond
	queue   []store.Event
	closed  bool
	closing chan struct{}
	done    chan struct{}
}

const eventRetry = time.Second

// eventsAtOnce bounds what goes in one transaction.
const eventsAtOnce = 100

// maxEvents bounds what waits while the database is away; the oldest give way.
const maxEvents = 10_000

func newLiveEvents(tell func(context.Context, ...store.Event) error, log *slog.Logger) *liveEvents {
	q := &liveEvents{tell: tell, log: log, closing: make(chan struct{}), done: make(chan struct{})}
	q.changed = sync.NewCond(&q.mu)
	go q.run()
	return q
}

func (q *liveEvents) add(e store.Event) {
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
	q.changed.Broadcast()
}

func (q *liveEvents) run() {
	defer close(q.done)
	for {
		events := q.next()
		if len(events) == 0 {
			return
		}
		q.deliver(events)
	}
}

// deliver tells events, again and again while the database is away; at the end of the process it gives up.
func (q *liveEvents) deliver(events []store.Event) {
	for {
		err := q.tell(context.Background(), events...)
		if err == nil {
			return
		}
		q.log.Error("events", "first", events[0].Type, "key", events[0].Key, "waiting", len(events), "err", err)
		select {
		case <-q.closing:
			return
		case <-time.After(eventRetry):
		}
	}
}

// next waits for events and takes those that wait, in order; none once the queue is closed and empty.
func (q *liveEvents) next() []store.Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.queue) == 0 && !q.closed {
		q.changed.Wait()
	}
	n := min(len(q.queue), eventsAtOnce)
	events := slices.Clone(q.queue[:n])
	q.queue = q.queue[n:]
	return events
}

// close tells what waits and returns.
func (q *liveEvents) close() {
	q.mu.Lock()
	q.closed = true
	close(q.closing)
	q.changed.Broadcast()
	q.mu.Unlock()
	<-q.done
}
