package webrtc

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
)

func TestMediaLost(t *testing.T) {
	s := newStage(t, hasty)
	h, rung := ring(t, s, media.PCMA())
	b, _ := answerCall(t, s, rung.Leg, "audio/PCMA", 8000)
	_ = b.pc.Close()
	if gone := awaitEvent[pbx.Gone](t, h); gone.Cause != pbx.CauseMediaLost {
		t.Errorf("gone for %q", gone.Cause)
	}
	if len(s.LegsOf("ann")) != 0 {
		t.Error("the leg is still known")
	}
}

func TestNeverConnected(t *testing.T) {
	s := newStage(t, hasty)
	s.hub.set("ann", true)
	b := newBrowser(t, nil)
	b.addAudio("audio/PCMA", 8000)
	var out placeOut
	s.must("ann", "call.place", m{"to": "202", "sdp": b.offer()}, &out) // the answer never reaches it
	if gone := awaitEvent[pbx.Gone](t, s.desk.last()); gone.Cause != pbx.CauseMediaLost {
		t.Errorf("gone for %q", gone.Cause)
	}
}

func TestRingingEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(s *stage, h *heard)
		want pbx.Cause
	}{
		{"declined", func(s *stage, h *heard) { s.must("ann", "call.decline", m{"leg": h.leg.ID()}, nil) }, pbx.CauseDeclined},
		{"hung up", func(s *stage, h *heard) { s.must("ann", "call.hangup", m{"leg": h.leg.ID()}, nil) }, pbx.CauseDeclined},
		{"elsewhere", func(_ *stage, h *heard) { h.leg.Hangup(pbx.CauseElsewhere) }, pbx.CauseElsewhere},
		{"offline", func(s *stage, _ *heard) { s.hub.set("ann", false); s.SocketGone("ann", "ann-1") }, pbx.CauseUnavailable},
		{"closed", func(s *stage, _ *heard) { _ = s.Close() }, pbx.CauseDraining},
	} {
		s := newStage(t, func(c *Config) { c.Grace = 50 * time.Millisecond })
		h, _ := ring(t, s)
		test.end(s, h)
		if gone := awaitEvent[pbx.Gone](t, h); gone.Cause != test.want {
			t.Errorf("%s: gone for %q", test.name, gone.Cause)
		}
		h.leg.Hangup(pbx.CauseFailed)
		if n := count[pbx.Gone](h); n != 1 {
			t.Errorf("%s: gone %d times", test.name, n)
		}
	}
}

func TestDialNobody(t *testing.T) {
	s := newStage(t, nil)
	_, err := s.Dial(context.Background(), pbx.Target{User: "ann"}, pbx.Request{})
	if !errors.Is(err, pbx.ErrNobody) {
		t.Errorf("error %v", err)
	}
	s.hub.set("ann", true)
	s.Drain()
	if _, err := s.Dial(context.Background(), pbx.Target{User: "ann"}, pbx.Request{}); err == nil {
		t.Error("dialled while draining")
	}
}

func TestAnotherUsersLeg(t *testing.T) {
	s := newStage(t, nil)
	_, rung := ring(t, s)
	for _, op := range []string{"call.answer", "call.offer", "call.attach", "call.decline", "call.hangup", "call.hold",
		"call.transfer", "call.takeback",
		"meet.publish", "meet.answer", "meet.attach", "meet.leave", "meet.call", "meet.remove"} {
		if code := s.do("bob", op, m{"leg": rung.Leg, "sdp": "", "to": "201"}, nil); code != CodeNotFound {
			t.Errorf("%s: %q", op, code)
		}
	}
}

func TestLimits(t *testing.T) {
	s := newStage(t, func(c *Config) { c.MaxUserLegs = 1 })
	ring(t, s)
	b := newBrowser(t, nil)
	b.addAudio("audio/PCMA", 8000)
	if code := s.do("ann", "call.place", m{"to": "201", "sdp": b.offer()}, nil); code != CodeLimit {
		t.Errorf("second leg: %q", code)
	}
}

// TestExternalIP: behind a NAT, browsers are told the address outside of it.
func TestExternalIP(t *testing.T) {
	s := newStage(t, func(c *Config) { c.ExternalIP, c.TCP = "203.0.113.7", "127.0.0.1:0" })
	_, out, _ := place(t, s, "audio/PCMA", 8000)
	if strings.Count(out.SDP, " 203.0.113.7 ") < 2 || strings.Contains(out.SDP, " 127.0.0.1 ") {
		t.Error(out.SDP)
	}
}
