package media

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pion/rtp"
)

// Packet is one RTP packet on its way from a track to its sinks.
// All sinks see the same Packet: none may change it or keep it (or its payload) after WriteRTP returns.
type Packet struct {
	Header  rtp.Header
	Payload []byte
	Event   bool   // a telephone-event (RFC 4733), not sound
	Layer   uint8  // simulcast layer, 0 the smallest; 0 where there is only one
	Source  uint32 // the track that sends it: changes when a sink is fed from another, see Renumber
}

// Sink takes packets. It is comparable: a pointer, as a rule. WriteRTP is called from the reader of the sending leg: it
// must not block, wait for disk or database, or allocate without need. A sink that can't keep up drops.
type Sink interface {
	WriteRTP(p *Packet)
}

// Track is one incoming stream of one party, fanned out to any number of sinks.
// One goroutine writes to it, any may attach and detach.
type Track struct {
	ID    string // unique in the call
	Codec Codec

	source   uint32
	keyframe func(layer uint8)
	audience func(sinks int) // told the number of sinks after each change, under mu; nil where nobody cares
	mu       sync.Mutex      // serialises Attach and Detach
	sinks    atomic.Pointer[[]Sink]
}

var nextSource atomic.Uint32

// NewTrack makes a track. keyframe asks the sender for a video keyframe on a layer; nil for audio.
func NewTrack(id string, codec Codec, keyframe func(layer uint8)) *Track {
	t := &Track{ID: id, Codec: codec, keyframe: keyframe, source: nextSource.Add(1)}
	t.sinks.Store(&[]Sink{})
	return t
}

// WriteRTP hands the packet to every sink.
func (t *Track) WriteRTP(p *Packet) {
	p.Source = t.source
	for _, s := range *t.sinks.Load() {
		s.WriteRTP(p)
	}
}

// Attach adds a sink; adding it twice has no effect.
func (t *Track) Attach(s Sink) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := *t.sinks.Load()
	if slices.Contains(old, s) {
		return
	}
	t.set(append(slices.Clone(old), s))
}

// Detach removes a sink. A packet that is being written at this moment may still reach it.
func (t *Track) Detach(s Sink) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.set(slices.DeleteFunc(slices.Clone(*t.sinks.Load()), func(x Sink) bool { return x == s }))
}

func (t *Track) set(sinks []Sink) {
	t.sinks.Store(&sinks)
	if t.audience != nil {
		t.audience(len(sinks))
	}
}

// RequestKeyframe asks the sender of a video track for a keyframe; nothing on audio.
func (t *Track) RequestKeyframe(layer uint8) {
	if t.keyframe != nil {
		t.keyframe(layer)
	}
}
