package webrtc

import (
	"strings"
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
	return orElse(s.estimate.bitrate, firstEstimate)
}

// allotEvery is how often the sizes of videos are looked at.
const allotEvery = 100 * time.Millisecond

// allots chooses sizes for all who watch until the endpoint closes.
func (e *Endpoint) allots() {
	tick := time.NewTicker(allotEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			e.subs.Range(func(key, _ any) bool { key.(*subscriber).allot(now); return true })
		case <-e.quit:
			return
		}
	}
}

// allot chooses the sizes of the videos that the browser gets.
func (s *subscriber) allot(now time.Time) {
	s.mu.Lock()
	var downs []*down
	var tiles []tile
	for _, d := range s.want {
		if d.sized() {
			leg, _, _ := strings.Cut(d.track.ID, "/")
			downs, tiles = append(downs, d), append(tiles, d.tile(s.heights[leg], now))
		}
	}
	s.mu.Unlock()
	if len(tiles) == 0 {
		return
	}
	for i, layer := range allot(s.share.budget(), tiles) {
		downs[i].aim(layer, now)
	}
}

// tile is the down as a picture of that height, 0 when it is not known.
func (d *down) tile(height int, now time.Time) tile {
	t := tile{height: height}
	for _, l := range d.source.layers {
		t.layers = append(t.layers, l.flow.offers(now))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t.now = d.size.now
	return t
}

func (d *down) aim(layer int, now time.Time) {
	d.mu.Lock()
	ask := d.out != nil && d.size.aim(layer, now)
	want := d.size.want
	d.mu.Unlock()
	if ask {
		d.track.RequestKeyframe(uint8(want))
	}
}

// show notes how high the pictures of the others are on the browser's screen, in its pixels, by leg.
func (s *subscriber) show(heights map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heights = heights
}
