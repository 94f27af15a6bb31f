package media

import (
	"sync"
	"time"
)

// Voice listens whether somebody speaks on a track.
type Voice struct {
	mu    sync.Mutex
	loud  Decoder
	pcm   [longestPayload]int16
	heard time.Time // when there was last a voice; zero: never
}

const (
	longestPayload = Rate * 120 / 1000 // samples of a packet
	loudness       = 300               // as the mean of the samples, from which on somebody speaks
)

// NewVoice listens to what comes in a codec; nil where that can't be decoded.
func NewVoice(codec Codec) *Voice {
	loud := NewDecoder(codec)
	if loud == nil {
		return nil
	}
	return &Voice{loud: loud}
}

// WriteRTP implements Sink.
func (v *Voice) WriteRTP(p *Packet) {
	if p.Event || len(p.Payload) == 0 || len(p.Payload) > longestPayload {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if Spoken(v.pcm[:v.loud.Decode(v.pcm[:], p.Payload)]) {
		v.heard = time.Now()
	}
}

// Heard is when somebody last spoke; zero: never.
func (v *Voice) Heard() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.heard
}

// Spoken tells whether somebody speaks in a few samples.
func Spoken(pcm []int16) bool {
	sum := 0
	for _, s := range pcm {
		sum += max(int(s), -int(s))
	}
	return sum > loudness*max(len(pcm), 1)
}
