package media

import (
	"sync"
	"time"
)

// Recorder keeps what a track sends, as it comes: it is decoded when it is asked for.
type Recorder struct {
	codec Codec
	most  int // bytes

	mu      sync.Mutex
	sound   []byte
	packets []kept
}

// kept is a packet of a recording: its payload begins at a place of the sound.
type kept struct {
	timestamp uint32
	at, size  int
}

// NewRecorder records at most so long; nil where the codec can't be decoded.
func NewRecorder(codec Codec, most time.Duration) *Recorder {
	if NewDecoder(codec) == nil {
		return nil
	}
	return &Recorder{codec: codec, most: int(most.Seconds() * 8000)}
}

// WriteRTP implements Sink. What comes late, or when it is full, is left out.
func (r *Recorder) WriteRTP(p *Packet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.packets)
	if p.Event || len(p.Payload) == 0 || len(r.sound)+len(p.Payload) > r.most ||
		n > 0 && int32(p.Header.Timestamp-r.packets[n-1].timestamp) <= 0 {
		return
	}
	r.packets = append(r.packets, kept{p.Header.Timestamp, len(r.sound), len(p.Payload)})
	r.sound = append(r.sound, p.Payload...)
}

// Sound is what was recorded (Rate, mono), with silence where nothing came.
func (r *Recorder) Sound() []int16 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.packets) == 0 {
		return nil
	}
	d, first := NewDecoder(r.codec), r.packets[0].timestamp
	most := r.most / 8000 * Rate
	var pcm []int16
	var one [longestPayload]int16
	for _, p := range r.packets {
		at := int(uint64(p.timestamp-first) * Rate / uint64(r.codec.Clock))
		if at > most {
			break
		}
		for len(pcm) < at {
			pcm = append(pcm, 0)
		}
		pcm = append(pcm, one[:d.Decode(one[:], r.sound[p.at:p.at+p.size])]...)
	}
	return pcm
}
