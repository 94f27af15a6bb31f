// Package mailbox is how the goroutine that owns something, a call or a leg, hears from all others.
package mailbox

import (
	"slices"
	"sync"
)

// Crowded is how many messages may wait before those are refused that need not come through.
const Crowded = 512

// Box brings messages to the one goroutine that owns something. Putting never blocks, so that somebody may report
// from inside the very method that the owner invoked on him.
type Box[M any] struct {
	wake chan struct{} // holds a token while something waits

	mu     sync.Mutex
	items  []M
	closed bool
}

func New[M any]() *Box[M] { return &Box[M]{wake: make(chan struct{}, 1)} }

// Wake tells the owner that something waits.
func (b *Box[M]) Wake() <-chan struct{} { return b.wake }

// Put adds m. It fails once the mailbox is closed, and, unless m must come through, when too many wait.
func (b *Box[M]) Put(m M, must bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || (len(b.items) >= Crowded && !must) {
		return false
	}
	b.items = append(b.items, m)
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

// Take returns all that waits, in order.
func (b *Box[M]) Take() []M {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	b.items = nil
	return items
}

// TakeOf returns those that wait and fit, in order; the others go on waiting.
func (b *Box[M]) TakeOf(fits func(M) bool) (taken []M) {
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

// Idle tells whether nothing waits.
func (b *Box[M]) Idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.items) == 0
}

// Close refuses further messages and returns those that wait.
func (b *Box[M]) Close() []M {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return b.items
}

// Home is the mailbox that the messages of one sender go to. It may change; they stay in order.
type Home[M any] struct {
	mu  sync.Mutex
	box *Box[M]
}

func NewHome[M any](box *Box[M]) *Home[M] { return &Home[M]{box: box} }

// Put passes a message on; see Box.Put.
func (h *Home[M]) Put(m M, must bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.box.Put(m, must)
}

// Move announces the sender at another mailbox and sends there what of it was not taken in yet. False when that
// mailbox is closed.
func (h *Home[M]) Move(to *Box[M], announced M, waiting func() []M) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !to.Put(announced, true) {
		return false
	}
	for _, m := range waiting() {
		to.Put(m, true)
	}
	h.box = to
	return true
}
