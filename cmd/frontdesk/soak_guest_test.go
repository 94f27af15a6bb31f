package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"
)

// soakGuest is a browser of a meeting: it sends sound and a picture, and gets the others'.
type soakGuest struct {
	b    *testing.B
	tab  *tab
	room string
	leg  string
	stop context.CancelFunc
	over chan struct{}
}

// invite opens tabs of people of the demo for four meetings.
func invite(b *testing.B, c *company) (all []*soakGuest) {
	for range soakRooms {
		room := c.room("Soak")
		for _, u := range c.Users[:3] {
			all = append(all, &soakGuest{b: b, tab: c.open(u.Login), room: room})
		}
	}
	return all
}

func newPion(b *testing.B) *pion.PeerConnection {
	engine, settings := &pion.MediaEngine{}, pion.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	// browsers do not give up either where the machine is busy
	settings.SetICEMaxBindingRequests(200)
	if err := settings.SetAnsweringDTLSRole(pion.DTLSRoleClient); err != nil { // as browsers do
		b.Fatal(err)
	}
	if err := engine.RegisterDefaultCodecs(); err != nil {
		b.Fatal(err)
	}
	pc, err := pion.NewAPI(pion.WithMediaEngine(engine), pion.WithSettingEngine(settings)).
		NewPeerConnection(pion.Configuration{})
	if err != nil {
		b.Fatal(err)
	}
	return pc
}

// join comes in; the guest talks and listens until it leaves.
func (g *soakGuest) join() {
	ctx, stop := context.WithCancel(context.Background())
	g.stop, g.over = stop, make(chan struct{})
	send, receive := newPion(g.b), newPion(g.b)
	mic := g.track(send, pion.MimeTypeOpus, 48000)
	camera := g.track(send, pion.MimeTypeVP8, 90000)
	offer, err := send.CreateOffer(nil)
	if err == nil {
		err = send.SetLocalDescription(offer)
	}
	if err != nil {
		g.b.Fatal(err)
	}
	known := len(g.tab.events("meet.offer"))
	var out struct{ Leg, SDP string }
	g.tab.must("meet.join", map[string]any{"room": g.room, "sdp": offer.SDP, "again": true}, &out)
	g.leg = out.Leg
	if err := send.SetRemoteDescription(pion.SessionDescription{Type: pion.SDPTypeAnswer, SDP: out.SDP}); err != nil {
		g.b.Fatal(err)
	}
	go func() {
		defer close(g.over)
		defer send.GracefulClose()
		defer receive.GracefulClose()
		g.live(ctx, receive, mic, camera, known)
	}()
}

func (g *soakGuest) leave() {
	g.stop()
	<-g.over
	g.tab.must("meet.leave", map[string]any{"leg": g.leg}, nil)
}

func (g *soakGuest) track(pc *pion.PeerConnection, mime string, clock uint32) *pion.TrackLocalStaticRTP {
	t, err := pion.NewTrackLocalStaticRTP(pion.RTPCodecCapability{MimeType: mime, ClockRate: clock}, mime, "me")
	if err == nil {
		_, err = pc.AddTransceiverFromTrack(t, pion.RTPTransceiverInit{Direction: pion.RTPTransceiverDirectionSendonly})
	}
	if err != nil {
		g.b.Fatal(err)
	}
	return t
}

// live sends, and answers what the server offers.
func (g *soakGuest) live(ctx context.Context, receive *pion.PeerConnection, mic, camera *pion.TrackLocalStaticRTP,
	known int) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	sound := &rtp.Packet{Header: rtp.Header{Version: 2}, Payload: []byte{0xf8, 0xff, 0xfe}}
	keyframe := []byte{0x10, 0, 0, 0, 0x9d, 1, 0x2a, 64, 1, 180, 0}
	picture := &rtp.Packet{Header: rtp.Header{Version: 2, Marker: true},
		Payload: append(keyframe, make([]byte, 500)...)}
	for i := 0; ctx.Err() == nil; i++ {
		<-tick.C
		sound.SequenceNumber++
		sound.Timestamp += 960
		mic.WriteRTP(sound)
		if i%5 != 0 {
			continue
		}
		picture.SequenceNumber++
		picture.Timestamp += 9000
		camera.WriteRTP(picture)
		if offers := g.tab.events("meet.offer"); len(offers) > known {
			g.answer(receive, offers[len(offers)-1])
			known = len(offers)
		}
	}
}

func (g *soakGuest) answer(receive *pion.PeerConnection, offer json.RawMessage) {
	var o struct{ Leg, SDP string }
	json.Unmarshal(offer, &o)
	remote := pion.SessionDescription{Type: pion.SDPTypeOffer, SDP: o.SDP}
	if o.Leg != g.leg || receive.SetRemoteDescription(remote) != nil {
		return
	}
	answer, err := receive.CreateAnswer(nil)
	if err == nil && receive.SetLocalDescription(answer) == nil {
		// offered again if it is too late
		_ = g.tab.do("meet.answer", map[string]any{"leg": o.Leg, "sdp": answer.SDP}, nil)
	}
}
