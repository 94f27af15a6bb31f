package guard

import "sync"

// Counter bounds how many of something are there at a time, in all and of each key.
type Counter[K comparable] struct {
	total, each int
	mu          sync.Mutex
	open        int
	of          map[K]int // only of those that have some
}

// NewCounter bounds all to total and each key to each; a negative number is no limit.
func NewCounter[K comparable](total, each int) *Counter[K] {
	return &Counter[K]{total: total, each: each, of: map[K]int{}}
}

// Enter takes a place for key, until Leave; false when there is none.
func (c *Counter[K]) Enter(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if full(c.open, c.total) || full(c.of[key], c.each) {
		return false
	}
	c.open++
	c.of[key]++
	return true
}

func full(n, limit int) bool { return limit >= 0 && n >= limit }

// Leave gives back the place of an Enter that succeeded.
func (c *Counter[K]) Leave(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if c.of[key]--; c.of[key] <= 0 {
		delete(c.of, key)
	}
}
