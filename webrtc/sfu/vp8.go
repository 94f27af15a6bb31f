package sfu

import "encoding/binary"

// vp8 is where things are in a packet of VP8 (RFC 7741 §4.2); 0: it has none.
type vp8 struct {
	picture int  // index of the PictureID
	wide    bool // it has 15 bits
	level   int  // index of TL0PICIDX
	height  int  // of the picture that begins here, of a keyframe; else 0
}

// parseVP8 reads the descriptor, and of the first packet of a keyframe its size.
func parseVP8(b []byte) (d vp8, ok bool) {
	if len(b) < 2 {
		return d, false
	}
	start, at := b[0]&0x17 == 0x10, 1 // S, and partition 0
	if b[0]&0x80 != 0 {
		if at, ok = d.extended(b); !ok {
			return vp8{}, false // what is said to stand beyond the end is nowhere
		}
	}
	frame := b[at:]
	if start && len(frame) >= 10 && frame[0]&1 == 0 { // the frame header, RFC 6386 §9.1
		d.height = int(binary.LittleEndian.Uint16(frame[8:]) & 0x3fff)
	}
	return d, true
}

// extended reads the optional part, and returns where the frame begins.
func (d *vp8) extended(b []byte) (at int, ok bool) {
	flags, at := b[1], 2
	if flags&0x80 != 0 {
		if len(b) <= at {
			return 0, false
		}
		d.picture, d.wide = at, b[at]&0x80 != 0
		at++
		if d.wide {
			at++
		}
	}
	if flags&0x40 != 0 {
		d.level = at
		at++
	}
	if flags&0x30 != 0 {
		at++
	}
	return at, at < len(b)
}

func (d vp8) keyframe() bool { return d.height > 0 }

// shift keeps the numbers in VP8 payloads going on over a change of layer, each of which counts by itself.
type shift struct {
	picture uint16
	level   uint8
}

// numbers are the PictureID and TL0PICIDX that a stream was at.
type numbers struct {
	picture uint16
	level   uint8
}

func (d vp8) numbers(b []byte) (n numbers) {
	switch {
	case d.picture == 0:
	case d.wide:
		n.picture = binary.BigEndian.Uint16(b[d.picture:]) & 0x7fff
	default:
		n.picture = uint16(b[d.picture] & 0x7f)
	}
	if d.level != 0 {
		n.level = b[d.level]
	}
	return n
}

// follow is the shift with which now comes next after last.
func follow(last, now numbers) shift {
	return shift{picture: last.picture + 1 - now.picture, level: last.level + 1 - now.level}
}

func (n numbers) plus(s shift) numbers { return numbers{n.picture + s.picture, n.level + s.level} }

// patch writes the shifted numbers into a payload of one's own.
func (s shift) patch(b []byte) {
	d, ok := parseVP8(b)
	if s == (shift{}) || !ok {
		return
	}
	n := d.numbers(b).plus(s)
	switch {
	case d.picture == 0:
	case d.wide:
		binary.BigEndian.PutUint16(b[d.picture:], n.picture&0x7fff|0x8000)
	default:
		b[d.picture] = byte(n.picture & 0x7f)
	}
	if d.level != 0 {
		b[d.level] = n.level
	}
}
