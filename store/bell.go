package store

import "sync"

// Bell wakes all who wait on it, any number of times.
type Bell struct {
	mu sync.Mutex
	c  chan struct{}
}

// NewBell makes a bell that nobody rang yet.
func NewBell() *Bell { return &Bell{c: make(chan struct{})} }

// Wait returns a channel that is closed at the next ring.
func (b *Bell) Wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.c
}

// Ring wakes those who wait.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.c)
	b.c = make(chan struct{})
}
