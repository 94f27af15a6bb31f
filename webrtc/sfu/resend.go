package sfu

import (
	"time"

	"github.com/pion/rtp"
)

// resend repeats a packet the browser misses.
func (d *Down) resend(seq uint16) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h, payload, ok := d.recall(seq)
	if !ok {
		d.count.missed.Inc()
		return
	}
	now := time.Now()
	if !d.mayRepeat(seq, len(payload), now) {
		d.count.spared.Inc()
		return
	}
	if r := &d.repair; r.pt != 0 && r.ssrc != 0 {
		h.PayloadType, h.SSRC, h.SequenceNumber = r.pt, r.ssrc, r.seq
		r.seq++
	} else {
		payload = payload[2:]
	}
	d.count.resent.Inc()
	d.write(h, payload, now)
}

// recall is a packet as it went out, with its number before the payload (RFC 4588 §4). It holds mu.
func (d *Down) recall(seq uint16) (h rtp.Header, payload []byte, ok bool) {
	was := d.sent.of(seq)
	if d.out == nil || was == nil {
		return h, nil, false
	}
	d.repair.buf = append(d.repair.buf[:0], byte(seq>>8), byte(seq))
	payload, ts, marker, ok := d.source.layers[was.layer].cache.get(was.ssrc, seq-was.seqs, d.repair.buf)
	d.repair.buf = payload
	if !ok {
		return h, nil, false
	}
	was.shift.patch(payload[2:])
	return rtp.Header{Version: 2, Marker: marker || was.marked(seq), PayloadType: d.pt,
		SequenceNumber: seq, Timestamp: ts + was.ts, SSRC: d.number.SSRC}, payload, true
}

// mayRepeat tells whether a packet may be sent once more, and notes it. It holds mu.
func (d *Down) mayRepeat(seq uint16, size int, now time.Time) bool {
	if d.copied == nil {
		d.copied = map[uint16]copies{}
	}
	if _, known := d.copied[seq]; !known && len(d.copied) >= cached {
		clear(d.copied) // of all but the last few packets nothing can be repeated any more
	}
	c := d.copied[seq]
	defer func() { d.copied[seq] = c }()
	return d.share.repeats.allows(&c, size, now)
}
