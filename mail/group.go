package mail

import "sync"

// maxBatch of deliveries in one transaction: enough to share a commit, short enough not to hold the writer for long.
const maxBatch = 32

// group joins deliveries that arrive at the same time into one transaction, so that they share its fsync. The first of
// those that wait is the leader: it commits all that came meanwhile and hands the lead on.
type group struct {
	mu      sync.Mutex
	busy    bool
	waiting []*delivering
}

type delivering struct {
	delivery Delivery
	lead     chan struct{} // closed: it is your turn to lead
	done     chan struct{} // closed: refs and err are set
	refs     []Ref
	err      error
}

// store has a delivery stored, with others, and returns when it is durable. It can't be cancelled: the answer must be
// known.
func (g *group) store(d Delivery, commit func(batch []*delivering)) ([]Ref, error) {
	w := &delivering{delivery: d, lead: make(chan struct{}), done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, w)
	if !g.busy {
		g.busy = true
		close(w.lead)
	}
	g.mu.Unlock()
	select {
	case <-w.done:
	case <-w.lead:
		g.run(commit)
	}
	return w.refs, w.err
}

// run commits what waits, the leader's own delivery (the first) included.
func (g *group) run(commit func(batch []*delivering)) {
	g.mu.Lock()
	n := min(len(g.waiting), maxBatch)
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.mu.Unlock()
	commit(batch)
	for _, w := range batch {
		close(w.done)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy = len(g.waiting) > 0; g.busy {
		close(g.waiting[0].lead)
	}
}
