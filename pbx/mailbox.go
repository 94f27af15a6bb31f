package pbx

import (
	"slices"
	"sync"
)

// crowded is how many messages may wait for a call before a leg that sends more is hung up.
const crowded = 512

// mailbox brings messages to the goroutine of a call. Putting never blocks, so a leg may report from inside the very
// method that the call invoked on it.
type mailbox[M any] struct {
	wake chan struct{}

	mu     sync.Mutex
	items  []M
	closed bool
}

func newMailbox[M any]() *mailbox[M] { return &mailbox[M]{wake: make(chan struct{}, 1)} }

// put adds m. It fails once the call is over, and, unless m must come through, when too many wait.
func (b *mailbox[M]) put(m M, must bool) bool {
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
func (b *mailbox[M]) take() []M {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	b.items = nil
	return items
}

// takeOf returns those that waits and fits, in order; the others go on waiting.
func (b *mailbox[M]) takeOf(fits func(M) bool) (taken []M) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items = slices.DeleteFunc(b.items, func(m M) bool {
		if fits(m) {
			taken = append(taken, m)
			return true
		}
		return false
	})
	return taken
}

// idle tells whether nothing waits.
func (b *mailbox[M]) idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.items) == 0
}

// close refuses further messages and returns those that wait.
func (b *mailbox[M]) close() []M {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return b.items
}

// home is the mailbox that the events of one sender go to. It may change; they stay in order.
type home[M any] struct {
	mu  sync.Mutex
	box *mailbox[M]
}

// put passes an event on; see mailbox.put.
func (h *home[M]) put(m M, must bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.box.put(m, must)
}

// move announces the sender at another mailbox and sends there what of it was not taken in yet. False when that
// mailbox is closed.
func (h *home[M]) move(to *mailbox[M], announced M, waiting func() []M) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !to.put(announced, true) {
		return false
	}
	for _, m := range waiting() {
		to.put(m, true)
	}
	h.box = to
	return true
}
