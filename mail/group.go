package mail

import (
	"context"
	"sync"
	"time"

	"frontdesk/store"
)

// maxBatch of deliveries in one transaction: enough to share a commit, short enough not to hold the writer for long.
const maxBatch = 32

// commitTimeout bounds one delivering transaction.
const commitTimeout = time.Minute

// group joins deliveries that arrive at the same time into one transaction, so that they share its fsync. The first of
// those that wait is the leader: it commits all that came meanwhile and hands the lead on.
type group struct {
	box     *Box
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

// commit stores a delivery and returns when it is durable. It can't be cancelled: the answer must be known.
func (g *group) commit(d Delivery) ([]Ref, error) {
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
		g.run()
	}
	return w.refs, w.err
}

// run commits what waits, the leader's own delivery (the first) included.
func (g *group) run() {
	g.mu.Lock()
	n := min(len(g.waiting), maxBatch)
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.mu.Unlock()
	g.box.commitBatch(batch)
	for _, w := range batch {
		close(w.done)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy = len(g.waiting) > 0; g.busy {
		close(g.waiting[0].lead)
	}
}

// commitBatch stores all in one transaction; if that fails, each in its own, so that one can't fail the others.
func (b *Box) commitBatch(batch []*delivering) {
	b.metrics.batch.Observe(float64(len(batch)))
	if len(batch) > 1 && b.commitTogether(batch) == nil {
		return
	}
	for _, w := range batch {
		if w.err = b.commitTogether([]*delivering{w}); w.err != nil {
			w.refs = nil
		}
	}
}

func (b *Box) commitTogether(batch []*delivering) error {
	ctx, cancel := context.WithTimeout(store.As(context.Background(), store.Mail, ""), commitTimeout)
	defer cancel()
	list := make([]Delivery, len(batch))
	for i, w := range batch {
		list[i] = w.delivery
	}
	var refs []Ref
	err := b.db.Tx(ctx, func(tx *store.Tx) (err error) {
		refs, err = b.deliverAll(ctx, tx, list)
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range batch { // deliverAll returns the refs in the order of the list
		n := len(w.delivery.To)
		w.refs, refs = refs[:n:n], refs[n:]
	}
	return nil
}
