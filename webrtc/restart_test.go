package webrtc

import (
	"slices"
	"strings"
	"testing"

	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/pbx"
)

// reoffer is an offer that restarts ICE.
func (b *browser) reoffer() string {
	b.t.Helper()
	desc, err := b.pc.CreateOffer(&pion.OfferOptions{ICERestart: true})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.set(desc)
}

func ufrag(sdp string) string {
	_, rest, _ := strings.Cut(sdp, "a=ice-ufrag:")
	name, _, _ := strings.Cut(rest, "\r\n")
	return name
}

// TestRestart: both connections of a meeting go on with other ICE credentials, over the DTLS and RTP that they have.
func TestRestart(t *testing.T) {
	s := newMeetStage(t)
	ann, bob := join(t, s, "ann"), join(t, s, "bob")
	ann.show(1)
	await(t, "pictures", func() bool { return bob.sees(ann) })
	before := ufrag(ann.up.pc.RemoteDescription().SDP)
	var out sdpOut
	s.must("ann", "meet.publish", m{"leg": ann.leg, "sdp": ann.up.reoffer()}, &out)
	if ufrag(out.SDP) == before {
		t.Error("the server did not restart ICE")
	}
	ann.up.answered(out.SDP)
	got := bob.gets(ann.leg, media.Video)
	await(t, "pictures of who restarted", func() bool { return bob.gets(ann.leg, media.Video) > got+10 })

	before = ufrag(bob.down.pc.RemoteDescription().SDP)
	s.must("bob", "meet.restart", m{"leg": bob.leg}, nil)
	await(t, "an offer that restarts ICE", func() bool { return ufrag(bob.down.pc.RemoteDescription().SDP) != before })
	got = bob.gets(ann.leg, media.Video)
	await(t, "pictures for who restarted", func() bool { return bob.gets(ann.leg, media.Video) > got+10 })
	if list := bob.down.packets(ann.leg + "/video0"); slices.ContainsFunc(list,
		func(p rtp.Packet) bool { return p.SSRC != list[0].SSRC }) {
		t.Error("it came as another stream")
	}
	if code := s.do("bob", "meet.restart", m{"leg": ann.leg}, nil); code != CodeNotFound {
		t.Errorf("another's leg: %q", code)
	}
}

// TestRestartOfACall: a browser's call goes on, too.
func TestRestartOfACall(t *testing.T) {
	s := newStage(t, nil)
	b := newBrowser(t, nil)
	b.addAudio("audio/PCMA", 8000)
	var placed placeOut
	s.must("ann", "call.place", m{"to": "201", "sdp": b.offer()}, &placed)
	b.answered(placed.SDP)
	leg := s.desk.last()
	leg.leg.Answer(media.PCMA())
	e := &ear{}
	awaitEvent[pbx.TrackAdded](t, leg).Track.Attach(e)
	b.speak(b.local, 160, 7)
	await(t, "sound", func() bool { return e.heard(7) > 3 })
	var out sdpOut
	s.must("ann", "call.offer", m{"leg": placed.Leg, "sdp": b.reoffer()}, &out)
	b.answered(out.SDP)
	before := e.heard(7)
	await(t, "sound of who restarted", func() bool { return e.heard(7) > before+10 })
}

// TestBeats: a browser to which nothing is said hears from us all the same.
func TestBeats(t *testing.T) {
	s := newStage(t, nil)
	b := newBrowser(t, nil)
	b.addAudio("audio/PCMA", 8000)
	var placed placeOut
	s.must("ann", "call.place", m{"to": "201", "sdp": b.offer()}, &placed)
	b.answered(placed.SDP)
	b.awaitConnected()
	heard := func() (n uint64) {
		for _, stat := range b.pc.GetStats() {
			if transport, ok := stat.(pion.TransportStats); ok {
				n += transport.BytesReceived
			}
		}
		return n
	}
	first := heard()
	await(t, "a first beat", func() bool { return heard() > first })
	second := heard()
	await(t, "a second beat", func() bool { return heard() > second })
}
