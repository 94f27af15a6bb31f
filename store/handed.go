package store

import "sync"

// maxHanded is how many jobs of a kind, that are ours from their insertion on, may wait for a worker here: others are
// added as any job, for whichever node has time.
const maxHanded = 64

// handed are jobs that wait for a worker of this process, which has their leases.
type handed struct {
	mu      sync.Mutex
	open    bool // somebody takes them
	waiting []claimed
	came    chan struct{}
}

func newHanded() handed { return handed{came: make(chan struct{}, 1)} }

func (h *handed) room() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open && len(h.waiting) < maxHanded
}

// put adds a job; false when nobody takes jobs any more.
func (h *handed) put(job claimed) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.open {
		return false
	}
	h.waiting = append(h.waiting, job)
	select {
	case h.came <- struct{}{}:
	default:
	}
	return true
}

// count is how many wait.
func (h *handed) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.waiting)
}

// take takes up to n of those that have waited longest.
func (h *handed) take(n int) (jobs []claimed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n = min(n, len(h.waiting))
	jobs, h.waiting = h.waiting[:n:n], h.waiting[n:]
	return jobs
}

func (h *handed) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = true
}

// close returns those that nobody takes any more.
func (h *handed) close() (rest []claimed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	rest, h.open, h.waiting = h.waiting, false, nil
	return rest
}
