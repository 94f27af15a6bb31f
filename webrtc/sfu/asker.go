package sfu

import (
	"sync"
	"time"
)

// asker asks the sender of a video stream for what did not come.
type asker struct {
	send     func(seqs []uint16) // a NACK
	hopeless func()              // what is missing won't come: a keyframe is wanted

	mu    sync.Mutex
	lost  losses
	timer *time.Timer // nil while nothing is missing
	over  bool
}

// arrived notes a packet and tells whether it is the first time.
func (a *asker) arrived(seq uint16) (fresh bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh, whole := a.lost.arrived(seq, time.Now())
	switch {
	case !whole:
		a.lost.forget()
		a.hopeless()
	case len(a.lost.holes) > 0 && a.timer == nil && !a.over:
		a.timer = time.AfterFunc(reorderWait, a.ask)
	}
	return fresh
}

func (a *asker) ask() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = nil
	if a.over {
		return
	}
	now := time.Now()
	seqs, gaveUp, next := a.lost.due(now)
	if gaveUp {
		a.hopeless()
	}
	if len(seqs) > 0 {
		a.send(seqs)
	}
	if !next.IsZero() {
		a.timer = time.AfterFunc(next.Sub(now), a.ask)
	}
}

func (a *asker) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	if a.timer != nil {
		a.timer.Stop()
	}
}
