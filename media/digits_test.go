package media

import (
	"encoding/binary"
	"testing"

	"github.com/pion/rtp"
)

func tone(ts uint32, code byte, duration uint16, end bool) *Packet {
	body := []byte{code, 10, 0, 0}
	if end {
		body[1] |= 0x80
	}
	binary.BigEndian.PutUint16(body[2:], duration)
	return &Packet{Header: rtp.Header{Timestamp: ts, SSRC: 1}, Payload: body, Event: true, Source: 1}
}

func TestDetector(t *testing.T) {
	other := tone(1000, 5, 160, false)
	other.Source = 2
	cases := map[string]struct {
		packets []*Packet
		want    string
	}{
		"one key, ends retransmitted":  {[]*Packet{tone(1000, 5, 160, false), tone(1000, 5, 320, false), tone(1000, 5, 480, true), tone(1000, 5, 480, true), tone(1000, 5, 480, true)}, "5"},
		"the same key twice":           {[]*Packet{tone(1000, 5, 480, true), tone(3000, 5, 160, false), tone(3000, 5, 480, true)}, "55"},
		"only an end arrives":          {[]*Packet{tone(1000, 11, 480, true)}, "#"},
		"a late end of the key before": {[]*Packet{tone(1000, 1, 160, false), tone(3000, 2, 160, false), tone(1000, 1, 480, true)}, "12"},
		"a key held for ten seconds":   {[]*Packet{tone(1000, 0, 0xFFFF, false), tone(1000+0xFFFF, 0, 160, false), tone(1000+0xFFFF, 0, 320, true)}, "0"},
		"the timestamp wraps":          {[]*Packet{tone(0xFFFFFF00, 10, 160, true), tone(100, 13, 160, true)}, "*B"},
		"flash, noise and a stub":      {[]*Packet{tone(1000, 16, 160, true), {Event: true, Payload: []byte{1}}, sound(1, 1)}, ""},
		"another source starts anew":   {[]*Packet{tone(5000, 5, 160, true), other}, "55"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var d Detector
			var got string
			for _, p := range c.packets {
				if key, ok := d.Detect(p); ok {
					got += string(key)
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// What the keypad sends, the detector reads, and the numbering of the sound has no hole or repetition.
func TestKeypad(t *testing.T) {
	track, out := NewTrack("a", PCMA(), nil), &tape{}
	pad := NewKeypad(track)
	pad.Track().Attach(out)
	for _, key := range "17#D" {
		if !pad.Press(key) {
			t.Fatalf("%c refused", key)
		}
	}
	if pad.Press('x') {
		t.Error("x is no key")
	}
	for i := range uint32(100) {
		track.WriteRTP(sound(uint16(i), i*160))
	}
	var d Detector
	var got string
	ends := 0
	for i, p := range out.packets {
		if p.Header.SequenceNumber != uint16(i) {
			t.Fatalf("packet %d has number %d", i, p.Header.SequenceNumber)
		}
		if p.Event && p.Payload[1]&endBit != 0 {
			ends++
			if duration := binary.BigEndian.Uint16(p.Payload[2:]); duration != 800 {
				t.Errorf("duration %d, want 800 (100 ms)", duration)
			}
		}
		if key, ok := d.Detect(&p); ok {
			got += string(key)
			if !p.Header.Marker {
				t.Errorf("%c begins without marker", key)
			}
		}
	}
	if got != "17#D" || ends != 12 {
		t.Errorf("%q with %d ends, want 17#D with 12", got, ends)
	}
	if last := out.packets[99]; last.Event || len(last.Payload) != 160 {
		t.Error("the sound does not come back after the keys")
	}
	pad.Close()
	track.WriteRTP(sound(100, 16000))
	if len(out.packets) != 100 {
		t.Error("a closed keypad still passes sound on")
	}
}

func TestKeypadLimit(t *testing.T) {
	pad := NewKeypad(NewTrack("a", PCMA(), nil))
	defer pad.Close()
	n := 0
	for range 1000 {
		if pad.Press('1') {
			n++
		}
	}
	if n != queued {
		t.Errorf("%d keys wait, want %d", n, queued)
	}
}

// keyed is a sink that counts the keys it hears.
type keyed struct {
	detector Detector
	keys     chan rune
}

func (k *keyed) WriteRTP(p *Packet) {
	if key, ok := k.detector.Detect(p); ok {
		k.keys <- key
	}
}

// Keys arrive though the track is silent, each once; the sound that comes then goes on.
func TestKeypadWithoutSound(t *testing.T) {
	track, out := NewTrack("a", PCMA(), nil), &keyed{keys: make(chan rune, 10)}
	pad := NewKeypad(track)
	defer pad.Close()
	pad.Track().Attach(out)
	for _, key := range "17#" {
		pad.Press(key)
	}
	for _, key := range "17#" {
		if got := <-out.keys; got != key {
			t.Errorf("heard %c, not %c", got, key)
		}
	}
	pad.Close()
	if pad.Press('1') {
		t.Error("a closed keypad takes keys")
	}
}

func TestKeypadAllocatesNothing(t *testing.T) {
	track := NewTrack("a", PCMA(), nil)
	pad := NewKeypad(track)
	pad.Track().Attach(&counter{})
	p := sound(0, 0)
	if n := testing.AllocsPerRun(1000,
		func() { p.Header.SequenceNumber++; p.Header.Timestamp += 160; track.WriteRTP(p) }); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
}
