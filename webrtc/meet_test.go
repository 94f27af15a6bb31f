package webrtc

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/pbx"
)

// room is an Arriver in which everybody gets everybody else's tracks.
type room struct {
	mu    sync.Mutex
	legs  []pbx.Leg
	sends map[pbx.Leg][]*media.Track
}

func (r *room) Arrive(leg pbx.Leg, _ string) string {
	r.mu.Lock()
	for _, tracks := range r.sends {
		for _, t := range tracks {
			leg.Play(t)
		}
	}
	r.legs = append(r.legs, leg)
	r.mu.Unlock()
	leg.Answer(media.Opus())
	leg.Listen(func(e pbx.Event) { r.told(leg, e) })
	return ""
}

func (r *room) told(leg pbx.Leg, e pbx.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := e.(type) {
	case pbx.TrackAdded:
		r.sends[leg] = append(r.sends[leg], e.Track)
		r.others(leg, func(other pbx.Leg) { other.Play(e.Track) })
	case pbx.TrackRemoved:
		r.sends[leg] = slices.DeleteFunc(r.sends[leg], func(t *media.Track) bool { return t == e.Track })
		r.others(leg, func(other pbx.Leg) { other.Stop(e.Track) })
	case pbx.Gone:
		r.legs = slices.DeleteFunc(r.legs, func(x pbx.Leg) bool { return x == leg })
		for _, t := range r.sends[leg] {
			r.others(leg, func(other pbx.Leg) { other.Stop(t) })
		}
		delete(r.sends, leg)
	}
}

func (r *room) others(leg pbx.Leg, f func(pbx.Leg)) {
	for _, other := range r.legs {
		if other != leg {
			f(other)
		}
	}
}

// guest is a user in a meeting with both peer connections.
type guest struct {
	way      pion.NetworkType
	s        *stage
	user     string
	leg      string
	up, down *browser
	mu       sync.Mutex
	tracks   []offerTrack
	quit     chan struct{}
	done     chan struct{}
	video    *pion.TrackLocalStaticRTP
	mic      *pion.TrackLocalStaticRTP
}

func publisher(t testing.TB) (up *browser, mic, video *pion.TrackLocalStaticRTP) {
	up = newBrowser(t, nil)
	mic = up.add(pion.RTPCodecCapability{MimeType: "audio/opus", ClockRate: 48000}, "mic",
		pion.RTPTransceiverDirectionSendonly)
	video = up.add(pion.RTPCodecCapability{MimeType: "video/VP8", ClockRate: 90000}, "cam",
		pion.RTPTransceiverDirectionSendonly)
	return up, mic, video
}

func join(t testing.TB, s *stage, user string) *guest {
	t.Helper()
	return joinRoom(t, s, user, "r1")
}

func joinRoom(t testing.TB, s *stage, user, room string) *guest {
	t.Helper()
	return joinOver(t, s, user, room, pion.NetworkTypeUDP4)
}

// joinOver gets over that way what it is shown.
func joinOver(t testing.TB, s *stage, user, room string, way pion.NetworkType) *guest {
	t.Helper()
	g := &guest{s: s, user: user, way: way}
	g.up, g.mic, g.video = publisher(t)
	var out legSDP
	s.must(user, "meet.join", m{"room": room, "sdp": g.up.offer()}, &out)
	g.leg = out.Leg
	g.up.answered(out.SDP)
	g.subscribe(t)
	return g
}

// subscribe answers the server's offers until the test ends or leave.
func (g *guest) subscribe(t testing.TB) {
	g.down = newBrowserOver(t, cmp.Or(g.way, pion.NetworkTypeUDP4), nil)
	g.quit, g.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(g.done)
		for {
			var offer offerEvent
			if g.s.hub.take(g.user, "meet.offer", &offer) {
				g.s.must(g.user, "meet.answer", m{"leg": g.leg, "sdp": g.down.answer(offer.SDP)}, nil)
				g.mu.Lock()
				g.tracks = offer.Tracks
				g.mu.Unlock()
			}
			select {
			case <-g.quit:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	quit, done := g.quit, g.done
	t.Cleanup(sync.OnceFunc(func() {
		select {
		case <-quit:
		default:
			close(quit)
		}
		<-done
	}))
}

func (g *guest) away() {
	close(g.quit)
	<-g.done
	_ = g.up.pc.Close()
	_ = g.down.pc.Close()
}

// show sends sound and pictures marked fill.
func (g *guest) show(fill byte) {
	g.up.speak(g.mic, 960, fill)
	g.up.speak(g.video, 1800, fill)
}

// gets tells how many packets of a kind of a leg arrived.
func (g *guest) gets(leg string, kind media.Kind) int {
	return len(g.down.packets(leg + "/" + string(kind) + "0"))
}

func (g *guest) sees(others ...*guest) bool {
	for _, other := range others {
		if g.gets(other.leg, media.Audio) < 3 || g.gets(other.leg, media.Video) < 3 {
			return false
		}
	}
	return true
}

func newMeetStage(t testing.TB) *stage {
	s := newStage(t, nil)
	s.over(&room{sends: map[pbx.Leg][]*media.Track{}})
	return s
}

func TestFourInAMeeting(t *testing.T) {
	s := newMeetStage(t)
	var all []*guest
	for i, user := range []string{"ann", "bob", "cy", "dee"} {
		g := join(t, s, user)
		g.show(byte(i + 1))
		all = append(all, g)
	}
	for i, g := range all {
		others := slices.Delete(slices.Clone(all), i, i+1)
		await(t, g.user+" to see the others", func() bool { return g.sees(others...) })
		g.mu.Lock()
		if len(g.tracks) != 6 {
			t.Errorf("%s was offered %v", g.user, g.tracks)
		}
		g.mu.Unlock()
	}

	s.must("dee", "meet.leave", m{"leg": all[3].leg}, nil)
	for _, g := range all[:3] {
		await(t, "one less", func() bool { g.mu.Lock(); defer g.mu.Unlock(); return len(g.tracks) == 4 })
	}
	all[3].away()
	back := join(t, s, "dee")
	back.show(9)
	for _, g := range all[:3] {
		await(t, g.user+" to see who came back", func() bool { return g.sees(back) && back.sees(g) })
		if n := len(g.down.pc.GetTransceivers()); n != 6 {
			t.Errorf("%s has %d lines: those that were free are to be used again", g.user, n)
		}
	}
}

func TestMeetingAttach(t *testing.T) {
	s := newMeetStage(t)
	ann, bob := join(t, s, "ann"), join(t, s, "bob")
	ann.show(1)
	bob.show(2)
	await(t, "both", func() bool { return ann.sees(bob) && bob.sees(ann) })

	ann.away() // the page reloads
	s.SocketGone("ann", "ann-1")
	leg := s.LegsOf("ann")["meet:r1"]
	if leg != ann.leg {
		t.Fatal("the leg did not survive:", s.LegsOf("ann"))
	}
	again := &guest{s: s, user: "ann", leg: leg}
	again.up, again.mic, again.video = publisher(t)
	var out sdpOut
	if code := s.doFrom("ann", "ann-2", "meet.attach", m{"leg": leg, "sdp": again.up.offer()}, &out); code != "" {
		t.Fatal(code)
	}
	again.up.answered(out.SDP)
	again.subscribe(t)
	again.show(3)
	before := bob.gets(leg, media.Video)
	await(t, "both again", func() bool { return again.sees(bob) && bob.gets(leg, media.Video) > before+5 })
	list := bob.down.packets(leg + "/video0")
	for i, p := range list[1:] {
		if p.SSRC != list[0].SSRC || p.SequenceNumber != list[i].SequenceNumber+1 {
			t.Fatalf("packet %d: number %d after %d", i+1, p.SequenceNumber, list[i].SequenceNumber)
		}
	}
}

func TestKeyframeAsked(t *testing.T) {
	s := newMeetStage(t)
	ann := join(t, s, "ann")
	var mu sync.Mutex
	asked := 0
	go func() {
		for {
			packets, _, err := ann.up.pc.GetSenders()[1].ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range packets {
				if _, pli := p.(*rtcp.PictureLossIndication); pli {
					mu.Lock()
					asked++
					mu.Unlock()
				}
			}
		}
	}()
	ann.show(1)
	bob := join(t, s, "bob")
	await(t, "pictures", func() bool { return bob.sees(ann) })
	await(t, "a keyframe request for the newcomer", func() bool { mu.Lock(); defer mu.Unlock(); return asked > 0 })
}

// What is lost is sent again, whichever way the browser asks for it.
func TestLossIsRepaired(t *testing.T) {
	for _, way := range []pion.NetworkType{pion.NetworkTypeUDP4, pion.NetworkTypeTCP4} {
		t.Run(way.String(), func(t *testing.T) { repairs(t, way) })
	}
}

func repairs(t *testing.T, way pion.NetworkType) {
	s := newStage(t, func(c *Config) { c.TCP = "127.0.0.1:0" })
	s.over(&room{sends: map[pbx.Leg][]*media.Track{}})
	ann, bob := join(t, s, "ann"), joinOver(t, s, "bob", "r1", way)
	ann.show(1)
	await(t, "pictures", func() bool { return bob.sees(ann) })
	list := bob.down.packets(ann.leg + "/video0")
	lost := list[len(list)-1]
	nack := &rtcp.TransportLayerNack{MediaSSRC: lost.SSRC,
		Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{lost.SequenceNumber})}
	if err := bob.down.pc.WriteRTCP([]rtcp.Packet{nack}); err != nil {
		t.Fatal(err)
	}
	await(t, "the packet once more", func() bool {
		n := 0
		for _, p := range bob.down.packets(ann.leg + "/video0") {
			if p.SequenceNumber == lost.SequenceNumber && p.Timestamp == lost.Timestamp &&
				slices.Equal(p.Payload, lost.Payload) {
				n++
			}
		}
		return n == 2
	})
}

func TestPhoneInAMeeting(t *testing.T) {
	s := newMeetStage(t)
	ann := join(t, s, "ann")
	far := newPhone(t, media.PCMU(), 0x5a)
	s.exchange.(*room).legs[0].Play(far.track)
	await(t, "the phone's sound", func() bool { return len(ann.down.packets("phone/audio")) > 3 })
	if p := ann.down.packets("phone/audio")[0]; p.PayloadType != 0 || p.Payload[0] != 0x5a {
		t.Errorf("payload type %d", p.PayloadType)
	}
	ann.mu.Lock()
	defer ann.mu.Unlock()
	if len(ann.tracks) != 1 || ann.tracks[0].Leg != "phone" || ann.tracks[0].Kind != media.Audio ||
		ann.tracks[0].Mid == "" {
		t.Errorf("offered %v", ann.tracks)
	}
}

func TestPublishMore(t *testing.T) {
	s := newMeetStage(t)
	ann, bob := join(t, s, "ann"), join(t, s, "bob")
	ann.up.awaitConnected()
	screen := ann.up.add(pion.RTPCodecCapability{MimeType: "video/VP8", ClockRate: 90000}, "screen",
		pion.RTPTransceiverDirectionSendonly)
	var out sdpOut
	s.must("ann", "meet.publish", m{"leg": ann.leg, "sdp": ann.up.offer()}, &out)
	ann.up.answered(out.SDP)
	ann.up.speak(screen, 1800, 7)
	await(t, "the screen", func() bool { return len(bob.down.packets(ann.leg+"/video1")) > 3 })
	s.must("ann", "meet.mute", m{"leg": ann.leg, "kind": "video", "on": true}, nil)
}

func TestMeetRefusals(t *testing.T) {
	s := newMeetStage(t)
	good := newBrowser(t, nil)
	good.add(pion.RTPCodecCapability{MimeType: "audio/opus", ClockRate: 48000}, "mic",
		pion.RTPTransceiverDirectionSendonly)
	for _, test := range []struct {
		in   m
		want string
	}{
		{m{"room": "", "sdp": good.offer()}, CodeBadRequest},
		{m{"room": "r1", "sdp": "v=0"}, CodeBadSDP},
		{m{"room": "r1", "sdp": strings.Repeat("a", maxSDP+1)}, CodeBadSDP},
		{m{"room": "r1"}, CodeBadSDP},
	} {
		if code := s.do("ann", "meet.join", test.in, nil); code != test.want {
			t.Errorf("%.40v: %q", test.in, code)
		}
	}
	if len(s.LegsOf("ann")) != 0 {
		t.Error("a leg is left over")
	}
}

// TestClockIsPassedOn: what ann reports about her stream reaches bob in the numbers of his.
func TestClockIsPassedOn(t *testing.T) {
	s := newMeetStage(t)
	ann, bob := join(t, s, "ann"), join(t, s, "bob")
	ann.show(1)
	await(t, "pictures", func() bool { return bob.sees(ann) })
	ssrc := uint32(ann.up.pc.GetSenders()[1].GetParameters().Encodings[0].SSRC)
	report := &rtcp.SenderReport{SSRC: ssrc, NTPTime: 42 << 32, RTPTime: 90000}
	if err := ann.up.pc.WriteRTCP([]rtcp.Packet{report}); err != nil {
		t.Fatal(err)
	}
	for _, receiver := range bob.down.pc.GetTransceivers() {
		if track := receiver.Receiver().Track(); track == nil || track.ID() != ann.leg+"/video0" {
			continue
		}
		packets, _, err := receiver.Receiver().ReadRTCP()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := packets[0].(*rtcp.SenderReport)
		if !ok || got.NTPTime != 42<<32 || got.SSRC == ssrc {
			t.Errorf("got %+v", packets[0])
		}
		return
	}
	t.Error("no video of ann")
}
