package mail

import "sync"

// watchers are the sessions of this node that wait for changes, by mailbox.
type watchers struct {
	mu   sync.Mutex
	byID map[string]map[chan struct{}]struct{}
}

// Watch returns a channel that receives after changes of a mailbox (several changes may be one receive), until stop.
// It is a hint: the reader looks at the database.
func (b *Box) Watch(mailboxID string) (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w := &b.watchers
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID == nil {
		w.byID = map[string]map[chan struct{}]struct{}{}
	}
	if w.byID[mailboxID] == nil {
		w.byID[mailboxID] = map[chan struct{}]struct{}{}
	}
	w.byID[mailboxID][c] = struct{}{}
	return c, func() { w.remove(mailboxID, c) }
}

func (w *watchers) remove(mailboxID string, c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.byID[mailboxID], c)
	if len(w.byID[mailboxID]) == 0 {
		delete(w.byID, mailboxID)
	}
}

// Notify wakes the watchers of a mailbox on this node.
func (b *Box) Notify(mailboxID string) {
	b.watchers.mu.Lock()
	defer b.watchers.mu.Unlock()
	wake(b.watchers.byID[mailboxID])
}

// NotifyAll wakes all watchers on this node: hints from other nodes may have been lost.
func (b *Box) NotifyAll() {
	b.watchers.mu.Lock()
	defer b.watchers.mu.Unlock()
	for _, set := range b.watchers.byID {
		wake(set)
	}
}

func wake(set map[chan struct{}]struct{}) {
	for c := range set {
		select {
		case c <- struct{}{}:
		default: // a hint is waiting already
		}
	}
}
