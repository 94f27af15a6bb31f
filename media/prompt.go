package media

import (
	"sync"

	"github.com/pion/rtp"
)

// Prompt is a Track that plays a sound once, one packet each Frame by the wall clock, from the moment that somebody
// listens. It may be ended before.
type Prompt struct {
	track *Track
	pcm   []int16
	done  func()

	mu    sync.Mutex
	stop  chan struct{} // closed when it is over
	over  bool
	begun bool
	loop  sync.WaitGroup
}

// NewPrompt plays pcm (Rate, mono; the last frame is filled up with silence) in a codec of phones. Done is called from
// its goroutine when the last frame has had its time, not after Close; it doesn't block and closes nothing.
func NewPrompt(id string, codec Codec, pcm []int16, done func()) *Prompt {
	p := &Prompt{track: NewTrack(id, codec, nil), pcm: pcm, done: done, stop: make(chan struct{})}
	p.track.audience = p.audience
	return p
}

// Track is what to listen to.
func (p *Prompt) Track() *Track { return p.track }

// Close ends the sound, and waits for its goroutine; it may be called again.
func (p *Prompt) Close() {
	p.ends(func() {})
	p.loop.Wait()
}

// ends the sound, once, and tells.
func (p *Prompt) ends(tell func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.over = true
		close(p.stop)
		tell()
	}
}

// audience begins with the first listener.
func (p *Prompt) audience(sinks int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sinks > 0 && !p.begun && !p.over {
		p.begun = true
		p.loop.Go(p.play)
	}
}

// play writes the sound frame by frame, each encoded when it is due. A codec that we can't encode is not played, and
// lasts as long.
func (p *Prompt) play() {
	packet := Packet{Header: rtp.Header{Version: 2, SSRC: p.track.source, Marker: true}}
	step, e, payload := p.track.Codec.frame(), newEncoder(p.track.Codec), make([]byte, frameBytes)
	var frame [frameSamples]int16
	pace(p.stop, func(n int) {
		at := n * frameSamples
		if at >= len(p.pcm) {
			p.ends(p.done)
			return
		}
		packet.Header.Timestamp = uint32(n) * step
		if e == nil {
			return
		}
		clear(frame[copy(frame[:], p.pcm[at:]):])
		packet.Payload = payload[:e.encode(payload, frame[:])]
		p.track.WriteRTP(&packet)
		packet.Header.SequenceNumber++
		packet.Header.Marker = false
	})
}
