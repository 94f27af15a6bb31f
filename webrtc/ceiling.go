package webrtc

import (
	"sync"
	"time"
)

// Bits a second of a video. Who can't get even the least has to switch videos off.
const (
	leastBitrate = 150_000
	mostBitrate  = 2_500_000
)

// ceiling limits what a browser sends of a video to what the best off of its viewers can get: more is of use to nobody, and one with a bad line must not
// cost the others their picture.
// Each viewer's limit follows the loss that it reports, as the loss-based part of draft-ietf-rmcat-gcc-02 §6 does.
type ceiling struct {
	mu      sync.Mutex
	viewers map[*down]float32 // bit/s
	limit   func(bitrate float32)
	told    time.Time
}

// tellCeiling is how often the sender is told: a limit that is not repeated is forgotten by browsers.
const tellCeiling = 500 * time.Millisecond

func newCeiling() *ceiling { return &ceiling{viewers: map[*down]float32{}} }

// connect sets where the limit goes.
func (c *ceiling) connect(limit func(bitrate float32)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = limit
}

// heard takes a viewer's report: the share of packets it lost, of rate bit/s that it was sent.
func (c *ceiling) heard(d *down, lost, rate float32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	bitrate, known := c.viewers[d]
	if !known {
		bitrate = mostBitrate
	}
	c.viewers[d] = adjusted(bitrate, lost, rate)
	if c.limit != nil && time.Since(c.told) >= tellCeiling {
		c.told = time.Now()
		c.limit(c.most())
	}
}

// adjusted is the limit after a report.
func adjusted(bitrate, lost, rate float32) float32 {
	switch {
	case lost > 0.1:
		return max(leastBitrate, min(bitrate, rate)*(1-lost/2))
	case lost < 0.02:
		return min(mostBitrate, bitrate*1.08)
	}
	return bitrate
}

// most holds mu.
func (c *ceiling) most() float32 {
	if len(c.viewers) == 0 {
		return mostBitrate
	}
	most := float32(0)
	for _, bitrate := range c.viewers {
		most = max(most, bitrate)
	}
	return most
}

// leave forgets a viewer.
func (c *ceiling) leave(d *down) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.viewers, d)
}
