package webrtc

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
)

// TestNoNACKStorm: what a viewer asks for again and again goes out once within the cooldown.
func TestNoNACKStorm(t *testing.T) {
	s := newMeetStage(t)
	ann, bob := join(t, s, "ann"), join(t, s, "bob")
	stop := ann.up.speak(ann.video, 1800, 1)
	await(t, "pictures", func() bool { return bob.gets(ann.leg, "video") > 20 })
	stop()
	list := bob.down.packets(ann.leg + "/video0")
	var seqs []uint16
	for _, p := range list[len(list)-16:] {
		seqs = append(seqs, p.SequenceNumber)
	}
	nack := &rtcp.TransportLayerNack{MediaSSRC: list[0].SSRC, Nacks: rtcp.NackPairsFromSequenceNumbers(seqs)}
	for range 200 {
		if err := bob.down.pc.WriteRTCP([]rtcp.Packet{nack}); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "all requests", func() bool {
		return s.count("frontdesk_webrtc_resent_packets_total")+
			s.count("frontdesk_webrtc_resends_spared_total") == 200*16
	})
	if resent := s.count("frontdesk_webrtc_resent_packets_total"); resent > 10*16 {
		t.Errorf("%v packets went out", resent)
	}
}

// count is the value of a metric of the stage, with a label of some value where one is given.
func (s *stage) count(name string, label ...string) (sum float64) {
	families, err := s.reg.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			fits := len(label) == 0
			for _, l := range metric.GetLabel() {
				fits = fits || slices.Contains(label, l.GetValue())
			}
			if family.GetName() == name && fits {
				sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// TestREDInAMeeting: browsers send and get redundant sound.
func TestREDInAMeeting(t *testing.T) {
	s := newMeetStage(t)
	ann, bob := join(t, s, "ann"), join(t, s, "bob")
	if names := codecNames(t, ann.up.pc.RemoteDescription().SDP); !slices.Equal(names, []string{"red", "opus"}) {
		t.Errorf("ann is to send %v", names)
	}
	ann.show(1)
	await(t, "sound", func() bool { return bob.gets(ann.leg, media.Audio) > 5 })
	list := bob.down.packets(ann.leg + "/audio0")
	last := list[len(list)-1]
	blocks, offset := redBlocks(last.Payload)
	if last.PayloadType != 63 || len(blocks) != 2 || !bytes.Equal(blocks[0], blocks[1]) || offset != 960 {
		t.Fatalf("%+v: %v, the first %d earlier", last.Header, blocks, offset)
	}
	report := &rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: last.SSRC, FractionLost: 40}}}
	if err := bob.down.pc.WriteRTCP([]rtcp.Packet{report}); err != nil {
		t.Fatal(err)
	}
	await(t, "more of it repeated", func() bool {
		list := bob.down.packets(ann.leg + "/audio0")
		blocks, _ := redBlocks(list[len(list)-1].Payload)
		return len(blocks) == 3
	})
}

// redBlocks are what a redundant packet carries (RFC 2198 §3), its own sound last, and how much earlier the first was.
func redBlocks(payload []byte) (blocks [][]byte, offset uint32) {
	var lengths []int
	for payload[0]&0x80 != 0 {
		if len(lengths) == 0 {
			offset = uint32(payload[1])<<6 | uint32(payload[2])>>2
		}
		lengths, payload = append(lengths, int(payload[2]&3)<<8|int(payload[3])), payload[4:]
	}
	payload = payload[1:]
	for _, n := range lengths {
		blocks, payload = append(blocks, payload[:n]), payload[n:]
	}
	return append(blocks, payload), offset
}

// picture is a packet of a picture: with a 15-bit PictureID and a TL0PICIDX, of a keyframe of that height if it is one.
func picture(number uint16, level uint8, height int) []byte {
	b := []byte{0x90, 0xe0, byte(number>>8) | 0x80, byte(number), level, 0, 1, 0, 0}
	if height > 0 {
		b = append(b[:6], 0, 0, 0, 0x9d, 1, 0x2a, 64, 1, byte(height), byte(height>>8), 0)
	}
	return b
}

// numbersOf are the PictureID and the TL0PICIDX of such a packet.
func numbersOf(payload []byte) (picture uint16, level byte) {
	return (uint16(payload[2])<<8 | uint16(payload[3])) & 0x7fff, payload[4]
}

// simulcast adds a video that is sent in sizes, and returns what writes a packet of one of them.
func (b *browser) simulcast(rids ...string) (write func(n int, p *rtp.Packet)) {
	b.t.Helper()
	var tracks []*pion.TrackLocalStaticRTP
	var sender *pion.RTPSender
	for i, rid := range rids {
		track, err := pion.NewTrackLocalStaticRTP(pion.RTPCodecCapability{MimeType: "video/VP8", ClockRate: 90000},
			"cam", "me", pion.WithRTPStreamID(rid))
		if err == nil && i == 0 {
			var t *pion.RTPTransceiver
			if t, err = b.pc.AddTransceiverFromTrack(track,
				pion.RTPTransceiverInit{Direction: pion.RTPTransceiverDirectionSendonly}); err == nil {
				sender = t.Sender()
			}
		} else if err == nil {
			err = sender.AddEncoding(track)
		}
		if err != nil {
			b.t.Fatal(err)
		}
		tracks = append(tracks, track)
	}
	return func(n int, p *rtp.Packet) {
		for _, e := range sender.GetParameters().HeaderExtensions {
			switch e.URI {
			case sdp.SDESMidURI:
				_ = p.SetExtension(uint8(e.ID), []byte("0"))
			case sdp.SDESRTPStreamIDURI:
				_ = p.SetExtension(uint8(e.ID), []byte(rids[n]))
			}
		}
		_ = tracks[n].WriteRTP(p)
	}
}

// inSizes sends a picture in two sizes, a keyframe of each every 200 ms, until the returned function is called.
func inSizes(write func(n int, p *rtp.Packet)) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for i := uint16(0); ; i++ {
			select {
			case <-tick.C:
			case <-quit:
				return
			}
			for n, height := range []int{180, 360} {
				if i%10 != 0 {
					height = 0 // a delta frame
				}
				payload := append(picture(i+uint16(n)*100, byte(i), height), byte(n))
				write(n, &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: i + uint16(n)*1000,
					Timestamp: uint32(i)*1800 + uint32(n)*7777, Marker: true}, Payload: payload})
			}
		}
	}()
	return func() { close(quit); <-done }
}

// TestManyInSizes: five send in two sizes, and each gets a picture of every other.
func TestManyInSizes(t *testing.T) {
	s := newMeetStage(t)
	var all []*guest
	for _, user := range []string{"ann", "bob", "cal", "dee", "eve"} {
		g := &guest{s: s, user: user}
		g.up = newBrowser(t, nil)
		write := g.up.simulcast("l", "h")
		var out legSDP
		s.must(user, "meet.join", m{"room": "r1", "sdp": g.up.offer()}, &out)
		g.leg = out.Leg
		g.up.answered(out.SDP)
		g.subscribe(t)
		defer inSizes(write)()
		all = append(all, g)
	}
	for _, g := range all {
		for _, other := range all {
			if g != other {
				await(t, g.user+" to see "+other.user, func() bool { return g.gets(other.leg, media.Video) > 10 })
			}
		}
	}
}

// TestSizePerViewer: a camera comes in two sizes; who has a small tile gets the small one, who has a large one the
// large, each as one stream.
func TestSizePerViewer(t *testing.T) {
	s := newMeetStage(t)
	ann := &guest{s: s, user: "ann"}
	ann.up = newBrowser(t, nil)
	write := ann.up.simulcast("l", "h")
	var out legSDP
	s.must("ann", "meet.join", m{"room": "r1", "sdp": ann.up.offer()}, &out)
	ann.leg = out.Leg
	ann.up.answered(out.SDP)
	bob, cal := join(t, s, "bob"), join(t, s, "cal")
	s.must("bob", "meet.view", m{"leg": bob.leg, "heights": m{ann.leg: 720}}, nil)
	s.must("cal", "meet.view", m{"leg": cal.leg, "heights": m{ann.leg: 150}}, nil)

	defer inSizes(write)()
	size := func(p rtp.Packet) byte { return p.Payload[len(p.Payload)-1] }
	of := func(g *guest) []rtp.Packet { return g.down.packets(ann.leg + "/video0") }
	tail := func(g *guest, want byte) bool {
		list := of(g)
		return len(list) > 40 && !slices.ContainsFunc(list[len(list)-20:],
			func(p rtp.Packet) bool { return size(p) != want })
	}
	await(t, "the large one for bob, the small one for cal", func() bool { return tail(bob, 1) && tail(cal, 0) })
	s.must("bob", "meet.view", m{"leg": bob.leg, "heights": m{ann.leg: 150}}, nil)
	await(t, "the small one for bob", func() bool { return tail(bob, 0) })
	list := of(bob)
	for i, p := range list[1:] {
		was := list[i]
		number, level := numbersOf(p.Payload)
		before, levelBefore := numbersOf(was.Payload)
		if p.SequenceNumber != was.SequenceNumber+1 || p.SSRC != was.SSRC || int32(p.Timestamp-was.Timestamp) <= 0 ||
			number != (before+1)&0x7fff || level != levelBefore+1 {
			t.Fatalf("packet %d: %+v %d %d after %+v %d %d", i, p.Header, number, level, was.Header, before,
				levelBefore)
		}
	}
}

// A page that takes another's place gets pictures as high as that one showed, whenever sizes are chosen.
func TestReloadedPageShowsTheSame(t *testing.T) {
	s := newMeetStage(t)
	ann := join(t, s, "ann")
	leg, err := s.findMeet("ann", ann.leg)
	if err != nil {
		t.Fatal(err)
	}
	page := newSubscriber(&leg.base)
	page.show(map[string]int{"bob": 180})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				s.subs.Range(func(key, _ any) bool { key.(*subscriber).allot(time.Now()); return true })
			}
		}
	}()
	for range 20 {
		page = page.again()
	}
	close(stop)
	<-stopped
	if page.heights["bob"] != 180 {
		t.Errorf("it shows %v", page.heights)
	}
	page.close()
}
