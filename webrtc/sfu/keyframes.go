package sfu

import (
	"sync"
	"time"
)

// spacing is the least time between two keyframe requests to one sender: keyframes are large, and every viewer asks.
const spacing = 500 * time.Millisecond

// keyframes passes requests for a keyframe on, the first at once and those that follow together after spacing.
type keyframes struct {
	count func()

	mu    sync.Mutex
	ask   func() // sends a PLI (RFC 4585 §6.3.1); nil while there is no sender
	timer *time.Timer
	again bool // asked for while the timer runs
	over  bool
}

func newKeyframes(count func()) *keyframes { return &keyframes{count: count} }

// connect sets where requests go, and makes one.
func (k *keyframes) connect(ask func()) {
	k.mu.Lock()
	k.ask = ask
	k.mu.Unlock()
	k.request()
}

// request asks for a keyframe, soon.
func (k *keyframes) request() {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.over || k.ask == nil:
	case k.timer != nil:
		k.again = true
	default:
		k.send()
	}
}

// send holds mu.
func (k *keyframes) send() {
	k.ask()
	k.count()
	k.timer = time.AfterFunc(spacing, k.spaced)
}

func (k *keyframes) spaced() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timer = nil
	if k.again && !k.over {
		k.again = false
		k.send()
	}
}

func (k *keyframes) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.over = true
	if k.timer != nil {
		k.timer.Stop()
	}
}
