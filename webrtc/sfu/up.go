// Package sfu forwards what browsers send in a meeting to those who watch, without decoding it (a selective forwarding
// unit, RFC 7667 §3.7).
//
// A Reader takes the packets of one line of a peer connection and writes them to an Up, which outlives it. A Down takes
// a track to one browser: numbered anew, in the size that fits its tile and its Share of the line, and repeated when it
// is lost. Who is in which meeting, and how connections are negotiated, is not known here.
package sfu

import (
	"sync"
	"time"

	"frontdesk/media"
)

// Up is what a browser sends on one line. It outlives the peer connection it comes through: the track goes on after a
// reload.
type Up struct {
	Track    *media.Track
	layers   []*layer   // of a video that comes in several sizes, the smallest first; else one
	keyframe *keyframes // nil for audio

	mu sync.Mutex // serialises readers
}

// NewAudio is sound of a codec.
func NewAudio(id string, codec media.Codec) *Up {
	return &Up{Track: media.NewTrack(id, codec, nil), layers: []*layer{{}}}
}

// NewVideo is a video that comes in so many sizes.
func NewVideo(count *Counters, id string, codec media.Codec, layers int) *Up {
	u := &Up{keyframe: newKeyframes(count.keyframes.Inc)}
	for range layers {
		u.layers = append(u.layers, &layer{cache: newCache()})
	}
	u.Track = media.NewTrack(id, codec, func(uint8) { u.keyframe.request() })
	return u
}

// video tells whether it is one: what can be asked for again, and has keyframes.
func (u *Up) video() bool { return u.keyframe != nil }

// adopt lets only the reader of that packet write a layer.
func (u *Up) adopt(p *media.Packet, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	l := u.layers[n]
	if l.writer != p && l.cache != nil {
		l.cache.clear()
	}
	l.writer = p
}

// write takes a reader's packet to all who get the track.
func (u *Up) write(n int, p *media.Packet) {
	u.mu.Lock()
	defer u.mu.Unlock()
	l := u.layers[n]
	if l.writer != p {
		return
	}
	if l.cache != nil {
		l.cache.put(p)
		d, _ := parseVP8(p.Payload)
		l.flow.note(len(p.Payload), d.height, time.Now())
	}
	p.Layer = uint8(n)
	u.Track.WriteRTP(p)
}

// Sizes are how many it comes in.
func (u *Up) Sizes() int { return len(u.layers) }

// Asks sets where requests for a keyframe go, and makes one; a sound has none.
func (u *Up) Asks(ask func()) {
	if u.video() {
		u.keyframe.connect(ask)
	}
}

// Refresh asks for a keyframe, soon.
func (u *Up) Refresh() {
	if u.video() {
		u.keyframe.request()
	}
}

// Close releases what the up holds.
func (u *Up) Close() {
	if u.video() {
		u.keyframe.close()
	}
}
