package webrtc

import (
	"bytes"
	"fmt"
	"net"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx"
)

// Who floods the media port with garbage, whatever it looks like, costs a browser's call no packet. The flood is as
// dense as one of 20,000 a second: 400 between two packets of the browser, which come 20 ms apart.
func TestFloodCostsNoPacket(t *testing.T) {
	const rounds, flood = 40, 400
	s := newStage(t, nil)
	b := newBrowser(t, nil)
	b.addAudio("audio/PCMA", 8000)
	var out placeOut
	s.must("ann", "call.place", m{"to": "201", "sdp": b.offer()}, &out)
	b.answered(out.SDP)
	h := s.desk.last()
	h.leg.Answer(media.PCMA())
	e := &ear{}
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(e)
	stop := b.speak(b.local, 160, 7)
	await(t, "packets without pion", func() bool { return s.straight("in") && e.heard(7) > 5 })
	stranger, err := net.Dial("udp", s.net.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	looks := [][]byte{[]byte("GET / HTTP/1.1\r\n\r\n"), {0x80, 8}, {0x80, 200}, {22, 0xfe, 0xfd}, {0, 1, 0, 8}}
	for range rounds {
		for i := range flood {
			stranger.Write(append(bytes.Clone(looks[i%len(looks)]), fmt.Sprintf("%0160d", i)...))
		}
		before := e.heard(7)
		await(t, "the browser", func() bool { return e.heard(7) > before })
	}
	stop()
	if e.mu.Lock(); len(e.got) < rounds {
		t.Errorf("only %d packets were heard", len(e.got))
	}
	defer e.mu.Unlock()
	for i, p := range e.got[1:] {
		if p.Header.SequenceNumber != e.got[i].Header.SequenceNumber+1 {
			t.Fatalf("%d comes after %d", p.Header.SequenceNumber, e.got[i].Header.SequenceNumber)
		}
	}
}
