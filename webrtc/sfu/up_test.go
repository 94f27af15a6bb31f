package sfu

import (
	"testing"

	"github.com/pion/rtp"

	"frontdesk/media"
)

// played keeps what a track plays.
type played struct{ got []media.Packet }

func (h *played) WriteRTP(p *media.Packet) {
	kept := *p
	kept.Payload = append([]byte(nil), p.Payload...)
	h.got = append(h.got, kept)
}

// nowhere takes packets and keeps none.
type nowhere struct{}

func (nowhere) WriteRTP(*media.Packet) {}

func TestPaddingOnly(t *testing.T) {
	u := NewAudio("x/audio0", media.Opus())
	r := &Reader{}
	r.Point(u, Payloads{Codec: 111}, 0)
	var e played
	u.Track.Attach(&e)
	raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 111, Padding: true, PaddingSize: 8}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	r.Receive(raw)
	r.Receive(raw[:12])
	r.Receive(raw[:3])
	r.Receive(append(raw[:12:12], 200))
	if len(e.got) != 1 || len(e.got[0].Payload) != 0 || e.got[0].Header.Padding {
		t.Errorf("got %+v", e.got)
	}
}

// BenchmarkForward: one packet from the reader of a browser's track to a phone's sink.
func BenchmarkForward(b *testing.B) {
	u := NewAudio("x/audio", media.PCMA())
	r := &Reader{}
	r.Point(u, Payloads{Codec: 8}, 0)
	u.Track.Attach(nowhere{})
	raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8}, Payload: make([]byte, 160)}).Marshal()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Receive(raw)
	}
}
