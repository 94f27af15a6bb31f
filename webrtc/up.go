package webrtc

import (
	"sync"
	"time"

	"frontdesk/media"
)

// up is what a browser sends on one line. It outlives the peer connection it comes through: the track goes on after a reload.
type up struct {
	track    *media.Track
	layers   []*layer   // of a video that comes in several sizes, the smallest first; else one
	keyframe *keyframes // nil for audio

	mu sync.Mutex // serialises readers
}

func newAudioUp(id string, codec media.Codec) *up {
	return &up{track: media.NewTrack(id, codec, nil), layers: []*layer{{}}}
}

func newVideoUp(count *counters, id string, codec media.Codec, layers int) *up {
	u := &up{keyframe: newKeyframes(count.keyframes.Inc)}
	for range layers {
		u.layers = append(u.layers, &layer{cache: newCache()})
	}
	u.track = media.NewTrack(id, codec, func(uint8) { u.keyframe.request() })
	return u
}

// video tells whether it is one: what can be asked for again, and has keyframes.
func (u *up) video() bool { return u.keyframe != nil }

// adopt lets only the reader of that packet write a layer.
func (u *up) adopt(p *media.Packet, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	l := u.layers[n]
	if l.writer != p && l.cache != nil {
		l.cache.clear()
	}
	l.writer = p
}

// write takes a reader's packet to all who get the track.
func (u *up) write(n int, p *media.Packet) {
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
	u.track.WriteRTP(p)
}

// sizes are how many it comes in.
func (u *up) sizes() int { return len(u.layers) }

// asks sets where requests for a keyframe go, and makes one; a sound has none.
func (u *up) asks(ask func()) {
	if u.video() {
		u.keyframe.connect(ask)
	}
}

// refresh asks for a keyframe, soon.
func (u *up) refresh() {
	if u.video() {
		u.keyframe.request()
	}
}

// close releases what the up holds.
func (u *up) close() {
	if u.video() {
		u.keyframe.close()
	}
}
