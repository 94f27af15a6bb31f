package webrtc

import (
	"cmp"
	"sync"
	"time"

	"github.com/pion/rtcp"
)

// share is what one browser's line can take, over all that it gets.
type share struct {
	repeats *repeats

	mu       sync.Mutex
	estimate estimate
}

func newShare() *share { return &share{repeats: newRepeats()} }

func (s *share) stamp(size int, now time.Time) uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.estimate.stamp(size, now)
}

// heard takes the browser's report on single packets.
func (s *share) heard(report *rtcp.TransportLayerCC) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.estimate.heard(report, time.Now()) {
		s.repeats.trip.Store(int64(s.estimate.trip))
	}
}

// budget is in bit/s.
func (s *share) budget() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.estimate.bitrate, firstEstimate)
}

// allot chooses the sizes of the videos that the browser gets: heights are those of pictures on its screen, by leg, where they are known.
func (s *share) allot(all []*down, heights map[string]int, now time.Time) {
	var downs []*down
	var tiles []tile
	for _, d := range all {
		if d.sized() {
			downs, tiles = append(downs, d), append(tiles, d.tile(heights[d.StreamID()], now))
		}
	}
	if len(tiles) == 0 {
		return
	}
	for i, layer := range allot(s.budget(), tiles) {
		downs[i].aim(layer, now)
	}
}
