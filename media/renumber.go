package media

import "github.com/pion/rtp"

// Renumber keeps one outgoing RTP stream continuous (RFC 3550 §5.1) while the track that feeds it changes:
// its SSRC never changes, sequence numbers have no holes at a switch, and timestamps go on.
// It is for the one goroutine that writes the stream, or under its lock.
type Renumber struct {
	SSRC uint32

	source   uint32
	seqDelta uint16
	tsDelta  uint32
	lastSeq  uint16
	lastTS   uint32
	started  bool
}

// Rewrite returns the header to send for p: SSRC, sequence number and timestamp replaced, payload type left for the caller to set.
// gap is the timestamp distance to put between the last packet of the old source and the first of the new one
// (e.g. 160 for 20 ms of 8 kHz audio).
func (r *Renumber) Rewrite(p *Packet, gap uint32) rtp.Header {
	h := p.Header
	switched := r.started && p.Source != r.source
	switch {
	case !r.started:
		r.started, r.source = true, p.Source
		r.lastSeq, r.lastTS = h.SequenceNumber-1, h.Timestamp
	case switched:
		r.source = p.Source
		r.seqDelta = r.lastSeq + 1 - h.SequenceNumber
		r.tsDelta = r.lastTS + gap - h.Timestamp
		h.Marker = true // a new talk spurt: the listener may adapt its buffer (RFC 3551 §4.1)
	}
	h.SSRC = r.SSRC
	h.SequenceNumber += r.seqDelta
	h.Timestamp += r.tsDelta
	if int16(h.SequenceNumber-r.lastSeq) > 0 { // keep the newest: packets may come reordered
		r.lastSeq, r.lastTS = h.SequenceNumber, h.Timestamp
	}
	return h
}
