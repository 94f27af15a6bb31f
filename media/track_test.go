package media

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestTrack(t *testing.T) {
	track := NewTrack("a", PCMA(), nil)
	one, two := &tape{}, &tape{}
	track.Attach(one)
	track.Attach(one)
	track.Attach(two)
	track.WriteRTP(sound(1, 0))
	track.Detach(one)
	track.Detach(one)
	track.WriteRTP(sound(2, 160))
	if len(one.packets) != 1 || len(two.packets) != 2 {
		t.Errorf("%d and %d packets, want 1 and 2", len(one.packets), len(two.packets))
	}
	if one.packets[0].Source == 0 {
		t.Error("no source")
	}
	track.RequestKeyframe(0) // audio: nothing to ask, no panic
}

func TestTrackKeyframe(t *testing.T) {
	var asked uint8
	NewTrack("v", VP8(), func(layer uint8) { asked = layer }).RequestKeyframe(2)
	if asked != 2 {
		t.Errorf("layer %d", asked)
	}
}

type tally struct{ n atomic.Int64 }

func (c *tally) WriteRTP(*Packet) { c.n.Add(1) }

// Attaching and detaching while packets flow: nobody loses one who listens all the time.
func TestTrackConcurrent(t *testing.T) {
	track, steady := NewTrack("a", PCMA(), nil), &tally{}
	track.Attach(steady)
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			s := &tally{}
			for range 500 {
				track.Attach(s)
				track.Detach(s)
			}
		})
	}
	p := sound(0, 0)
	for range 5000 {
		track.WriteRTP(p)
	}
	others.Wait()
	if n := steady.n.Load(); n != 5000 {
		t.Errorf("%d packets, want 5000", n)
	}
	if n := len(*track.sinks.Load()); n != 1 {
		t.Errorf("%d sinks left, want 1", n)
	}
}

func TestCommon(t *testing.T) {
	got := Common([]Codec{G722(), PCMA(), PCMU()}, []Codec{Opus(), PCMU(), {Name: "pcma", Clock: 8000}})
	if len(got) != 2 || !got[0].Is(PCMA()) || !got[1].Is(PCMU()) {
		t.Errorf("%v", got)
	}
}
