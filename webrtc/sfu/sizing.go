package sfu

import (
	"time"

	"frontdesk/media"
)

// sizing lets one size of a video at a time through to a browser. A change is made where a keyframe begins.
type sizing struct {
	now, want int
	begun     bool // a first one is there
	seen      uint16
	waits     bool      // for a keyframe of want; seen is its newest packet
	asked     time.Time // for that keyframe
	last      numbers   // of the newest packet that went out
	shift     shift
}

// passes tells whether a packet goes out, and changes to the wanted size where it can.
func (s *sizing) passes(p *media.Packet, ask func(layer uint8)) bool {
	d, ok := parseVP8(p.Payload)
	n := d.numbers(p.Payload)
	layer := int(p.Layer)
	switch {
	case !ok:
		return s.begun && layer == s.now
	case s.begun && layer == s.now && layer == s.want:
	case layer == s.want && s.begins(p, d.keyframe(), ask):
		if s.begun {
			s.shift = follow(s.last, n)
		}
		s.now, s.begun, s.waits = layer, true, false
	case s.begun && layer == s.now:
	default:
		return false
	}
	if n = n.plus(s.shift); int16((n.picture-s.last.picture)<<1) >= 0 {
		s.last = n
	}
	return true
}

// begins tells whether a keyframe begins of which nothing is lost yet: what came of it before its first packet would
// be.
func (s *sizing) begins(p *media.Packet, keyframe bool, ask func(layer uint8)) bool {
	seq := p.Header.SequenceNumber
	late := s.waits && int16(seq-s.seen) < 0
	if !late {
		s.waits, s.seen = true, seq
	}
	if keyframe && late {
		ask(p.Layer)
	}
	return keyframe && !late
}

const askAgain = time.Second // for a keyframe that did not come

// aim makes layer the one that is wanted; true: a keyframe of it has to be asked for.
func (s *sizing) aim(layer int, now time.Time) bool {
	if layer >= 0 && layer != s.want {
		s.want, s.waits, s.asked = layer, false, time.Time{}
	}
	if s.begun && s.now == s.want || now.Sub(s.asked) < askAgain {
		return false
	}
	s.asked = now
	return true
}
