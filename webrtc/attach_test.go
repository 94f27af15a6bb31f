package webrtc

import (
	"testing"

	"frontdesk/media"
	"frontdesk/pbx"
)

func TestReoffer(t *testing.T) {
	s := newStage(t, nil)
	b, out, h := place(t, s, "audio/PCMU", 8000)
	b.awaitConnected()
	h.leg.Answer(media.PCMU())
	var asked legRef
	if !s.hub.take("ann", "call.reoffer", &asked) || asked.Leg != out.Leg {
		t.Fatal("no call.reoffer")
	}
	var again sdpOut
	s.must("ann", "call.offer", m{"leg": out.Leg, "sdp": b.offer()}, &again)
	b.answered(again.SDP)
	if names := codecNames(t, again.SDP); len(names) != 2 || names[0] != "pcmu" {
		t.Errorf("answered the new offer with %v", names)
	}
	b.speak(b.local, 160, 0x66)
	far := newPhone(t, media.PCMU(), 0x77)
	h.leg.Play(far.track)
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(&far.ear)
	await(t, "sound both ways", func() bool { return far.ear.heard(0x66) > 5 && len(b.packets(out.Leg)) > 5 })
}

func TestAttach(t *testing.T) {
	s := newStage(t, nil)
	h, rung := ring(t, s, media.PCMA())
	b, _ := answerCall(t, s, rung.Leg, "audio/PCMA", 8000)
	far := newPhone(t, media.PCMA(), 0x11)
	h.leg.Play(far.track)
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(&far.ear)
	b.speak(b.local, 160, 0x22)
	await(t, "sound both ways", func() bool { return far.ear.heard(0x22) > 5 && len(b.packets(rung.Leg)) > 5 })

	_ = b.pc.Close() // the page reloads
	s.SocketGone("ann", "ann-1")
	if s.LegsOf("ann")["c1"] != rung.Leg {
		t.Fatal("the leg did not survive")
	}
	again := newBrowser(t, nil)
	again.addAudio("audio/PCMA", 8000)
	var out sdpOut
	if code := s.doFrom("ann", "ann-2", "call.attach", m{"leg": rung.Leg, "sdp": again.offer()}, &out); code != "" {
		t.Fatal(code)
	}
	again.answered(out.SDP)
	again.awaitConnected()
	again.speak(again.local, 160, 0x23)
	await(t, "sound both ways again", func() bool {
		return far.ear.heard(0x23) > 5 &&
			len(again.packets(rung.Leg)) > 5
	})
	if n := count[pbx.TrackAdded](h); n != 1 {
		t.Errorf("%d tracks were added: it is to go on", n)
	}
	var who takenEvent
	await(t, "call.taken", func() bool { return s.hub.take("ann", "call.taken", &who) && who.Socket == "ann-2" })
}

// A page whose socket alone was lost goes on with the peer connection that it has.
func TestAttachNewSocket(t *testing.T) {
	s := newStage(t, nil)
	h, rung := ring(t, s, media.PCMA())
	b, _ := answerCall(t, s, rung.Leg, "audio/PCMA", 8000)
	far := newPhone(t, media.PCMA(), 0x11)
	h.leg.Play(far.track)
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(&far.ear)
	b.speak(b.local, 160, 0x22)
	await(t, "sound both ways", func() bool { return far.ear.heard(0x22) > 5 && len(b.packets(rung.Leg)) > 5 })
	s.SocketGone("ann", "ann-1")
	if code := s.doFrom("ann", "ann-2", "call.attach", m{"leg": rung.Leg}, nil); code != "" {
		t.Fatal(code)
	}
	var who takenEvent
	await(t, "call.taken", func() bool { return s.hub.take("ann", "call.taken", &who) && who.Socket == "ann-2" })
	ours, theirs := far.ear.heard(0x22), len(b.packets(rung.Leg))
	await(t, "the same sound to go on", func() bool {
		return far.ear.heard(0x22) > ours+5 &&
			len(b.packets(rung.Leg)) > theirs+5
	})
	_ = b.pc.Close()
	await(t, "a page without media to be refused", func() bool {
		return s.doFrom("ann", "ann-3", "call.attach", m{"leg": rung.Leg}, nil) == CodeTaken
	})
}

// TestTwoTabsAnswer: one gets the call, the other is told that it is taken.
func TestTwoTabsAnswer(t *testing.T) {
	s := newStage(t, nil)
	_, rung := ring(t, s, media.PCMA())
	codes := make(chan string, 2)
	for _, tab := range []string{"ann-1", "ann-2"} {
		b := newBrowser(t, nil)
		b.addAudio("audio/PCMA", 8000)
		sdp := b.offer()
		go func() { codes <- s.doFrom("ann", tab, "call.answer", m{"leg": rung.Leg, "sdp": sdp}, nil) }()
	}
	if a, b := <-codes, <-codes; min(a, b) != "" || max(a, b) != CodeTaken {
		t.Errorf("%q and %q", a, b)
	}
}

// TestOwnCallIsNotAnswered: who places a call can't answer or decline it.
func TestOwnCallIsNotAnswered(t *testing.T) {
	s := newStage(t, nil)
	_, out, h := place(t, s, "audio/PCMA", 8000)
	for _, op := range []string{"call.answer", "call.decline"} {
		if code := s.do("ann", op, m{"leg": out.Leg, "sdp": ""}, nil); code != CodeTaken {
			t.Errorf("%s: %q", op, code)
		}
	}
	s.must("ann", "call.hangup", m{"leg": out.Leg}, nil)
	if gone := awaitEvent[pbx.Gone](t, h); gone.Cause != pbx.CauseCancelled {
		t.Errorf("gone for %q", gone.Cause)
	}
}
