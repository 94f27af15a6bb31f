package intake

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"frontdesk/store"
)

// eventQueue keeps events in order on their way to the database, so that a call never waits for it. What waits goes together: all nodes' events
// pass through one row, and a busy node must not hold it once for each.
type eventQueue struct {
	publish func(context.Context, ...store.Event) error
	log     *slog.Logger

	mu        sync.Mutex
	changed   *sync.Cond
	queue     []store.Event
	added     uint64
	published uint64 // or dropped
	closed    bool
	closing   chan struct{}
	done      chan struct{}
}

const eventRetry = time.Second

// eventsAtOnce bounds what goes in one transaction.
const eventsAtOnce = 100

// maxEvents bounds what waits while the database is away; the oldest give way.
const maxEvents = 10_000

func newEventQueue(publish func(context.Context, ...store.Event) error, log *slog.Logger) *eventQueue {
	q := &eventQueue{publish: publish, log: log, closing: make(chan struct{}), done: make(chan struct{})}
	q.changed = sync.NewCond(&q.mu)
	go q.run()
	return q
}

func (q *eventQueue) add(e store.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if len(q.queue) >= maxEvents {
		q.log.Error("event dropped: the database does not keep up", "type", q.queue[0].Type, "key", q.queue[0].Key)
		q.queue = q.queue[1:]
		q.published++
	}
	q.queue = append(q.queue, e)
	q.added++
	q.changed.Broadcast()
}

func (q *eventQueue) run() {
	defer close(q.done)
	for {
		events := q.next()
		if len(events) == 0 {
			return
		}
		q.deliver(events)
	}
}

// deliver publishes events, again and again while the database is away; at the end of the process it gives up.
func (q *eventQueue) deliver(events []store.Event) {
	for {
		err := q.publish(context.Background(), events...)
		if err == nil {
			q.mu.Lock()
			q.published += uint64(len(events))
			q.changed.Broadcast()
			q.mu.Unlock()
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

// flush returns when all that was added before is in the database: a job whose events are not there is not done.
func (q *eventQueue) flush(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.changed.Broadcast()
	})()
	q.mu.Lock()
	defer q.mu.Unlock()
	for upTo := q.added; q.published < upTo; q.changed.Wait() {
		if err := ctx.Err(); err != nil || q.closed {
			return errors.Join(errors.New("events are not written yet"), err)
		}
	}
	return nil
}

// next waits for events and takes those that wait, in order; none once the queue is closed and empty.
func (q *eventQueue) next() []store.Event {
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

// close publishes what waits and returns.
func (q *eventQueue) close() {
	q.mu.Lock()
	q.closed = true
	close(q.closing)
	q.changed.Broadcast()
	q.mu.Unlock()
	<-q.done
}
