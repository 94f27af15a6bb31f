package media

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// Player is a Track that plays a sound over and over, one packet each Frame by the wall clock, while anybody listens.
// One serves any number of listeners.
type Player struct {
	track  *Track
	frames [][]byte
	read   func() []int16 // of a loop; it has no frames

	mu     sync.Mutex
	stop   chan struct{} // closed to end the running loop; nil when none runs
	loops  sync.WaitGroup
	closed bool
}

// NewPlayer plays pcm (Rate, mono; what exceeds whole frames is cut off). In a codec that we can't encode it sends
// nothing, see Codec.Sound.
func NewPlayer(id string, codec Codec, pcm []int16) *Player {
	p := &Player{track: NewTrack(id, codec, nil), frames: encodeFrames(codec, pcm)}
	p.track.audience = p.audience
	return p
}

// NewLoop plays a sound that may be long and may change: read gives it each time that somebody begins to listen, off
// his goroutine, and it is encoded frame by frame, and let go with the last listener.
func NewLoop(id string, codec Codec, read func() []int16) *Player {
	p := &Player{track: NewTrack(id, codec, nil), read: read}
	p.track.audience = p.audience
	return p
}

// Track is what to listen to.
func (p *Player) Track() *Track { return p.track }

// Close ends the sound and waits for its goroutine. Who attaches later hears nothing.
func (p *Player) Close() {
	p.mu.Lock()
	p.closed = true
	p.halt()
	p.mu.Unlock()
	p.loops.Wait()
}

// audience starts the loop with the first listener and stops it with the last.
func (p *Player) audience(sinks int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case sinks == 0:
		p.halt()
	case p.stop == nil && !p.closed && (len(p.frames) > 0 || p.read != nil):
		stop := make(chan struct{})
		p.stop = stop
		p.loops.Go(func() { p.play(stop) })
	}
}

func (p *Player) halt() {
	if p.stop != nil {
		close(p.stop)
		p.stop = nil
	}
}

// play writes frame after frame until stop closes.
func (p *Player) play(stop <-chan struct{}) {
	packet := Packet{Header: rtp.Header{Version: 2, SSRC: p.track.source, Marker: true}}
	step, payload := p.track.Codec.frame(), p.payloads()
	if payload == nil {
		return
	}
	pace(stop, func(n int) {
		packet.Header.Timestamp = uint32(n) * step
		packet.Payload = payload(n)
		p.track.WriteRTP(&packet)
		packet.Header.SequenceNumber++
		packet.Header.Marker = false
	})
}

// payloads gives the sound frame by frame; nil: we can't speak the codec.
func (p *Player) payloads() func(n int) []byte {
	e := newEncoder(p.track.Codec)
	switch {
	case p.read == nil:
		return func(n int) []byte { return p.frames[n%len(p.frames)] }
	case e == nil:
		return nil
	}
	pcm, payload := p.read(), make([]byte, frameBytes)
	pcm = append(pcm[:len(pcm):len(pcm)], make([]int16, max(0, frameSamples-len(pcm)))...)
	whole := len(pcm) / frameSamples
	return func(n int) []byte {
		at := n % whole * frameSamples
		return payload[:e.encode(payload, pcm[at:at+frameSamples])]
	}
}

// pace calls each with the number of the frame that is due, until stop closes. Each is due at a multiple of Frame after
// the start, so the pace doesn't drift; frames that a stalled machine missed are skipped, and the number tells so.
func pace(stop <-chan struct{}, each func(n int)) {
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-timer.C:
		}
		n = max(n, int(time.Since(start)/Frame)-2)
		each(n)
		timer.Reset(time.Until(start.Add(time.Duration(n+1) * Frame)))
	}
}

// encodeFrames returns the payloads of the packets that carry pcm; none when we can't speak the codec.
func encodeFrames(codec Codec, pcm []int16) (frames [][]byte) {
	e, whole := newEncoder(codec), len(pcm)/frameSamples*frameSamples
	if e == nil {
		return nil
	}
	payload := make([]byte, whole/2)
	for range 2 { // it is played over and over, so it begins as the encoder left its end
		e.encode(payload, pcm[:whole])
	}
	return slices.Collect(slices.Chunk(payload, frameBytes))
}
