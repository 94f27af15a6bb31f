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

// bells are one for each kind of thing. The zero value is ready.
type bells struct {
	mu     sync.Mutex
	byKind map[string]*Bell
}

func (b *bells) of(kind string) *Bell {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byKind == nil {
		b.byKind = map[string]*Bell{}
	}
	if b.byKind[kind] == nil {
		b.byKind[kind] = NewBell()
	}
	return b.byKind[kind]
}

func (b *bells) ring(kinds []string) {
	for _, kind := range kinds {
		b.of(kind).Ring()
	}
}
