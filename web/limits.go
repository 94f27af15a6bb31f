package web

import "sync"

// counted bounds how many of something are open, in all and of each user.
type counted struct {
	total, each int // limits
	mu          sync.Mutex
	open        int
	of          map[string]int
}

func newCounted(total, each int) *counted {
	return &counted{total: total, each: each, of: map[string]int{}}
}

func (c *counted) enter(user string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.total || c.of[user] >= c.each {
		return false
	}
	c.open++
	c.of[user]++
	return true
}

func (c *counted) leave(user string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if c.of[user]--; c.of[user] == 0 {
		delete(c.of, user)
	}
}
