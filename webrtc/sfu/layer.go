package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/media"
)

// layer is one of the sizes in which a browser sends a video at once (simulcast, RFC 8853).
type layer struct {
	cache  *cache
	clock  atomic.Pointer[clock] // nil until the browser reported it
	writer *media.Packet         // of the reader that may write: each has a packet of its own; under up.mu
	flow   flow
}

// clock is a moment of a stream on two clocks (RFC 3550 §6.4.1): browsers keep sound and picture in step by it.
type clock struct {
	ssrc uint32
	ntp  uint64
	rtp  uint32
}

// maxLayers of a video.
const MaxLayers = 3

// silent is how long nothing may come of a layer before it counts as paused: browsers stop sizes that their network or
// processor can't do.
const silent = 400 * time.Millisecond

// flow measures what comes of a layer.
type flow struct {
	mu     sync.Mutex
	last   time.Time
	since  time.Time
	bytes  int
	rate   float64 // bit/s of the last whole second
	height int
}

// note counts a packet; height is of the keyframe that it begins, or 0.
func (f *flow) note(size, height int, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.last) > silent {
		f.since, f.bytes = now, 0
	}
	f.last = now
	f.bytes += size
	if height > 0 {
		f.height = height
	}
	if elapsed := now.Sub(f.since); elapsed >= time.Second {
		f.rate = float64(f.bytes) * 8 / elapsed.Seconds()
		f.since, f.bytes = now, 0
	}
}

func (f *flow) offers(now time.Time) offered {
	f.mu.Lock()
	defer f.mu.Unlock()
	return offered{live: now.Sub(f.last) < silent, height: f.height, rate: f.rate}
}
