package sfu

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
)

// tape keeps what goes to a browser.
type tape struct {
	header  rtp.Header
	payload []byte
	count   int
}

func (w *tape) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	w.header, w.payload = h.Clone(), bytes.Clone(payload)
	w.count++
	return len(payload), nil
}
func (w *tape) Write([]byte) (int, error)     { panic("not used") }
func (w *tape) WriteRTCP([]rtcp.Packet) error { return nil }
func (w *tape) Writer(by pion.TrackLocalWriter, _ uint32) pion.TrackLocalWriter {
	return by
}

// camera sends a video in two sizes, packets overtaking each other now and then.
type camera struct {
	up      *Up
	packets [2]media.Packet
	seq     [2]uint16
	picture [2]uint16
}

func (c *camera) send(layer int, back uint16, keyframe bool) {
	p, height := &c.packets[layer], 0
	if c.seq[layer]++; keyframe {
		height = 180 * (layer + 1)
	}
	seq := c.seq[layer] - back
	p.Header.SequenceNumber, p.Header.Timestamp, p.Header.Marker = seq, uint32(seq)*1800, seq%3 == 0
	p.Payload = append(vp8Packet(seq+c.picture[layer], byte(seq), height), byte(seq), byte(layer), byte(p.Header.SSRC))
	c.up.write(layer, p)
}

// What a browser misses is repeated exactly as it went out, whatever the size it came in, whenever that changed, and
// however often the numbers went round: a number never stands for two contents, which SRTP would not survive.
func TestRepeatedAsSent(t *testing.T) {
	count := NewCounters(prometheus.NewRegistry())
	c := &camera{up: NewVideo(count, "x/video0", media.VP8(), 2), seq: [2]uint16{65000, 9}}
	defer c.up.Close()
	for n := range c.packets {
		c.packets[n].Header = rtp.Header{Version: 2, SSRC: uint32(n + 1)}
		c.up.adopt(&c.packets[n], n)
	}
	w := &tape{}
	d := NewDown(count, c.up.Track, c.up, NewShare())
	d.Carried(w)
	d.out, d.pt, d.number = w, 96, media.Renumber{SSRC: 7, Begin: 1 << 14}
	c.up.Track.Attach(d)
	type copied struct {
		header  rtp.Header
		payload []byte
	}
	sent, random, repeated := map[uint16]copied{}, rand.New(rand.NewPCG(1, 2)), 0
	for i := range 150_000 {
		switch {
		case random.IntN(500) == 0:
			d.size.aim(random.IntN(2), time.Now())
		case random.IntN(5000) == 0:
			c.packets[random.IntN(2)].Header.SSRC += 2 // the page was loaded anew
		}
		layer, back := i%2, uint16(0)
		if random.IntN(20) == 0 {
			back = uint16(random.IntN(4))
		}
		before := w.count
		c.send(layer, back, random.IntN(30) == 0)
		if w.count > before {
			sent[w.header.SequenceNumber] = copied{w.header, w.payload}
		}
		if i < 1000 || random.IntN(50) > 0 {
			continue
		}
		seq := w.header.SequenceNumber - uint16(random.IntN(300))
		was, known := sent[seq]
		h, payload, ok := d.recall(seq)
		if ok && known {
			repeated++
			if h.SequenceNumber != seq || h.Timestamp != was.header.Timestamp || h.Marker != was.header.Marker ||
				!bytes.Equal(payload[2:], was.payload) {
				t.Fatalf("%d, packet %d: %+v %x, not %+v %x", i, seq, h, payload[2:], was.header, was.payload)
			}
		}
	}
	if repeated < 2000 {
		t.Errorf("only %d could be repeated", repeated)
	}
}
