package net

import (
	"slices"
	"sync"
	"sync/atomic"
)

// rounds are those of all readers of a network: each sends, when it ends, what was posted on any socket.
type rounds struct {
	awake   atomic.Int32              // how many readers are
	boxes   atomic.Pointer[[]*outbox] // of sockets on which something was posted
	changes sync.Mutex                // of boxes
}

// busy tells whether rounds end soon that send what is posted.
func (r *rounds) busy() bool { return r.awake.Load() > 0 }

// full tells whether something had to stay when the last round ended.
func (r *rounds) full() bool {
	if all := r.boxes.Load(); all != nil {
		return slices.ContainsFunc(*all, func(o *outbox) bool { return o.filled.Load() })
	}
	return false
}

// outbox is a new one.
func (r *rounds) outbox(send sender) *outbox {
	o := newOutbox(send)
	r.change(func(all []*outbox) []*outbox { return append(all, o) })
	return o
}

// forget ends that an outbox is looked after.
func (r *rounds) forget(gone *outbox) {
	r.change(func(all []*outbox) []*outbox {
		return slices.DeleteFunc(all, func(o *outbox) bool { return o == gone })
	})
}

func (r *rounds) change(of func([]*outbox) []*outbox) {
	r.changes.Lock()
	defer r.changes.Unlock()
	var all []*outbox
	if before := r.boxes.Load(); before != nil {
		all = slices.Clone(*before)
	}
	all = of(all)
	r.boxes.Store(&all)
}

// flush ends a round: it sends what was posted, and tells how many sockets could not send it all.
func (r *rounds) flush() (left int) {
	if all := r.boxes.Load(); all != nil {
		for _, o := range *all {
			if o.flush() {
				left++
			}
		}
	}
	return left
}
