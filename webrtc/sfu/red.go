package sfu

import (
	"time"

	"github.com/pion/rtp"
)

// Redundant sound (RFC 2198): each packet repeats the ones before it, so that a lost one is there with the next.

const (
	RED       = "red"
	mostRed   = 1100             // bytes of a packet of ours
	redLength = 1 << 10          // the length of a block has 10 bits,
	redOffset = 1 << 14          // how much earlier it was 14
	deepRed   = 20 * time.Second // for so long after losses two packets are repeated instead of one
	lossyRed  = 0.02             // share of packets lost
)

// redBlock is a packet repeated in a later one.
type redBlock struct {
	offset  uint32 // how much earlier it was, in units of its timestamp
	payload []byte
}

// parseRED splits a payload into what is repeated, the oldest first, and the packet's own. ok is false for one that is
// not well formed.
func parseRED(payload []byte) (repeated []redBlock, own []byte, ok bool) {
	var lengths []int
	for len(payload) > 0 && payload[0]&0x80 != 0 {
		if len(payload) < 4 {
			return nil, nil, false
		}
		offset := uint32(payload[1])<<6 | uint32(payload[2])>>2
		lengths = append(lengths, int(payload[2]&3)<<8|int(payload[3]))
		repeated, payload = append(repeated, redBlock{offset: offset}), payload[4:]
	}
	if len(payload) == 0 {
		return nil, nil, false
	}
	payload = payload[1:]
	for i, n := range lengths {
		if n > len(payload) {
			return nil, nil, false
		}
		repeated[i].payload, payload = payload[:n], payload[n:]
	}
	return repeated, payload, true
}

// redSender makes the packets of one stream redundant.
type redSender struct {
	pt      uint8 // of RED; 0: the browser does not take it
	codec   uint8 // payload type of what is repeated
	lossy   time.Time
	history [2]redPast // the last two packets, the older first
	buf     []byte
}

type redPast struct {
	used    bool
	seq     uint16
	ts      uint32
	payload []byte
}

// heard takes the browser's report on what it lost.
func (r *redSender) heard(lost float32, now time.Time) {
	if lost >= lossyRed {
		r.lossy = now
	}
}

// wrap is the payload of a packet with those before it; it is valid until the next.
func (r *redSender) wrap(h *rtp.Header, payload []byte, now time.Time) []byte {
	first := 1
	if now.Sub(r.lossy) < deepRed {
		first = 0
	}
	room := mostRed - len(payload)
	r.buf = r.buf[:0]
	var repeated []*redPast
	for i := first; i < len(r.history); i++ {
		past := &r.history[i]
		if n := len(past.payload); past.fits(h, len(r.history)-i) && n+5 <= room {
			repeated, room = append(repeated, past), room-n-4
			offset := h.Timestamp - past.ts
			r.buf = append(r.buf, 0x80|r.codec, byte(offset>>6), byte(offset<<2)|byte(n>>8), byte(n))
		}
	}
	r.buf = append(r.buf, r.codec)
	for _, past := range repeated {
		r.buf = append(r.buf, past.payload...)
	}
	r.keep(h, payload)
	return append(r.buf, payload...)
}

// fits tells whether it is the packet that many before h, near enough to be named.
func (p *redPast) fits(h *rtp.Header, before int) bool {
	return p.used && p.seq == h.SequenceNumber-uint16(before) && h.Timestamp-p.ts < redOffset &&
		len(p.payload) < redLength
}

func (r *redSender) keep(h *rtp.Header, payload []byte) {
	r.history[0], r.history[1] = r.history[1], r.history[0]
	last := &r.history[1]
	last.used, last.seq, last.ts = true, h.SequenceNumber, h.Timestamp
	last.payload = append(last.payload[:0], payload...)
}
