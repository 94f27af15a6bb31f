package mail

import "sync"

// watchers are the sessions of this node that wait for changes, by mailbox.
type watchers struct {
	mu   sync.Mutex
	byID map[string]map[chan struct{}]struct{}
}

// watch is Box.Watch.
func (w *watchers) watch(mailboxID string) (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
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

// notify wakes those of a mailbox.
func (w *watchers) notify(mailboxID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wake(w.byID[mailboxID])
}

func (w *watchers) notifyAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, set := range w.byID {
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
