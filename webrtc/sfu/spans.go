package sfu

import "slices"

const (
	mostSpans = 16   // further back no cache has anything
	early     = 1000 // numbers that packets may have which come after the first one but were sent before it
)

// span is packets in a row that went out under numbers as far from those they came with: between two changes of source
// or size. So it is known of every packet what it was, without a note of each.
type span struct {
	first int64  // number of the first that went out, counted on
	head  bool   // it was marked, because it goes on where another one was
	seqs  uint16 // number out minus number in
	ts    uint32 // the same of the time stamps
	ssrc  uint32 // they came with
	layer uint8
	shift shift
}

// same tells whether a packet is of the span.
func (s *span) same(p *span) bool {
	return s.seqs == p.seqs && s.ts == p.ts && s.ssrc == p.ssrc && s.layer == p.layer && s.shift == p.shift
}

// spans are those of what was sent.
type spans struct {
	list   []span // the newest last
	newest int64  // number of the newest packet, counted on where numbers go round
}

// at is a number counted on.
func (l *spans) at(seq uint16) int64 { return l.newest + int64(int16(seq-uint16(l.newest))) }

// note takes what a packet was that goes out under a number.
func (l *spans) note(seq uint16, p span) {
	p.first = l.at(seq)
	l.newest = max(l.newest, p.first)
	switch n := len(l.list); {
	case n == 0:
		p.first -= early
	case l.list[n-1].same(&p):
		return
	default:
		p.head = true
	}
	if len(l.list) == mostSpans {
		l.list = slices.Delete(l.list, 0, 1)
	}
	l.list = append(l.list, p)
}

// of is the span of a number; nil: none that is remembered.
func (l *spans) of(seq uint16) *span {
	at := l.at(seq)
	for i := len(l.list) - 1; i >= 0; i-- {
		if at >= l.list[i].first {
			return &l.list[i]
		}
	}
	return nil
}

// marked tells whether the packet of a number was marked for being the first of the span.
func (s *span) marked(seq uint16) bool { return s.head && uint16(s.first) == seq }
