package sfu

import (
	"sync"

	"frontdesk/media"
)

// cached is how many packets of a video track are kept: over three seconds at 1.5 Mbit/s.
const cached = 512

// cache keeps the last packets of a track, once for all who watch it.
type cache struct {
	mu    sync.Mutex
	slots []slot // nil before the first packet: not all that may be sent is
}

type slot struct {
	used    bool
	seq     uint16
	ssrc    uint32
	ts      uint32
	marker  bool
	payload []byte
}

func newCache() *cache { return &cache{} }

// put keeps a copy of p.
func (c *cache) put(p *media.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slots == nil {
		c.slots = make([]slot, cached)
	}
	s := &c.slots[p.Header.SequenceNumber%cached]
	s.used, s.seq, s.ssrc = true, p.Header.SequenceNumber, p.Header.SSRC
	s.ts, s.marker = p.Header.Timestamp, p.Header.Marker
	s.payload = append(s.payload[:0], p.Payload...)
}

// get appends the payload of a packet to buf; false when it is no longer there.
func (c *cache) get(ssrc uint32, seq uint16, buf []byte) (payload []byte, ts uint32, marker, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slots == nil {
		return buf, 0, false, false
	}
	s := &c.slots[seq%cached]
	if !s.used || s.seq != seq || s.ssrc != ssrc {
		return buf, 0, false, false
	}
	return append(buf, s.payload...), s.ts, s.marker, true
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.slots {
		c.slots[i].used = false
	}
}
