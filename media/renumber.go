package media

import "github.com/pion/rtp"

// How many packets late one may come, or how many may be lost, and the stream still be the same; beyond, the sender
// began anew (cf. MAX_MISORDER and MAX_DROPOUT, RFC 3550 appendix A.1).
const (
	reorder = 1000
	dropout = 3000
)

// Renumber keeps one outgoing RTP stream continuous (RFC 3550 §5.1) while the track that feeds it changes:
// its SSRC never changes, sequence numbers have no holes at a switch, and timestamps go on.
// No sequence number is given to two different packets, because SRTP would reuse its key stream.
// It is for the one goroutine that writes the stream, or under its lock.
type Renumber struct {
	SSRC  uint32
	Begin uint16 // number of the first packet; 0: the source's

	source   uint32 // the track, and the SSRC of its sender: a sender may begin a new stream within a track
	ssrc     uint32
	seqDelta uint16
	tsDelta  uint32
	lastSeq  uint16 // the newest packet sent
	lastTS   uint32
	floor    uint16 // packets numbered below may not be sent any more
	started  bool
}

// Rewrite returns the header to send for p: SSRC, sequence number and timestamp replaced, payload type left for the
// caller to set. ok is false for a packet that must be dropped: a late one from before the switch, whose number is
// already used. gap is the timestamp distance to put between the last packet of the old source and the first of the new
// one (e.g. 160 for 20 ms of 8 kHz audio).
func (r *Renumber) Rewrite(p *Packet, gap uint32) (h rtp.Header, ok bool) {
	h = p.Header
	switch {
	case !r.started:
		r.start(p)
	case r.switched(p):
		r.splice(p, gap)
		h.Marker = true // a new talk spurt: the listener may adapt its buffer (RFC 3550 §5.1, RFC 3551 §4.1)
	}
	h.SSRC = r.SSRC
	h.SequenceNumber += r.seqDelta
	h.Timestamp += r.tsDelta
	if int16(h.SequenceNumber-r.floor) < 0 {
		return h, false
	}
	r.advance(&h)
	return h, true
}

func (r *Renumber) start(p *Packet) {
	r.started, r.source, r.ssrc = true, p.Source, p.Header.SSRC
	if r.Begin != 0 {
		r.seqDelta = r.Begin - p.Header.SequenceNumber
	}
	r.lastSeq, r.lastTS = p.Header.SequenceNumber+r.seqDelta, p.Header.Timestamp
	r.floor = r.lastSeq - reorder
}

// switched tells whether p begins another stream than the packets before it.
func (r *Renumber) switched(p *Packet) bool {
	ahead := int16(p.Header.SequenceNumber + r.seqDelta - r.lastSeq)
	return p.Source != r.source || p.Header.SSRC != r.ssrc || ahead < -reorder || ahead > dropout
}

func (r *Renumber) splice(p *Packet, gap uint32) {
	r.source, r.ssrc = p.Source, p.Header.SSRC
	r.floor = r.lastSeq + 1
	r.seqDelta = r.floor - p.Header.SequenceNumber
	r.tsDelta = r.lastTS + gap - p.Header.Timestamp
}

// advance remembers the newest packet: they may come reordered.
func (r *Renumber) advance(h *rtp.Header) {
	if int16(h.SequenceNumber-r.lastSeq) <= 0 {
		return
	}
	r.lastSeq, r.lastTS = h.SequenceNumber, h.Timestamp
	if r.lastSeq-r.floor > reorder {
		r.floor = r.lastSeq - reorder
	}
}
