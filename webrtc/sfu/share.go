package sfu

import (
	"cmp"
	"sync"
	"time"

	"github.com/pion/rtcp"
)

// Share is what one browser's line can take, over all that it gets.
type Share struct {
	repeats *repeats

	mu       sync.Mutex
	estimate estimate
}

// NewShare is for a browser of which nothing is known yet.
func NewShare() *Share { return &Share{repeats: newRepeats()} }

func (s *Share) stamp(size int, now time.Time) uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.estimate.stamp(size, now)
}

// heard takes the browser's report on single packets.
func (s *Share) heard(report *rtcp.TransportLayerCC) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.estimate.heard(report, time.Now()) {
		s.repeats.trip.Store(int64(s.estimate.trip))
	}
}

// budget is in bit/s.
func (s *Share) budget() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.estimate.bitrate, firstEstimate)
}
