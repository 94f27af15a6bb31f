package sfu

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"

	"frontdesk/media"
)

// TestREDOnALossyLine: sound that was made redundant, lost at random and read again; what is still missing is told.
func TestREDOnALossyLine(t *testing.T) {
	for _, test := range []struct {
		lost  float64
		deep  bool
		still float64
	}{{0, false, 0}, {0.15, false, 0.03}, {0.15, true, 0.008}} {
		sound := played{}
		u := NewAudio("x/audio0", media.Opus())
		u.Track.Attach(&sound)
		r := &Reader{}
		r.Point(u, Payloads{Codec: 111, RED: 63}, 0)
		out := redSender{pt: 63, codec: 111}
		now := time.Now()
		if test.deep {
			out.heard(0.15, now)
		}
		random := rand.New(rand.NewPCG(1, 2))
		const packets = 5000
		for i := range packets {
			h := rtp.Header{Version: 2, PayloadType: 63, SequenceNumber: uint16(65000 + i), Timestamp: uint32(960 * i)}
			raw, err := (&rtp.Packet{Header: h, Payload: out.wrap(&h, []byte{byte(i), byte(i >> 8), 7}, now)}).Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if random.Float64() >= test.lost {
				r.Receive(raw)
			}
		}
		for i, p := range sound.got {
			n := uint32(p.Payload[0]) | uint32(p.Payload[1])<<8
			if p.Header.Timestamp != n*960 || p.Header.SequenceNumber != uint16(65000+n) ||
				p.Header.PayloadType != 111 || len(p.Payload) != 3 {
				t.Fatalf("packet %d: %+v with %v", i, p.Header, p.Payload)
			}
			if i > 0 && int16(p.Header.SequenceNumber-sound.got[i-1].Header.SequenceNumber) <= 0 {
				t.Fatalf("packet %d came after a later one", i)
			}
		}
		if still := 1 - float64(len(sound.got))/packets; still > test.still {
			t.Errorf("of %v lost %v still miss, at most %v", test.lost, still, test.still)
		}
	}
}

// TestREDSpecimen: the block layout of RFC 2198 §3, and what is not one.
func TestREDSpecimen(t *testing.T) {
	whole := []byte{0x80 | 111, 960 >> 6, byte(960 << 2 & 0xff), 2, 111, 1, 2, 3, 4, 5}
	repeated, own, ok := parseRED(whole)
	if !ok || len(repeated) != 1 || repeated[0].offset != 960 || !bytes.Equal(repeated[0].payload, []byte{1, 2}) ||
		!bytes.Equal(own, []byte{3, 4, 5}) {
		t.Errorf("%v %v %v", repeated, own, ok)
	}
	for n := range 7 {
		if _, _, ok := parseRED(whole[:n]); ok {
			t.Errorf("%d bytes of it are taken", n)
		}
	}
}

func FuzzRED(f *testing.F) {
	f.Add([]byte{0x80 | 111, 15, 0, 2, 111, 1, 2, 3})
	f.Fuzz(func(t *testing.T, payload []byte) {
		repeated, own, ok := parseRED(payload)
		total := len(own)
		for _, b := range repeated {
			total += len(b.payload)
		}
		if ok && total > len(payload) {
			t.Error("more came out than went in")
		}
	})
}
