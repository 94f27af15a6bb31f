package record

import (
	"bytes"
	"time"

	"frontdesk/media"
)

// voice is the loudness, as the mean of the samples, from which on somebody speaks.
const voice = 300

// ear hears whether somebody speaks in a stream.
type ear struct {
	media.Decoder
	pcm [longest]int16
}

// Listen has it notice when somebody speaks, see Heard.
func (t *Tape) Listen() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listens, t.ears = true, map[uint16]*ear{}
}

// Heard is when somebody last spoke, as far as that is written; zero: never.
func (t *Tape) Heard() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.heard
}

// listen hears what was just written.
func (t *Tape) listen(came []byte) {
	came = bytes.TrimPrefix(came, []byte(magic))
	for {
		e, payload, rest, ok := cut(came)
		if !ok {
			return
		}
		came = rest
		switch e.kind {
		case streamEntry:
			if s, err := readStream(payload); err == nil {
				t.ears[e.stream] = &ear{Decoder: media.NewDecoder(s.Codec)}
			}
		case packetEntry:
			if ear := t.ears[e.stream]; ear != nil && ear.hears(payload) {
				t.mu.Lock()
				t.heard = t.begun.Add(time.Duration(e.at) * time.Millisecond)
				t.mu.Unlock()
			}
		}
	}
}

func (e *ear) hears(payload []byte) bool {
	sum, samples := 0, e.pcm[:e.Decode(e.pcm[:], payload)]
	for _, s := range samples {
		sum += max(int(s), -int(s))
	}
	return sum > voice*max(len(samples), 1)
}
