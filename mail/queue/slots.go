package queue

import "sync"

// slots bounds how many messages go to one domain at a time from this node.
type slots struct {
	limit int
	mu    *sync.Mutex
	taken map[string]int
}

func newSlots(limit int) slots {
	return slots{limit: limit, mu: new(sync.Mutex), taken: map[string]int{}}
}

func (s slots) take(domain string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[domain] >= s.limit {
		return false
	}
	s.taken[domain]++
	return true
}

func (s slots) give(domain string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[domain]--; s.taken[domain] == 0 {
		delete(s.taken, domain)
	}
}
