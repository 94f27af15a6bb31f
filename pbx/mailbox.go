package pbx

import (
	"slices"
	"sync"
)

// crowded is how many messages may wait for a call before a leg that sends more is hung up.
const crowded = 512

// message is something that happened to a call.
type message interface {
	happen(c *Call) // on the call's goroutine
	late()          // instead, when the call is over
}

// mailbox brings messages to the goroutine of a call. Putting never blocks, so a leg may report from inside the very method that the call
// invoked on it.
type mailbox struct {
	wake chan struct{}

	mu     sync.Mutex
	items  []message
	closed bool
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// put adds m. It fails once the call is over, and, unless m must come through, when too many wait.
func (b *mailbox) put(m message, must bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || (len(b.items) >= crowded && !must) {
		return false
	}
	b.items = append(b.items, m)
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

// take returns all that waits, in order.
func (b *mailbox) take() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	b.items = nil
	return items
}

// takeOf returns those that waits and fits, in order; the others go on waiting.
func (b *mailbox) takeOf(fits func(message) bool) (taken []message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items = slices.DeleteFunc(b.items, func(m message) bool {
		if fits(m) {
			taken = append(taken, m)
			return true
		}
		return false
	})
	return taken
}

// idle tells whether nothing waits.
func (b *mailbox) idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.items) == 0
}

// close refuses further messages and returns those that wait.
func (b *mailbox) close() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return b.items
}
