package peer

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/webrtc/sfu"
	"frontdesk/webrtc/straight"
)

// ear counts what it hears by the first byte.
type ear struct{ heardOf map[byte]int }

func (e *ear) WriteRTP(p *media.Packet) {
	if e.heardOf == nil {
		e.heardOf = map[byte]int{}
	}
	e.heardOf[p.Payload[0]]++
}

func (e *ear) heard(fill byte) int { return e.heardOf[fill] }

// sealed are packets as a browser sends them, and a direct that opens them for e.
func sealed(t testing.TB, first uint16, count int, to media.Sink) (*direct, [][]byte) {
	key, salt, profile := make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm
	seal, err := srtp.CreateContext(key, salt, profile)
	if err != nil {
		t.Fatal(err)
	}
	open, err := srtp.CreateContext(key, salt, profile, srtp.SRTPReplayProtection(straight.ReplayWindow))
	if err != nil {
		t.Fatal(err)
	}
	up, reader := sfu.NewAudio("x/audio", media.PCMA()), sfu.NewReader(nil)
	reader.Point(up, sfu.Payloads{Codec: 8}, 0)
	up.Track.Attach(to)
	d := &direct{via: newPassage(), show: time.Hour, shown: time.Now(), context: open, streams: map[uint32]*stream{}}
	d.read(77, reader)
	var all [][]byte
	for i := range count {
		plain, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8, SSRC: 77,
			SequenceNumber: first + uint16(i)}, Payload: bytes.Repeat([]byte{7}, 160)}).Marshal()
		packet, err := seal.EncryptRTP(nil, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, packet)
	}
	return d, all
}

// Only what comes from where ICE found the browser is opened; what is forged or comes again is heard by nobody.
func TestStraightBelievesTheBrowser(t *testing.T) {
	e := &ear{}
	of, packets := sealed(t, 65000, 1000, e)
	all := newDirects()
	took := func(data []byte, from netip.AddrPort) bool { return all.take(data, from) == nil }
	browser, stranger := netip.MustParseAddrPort("192.0.2.1:5000"), netip.MustParseAddrPort("192.0.2.2:5000")
	all.put(of, browser)
	packets = packets[600:] // the first come another way, and the numbers went round since
	if took(packets[0], stranger) || e.heard(7) != 0 {
		t.Fatal("a stranger is believed")
	}
	forged := slices.Clone(packets[0])
	forged[20] ^= 1
	if took(forged, browser) {
		t.Error("pion does not get what can't be opened before anything could")
	}
	for i, p := range packets[:300] {
		first, again := took(p, browser), took(p, browser)
		if !first || !again || e.heard(7) != i+1 {
			t.Fatalf("%d heard of %d", e.heard(7), i+1)
		}
	}
	forged = slices.Clone(packets[300])
	forged[20] ^= 1
	if !took(forged, browser) || e.heard(7) != 300 {
		t.Error("a forged packet goes further")
	}
	other := slices.Clone(packets[301])
	other[11]++
	if took(other, browser) || took([]byte("GET / HTTP/1.1"), browser) {
		t.Error("what is unknown here does not go to pion")
	}
	of.show = time.Millisecond
	if left := all.take(packets[302], browser); string(left) != indication || e.heard(7) != 301 {
		t.Errorf("pion does not see that the browser is there, but %q", left)
	}
	if !took(packets[302], browser) || e.heard(7) != 301 {
		t.Error("what came may come again")
	}
	of.show = time.Hour
	of.shown = time.Time{}
	if all.answered(browser); !took(packets[304], browser) {
		t.Error("who was answered is told to be there")
	}
	all.drop(of)
	if all.put(of, browser); took(packets[303], browser) {
		t.Error("a browser is known that is gone")
	}
}

// pion gives out what a retransmission brought once it has read another packet of the stream: so the packets of video
// after one go that way too, and those of sound, of which nothing is asked again, do not.
func TestStraightShowsWhatRepairs(t *testing.T) {
	for _, video := range []bool{true, false} {
		d, packets := sealed(t, 1, 4, &nowhere{})
		if video {
			d.streams[77].to.Point(sfu.NewVideo(sfu.NewCounters(prometheus.NewRegistry()), "x/video", media.VP8(), 1),
				sfu.Payloads{Codec: 8}, 0)
		}
		again := slices.Clone(packets[3])
		again[11]++ // the stream of retransmissions
		if d.take(packets[0]) != nil || d.take(again) == nil {
			t.Error("the first goes to pion, or what is sent again does not")
		}
		d.other = d.other.Add(time.Minute) // however slow this machine is
		if (d.take(packets[1]) == nil) == video {
			t.Errorf("video %v: after a retransmission pion sees the next: %v", video, !video)
		}
		d.other = d.other.Add(-time.Hour)
		if d.take(packets[2]) != nil {
			t.Errorf("video %v: pion still sees all", video)
		}
	}
}

type nowhere struct{}

func (*nowhere) WriteRTP(*media.Packet) {}

func TestStraightAllocatesNothing(t *testing.T) {
	of, packets := sealed(t, 1, 1102, &nowhere{})
	i := 0
	if a := testing.AllocsPerRun(1000, func() {
		if of.take(packets[i]) != nil {
			t.Fatal("not taken")
		}
		i++
	}); a > 0 {
		t.Errorf("%v allocations", a)
	}
}
