package sfu

import "time"

// Allot chooses the sizes of the videos that the browser gets: heights are those of pictures on its screen, by leg,
// where they are known.
func (s *Share) Allot(all []*Down, heights map[string]int, now time.Time) {
	var downs []*Down
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

// tile is the down as a picture of that height, 0 when it is not known.
func (d *Down) tile(height int, now time.Time) tile {
	t := tile{height: height}
	for _, l := range d.source.layers {
		t.layers = append(t.layers, l.flow.offers(now))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t.now = d.size.now
	return t
}

func (d *Down) aim(layer int, now time.Time) {
	d.mu.Lock()
	ask := d.out != nil && d.size.aim(layer, now)
	want := d.size.want
	d.mu.Unlock()
	if ask {
		d.Track.RequestKeyframe(uint8(want))
	}
}
