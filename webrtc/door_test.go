package webrtc

import (
	"testing"

	"frontdesk/pbx"
)

// TestSecondTab: who is in a meeting is told so when he comes in by another tab, and may come all the same, or bring
// the leg there.
func TestSecondTab(t *testing.T) {
	s := newMeetStage(t)
	ann := join(t, s, "ann")
	again, _, _ := publisher(t)
	in := m{"room": "r1", "sdp": again.offer()}
	if code := s.doFrom("ann", "ann-2", "meet.join", in, nil); code != CodeInside {
		t.Errorf("a second tab: %q", code)
	}
	if code := s.doFrom("bob", "bob-1", "meet.join", in, nil); code != "" {
		t.Errorf("another user: %q", code)
	}
	in["again"] = true
	if code := s.doFrom("ann", "ann-2", "meet.join", in, nil); code != "" {
		t.Errorf("a second tab that says again: %q", code)
	}
	if _, err := s.findMeet("ann", ann.leg); err != nil {
		t.Error("the first tab was put out")
	}
}

// TestPageLeft: a page that is closed is out soon; until then a new one takes its place, and one that was only loaded
// again goes on.
func TestPageLeft(t *testing.T) {
	s := newMeetStage(t)
	ann, bob := join(t, s, "ann"), join(t, s, "bob")
	ann.show(1)
	await(t, "pictures", func() bool { return bob.sees(ann) })
	if code := s.doFrom("ann", "ann-2", "leg.left", m{"leg": ann.leg}, nil); code != "" {
		t.Error(code)
	}
	if inside := s.inside("ann", "r1"); !inside {
		t.Error("another tab took the leg away")
	}
	s.must("ann", "leg.left", m{"leg": ann.leg}, nil)
	ann.away()
	up, _, _ := publisher(t)
	var out sdpOut
	if code := s.doFrom("ann", "ann-3", "meet.attach", m{"leg": ann.leg, "sdp": up.offer()}, &out); code != "" {
		t.Fatal("loaded again:", code)
	}
	up.answered(out.SDP)
	up.awaitConnected()
	if code := s.doFrom("ann", "ann-3", "leg.left", m{"leg": ann.leg}, nil); code != "" {
		t.Error(code)
	}
	fresh, _, _ := publisher(t)
	if code := s.doFrom("ann", "ann-4", "meet.join", m{"room": "r1", "sdp": fresh.offer()}, nil); code != "" {
		t.Errorf("a new page after one was closed: %q", code)
	}
	await(t, "the ghost to go", func() bool { _, err := s.findMeet("ann", ann.leg); return err != nil })
	s.must("bob", "leg.left", m{"leg": bob.leg}, nil)
	await(t, "who closed the page to be out", func() bool { return len(s.LegsOf("bob")) == 0 })
}

// TestNotLetIn: who can't come in is told so by the answer, not only by an event.
func TestNotLetIn(t *testing.T) {
	for cause, want := range map[pbx.Cause]string{pbx.CauseNotFound: CodeNoRoom, pbx.CauseOverload: CodeFull,
		pbx.CauseForbidden: CodeNotInvited} {
		s := newMeetStage(t)
		s.over(arriver(func(leg pbx.Leg, _ string) string {
			leg.Listen(func(pbx.Event) {})
			leg.Hangup(cause)
			return ""
		}))
		up, _, _ := publisher(t)
		if code := s.do("ann", "meet.join", m{"room": "r1", "sdp": up.offer()}, nil); code != want {
			t.Errorf("%s: %q", cause, code)
		}
		if len(s.LegsOf("ann")) != 0 {
			t.Error("a leg is left over")
		}
	}
}

// TestNoSuchMeeting: the real call control knows no such room.
func TestNoSuchMeeting(t *testing.T) {
	s, _, meeting := newHouse(t)
	s.hub.set("ann", true)
	s.hub.set("dan", true)
	up, _, _ := publisher(t)
	offer := up.offer()
	if code := s.do("ann", "meet.join", m{"room": "nowhere", "sdp": offer}, nil); code != CodeNoRoom {
		t.Errorf("an unknown room: %q", code)
	}
	if code := s.do("dan", "meet.join", m{"room": meeting, "sdp": offer}, nil); code != CodeNotInvited {
		t.Errorf("one that he is not invited to: %q", code)
	}
	if code := s.do("ann", "meet.join", m{"room": meeting, "sdp": offer}, nil); code != "" {
		t.Errorf("one that is there: %q", code)
	}
}
