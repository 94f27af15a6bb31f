package webrtc

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/supervision"
	"frontdesk/store/storetest"
)

// views keeps the last View of each call.
type views struct {
	mu   sync.Mutex
	last map[string]pbx.View
}

func (v *views) changed(view pbx.View) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last[view.Call] = view
}

func (v *views) state(call string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last[call].State
}

// newHouse is a stage with the real exchange: bob has extension 102, and there is a meeting.
func newHouse(t *testing.T) (s *stage, v *views, meeting string) {
	t.Helper()
	ctx := context.Background()
	db := storetest.SQLite(t)
	dir := directory.New(directory.Config{Region: "RO"}, db, nil)
	room := directory.Meeting{Title: "Monday", Owner: "ann", People: []string{"bob", "cy"}}
	if err := dir.CreateMeeting(ctx, &room); err != nil {
		t.Fatal(err)
	}
	for number, user := range map[string]string{"102": "bob", "103": "cal"} {
		extension := dialplan.Extension{Number: number, Destination: dialplan.Destination{Kind: "user", User: user}}
		if err := dir.SaveExtension(ctx, &extension); err != nil {
			t.Fatal(err)
		}
	}
	v = &views{last: map[string]pbx.View{}}
	s = newStage(t, nil)
	hooks := pbx.Hooks{Changed: v.changed}
	hooks.MaySupervise = func(_ context.Context, user string, _ []string) (bool, error) { return user == "boss", nil }
	x := pbx.New(pbx.Config{Supervision: supervision.New(db)}, db, dir, pbx.Dialers{Browser: s.Endpoint}, hooks,
		slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	t.Cleanup(x.Close)
	s.over(x)
	return s, v, room.ID
}

// TestThroughExchange: ann's browser calls bob's.
func TestThroughExchange(t *testing.T) {
	s, v, _ := newHouse(t)
	s.hub.set("ann", true)
	s.hub.set("bob", true)
	ann := newBrowser(t, nil)
	ann.addAudio("audio/PCMA", 8000)
	var placed placeOut
	s.must("ann", "call.place", m{"to": "102", "sdp": ann.offer()}, &placed)
	ann.answered(placed.SDP)
	var rung legEvent
	await(t, "bob's browser to ring", func() bool { return s.hub.take("bob", "call.leg", &rung) })
	if rung.Call != placed.Call {
		t.Errorf("rung by %s, placed %s", rung.Call, placed.Call)
	}
	await(t, "ringing", func() bool { return s.hub.take("ann", "call.ring", nil) })
	bob := newBrowser(t, nil)
	bob.addAudio("audio/PCMA", 8000)
	var out sdpOut
	s.must("bob", "call.answer", m{"leg": rung.Leg, "sdp": bob.offer()}, &out)
	bob.answered(out.SDP)
	if codec := firstCodec(t, out.SDP); codec != "pcma" {
		t.Errorf("answered with %s", codec)
	}
	ann.speak(ann.local, 160, 0x0a)
	bob.speak(bob.local, 160, 0x0b)
	hears := func(b *browser, leg string, fill byte) bool {
		list := b.packets(leg)
		return len(list) > 5 && list[len(list)-1].Payload[0] == fill
	}
	await(t, "sound both ways", func() bool { return hears(ann, placed.Leg, 0x0b) && hears(bob, rung.Leg, 0x0a) })
	s.must("bob", "call.hangup", m{"leg": rung.Leg}, nil)
	await(t, "ann to be told", func() bool { return s.hub.take("ann", "call.gone", nil) })
	await(t, "both ends", func() bool { return v.state(placed.Call) == "ended" && len(s.LegsOf("bob")) == 0 })
}

// TestSupervising: who may listens in on a call; who may not, or on what is no call, is told so by the answer, and of
// no leg.
func TestSupervising(t *testing.T) {
	s, v, _ := newHouse(t)
	s.hub.set("ann", true)
	s.hub.set("bob", true)
	ann := newBrowser(t, nil)
	ann.addAudio("audio/PCMA", 8000)
	var placed, listens placeOut
	supervise := func(user, call string) string {
		b := newBrowser(t, nil)
		b.addAudio("audio/PCMA", 8000)
		listens = placeOut{}
		had := len(s.LegsOf(user))
		code := s.do(user, "call.supervise", m{"call": call, "how": "listen", "sdp": b.offer()}, &listens)
		if gone := s.hub.take(user, "call.gone", nil); gone || code != "" && len(s.LegsOf(user)) != had {
			t.Errorf("%s is told of a leg: %v", user, gone)
		}
		return code
	}
	s.must("ann", "call.place", m{"to": "102", "sdp": ann.offer()}, &placed)
	ann.answered(placed.SDP)
	var rung legEvent
	await(t, "bob's browser to ring", func() bool { return s.hub.take("bob", "call.leg", &rung) })
	if code := supervise("boss", placed.Call); code != CodeNotFound {
		t.Errorf("a call that nobody has taken: %q", code)
	}
	bob := newBrowser(t, nil)
	bob.addAudio("audio/PCMA", 8000)
	var out sdpOut
	s.must("bob", "call.answer", m{"leg": rung.Leg, "sdp": bob.offer()}, &out)
	await(t, "the call", func() bool { return v.state(placed.Call) == "answered" })
	for user, want := range map[string]string{"cal": CodeNoRight, "ann": CodeNoRight, "boss": ""} {
		if code := supervise(user, placed.Call); code != want {
			t.Errorf("%s: %q, not %q", user, code, want)
		}
	}
	if code := supervise("boss", "made-up"); code != CodeNotFound {
		t.Errorf("no such call: %q", code)
	}
	s.must("bob", "call.hangup", m{"leg": rung.Leg}, nil)
	await(t, "the end", func() bool { return v.state(placed.Call) == "ended" && len(s.LegsOf("boss")) == 0 })
	s.hub.take("boss", "call.gone", nil)
	if code := supervise("boss", placed.Call); code != CodeNotFound {
		t.Errorf("a call that has ended: %q", code)
	}
}

// TestJoinCalls: ann, who speaks with bob and with cal, connects them.
func TestJoinCalls(t *testing.T) {
	s, v, _ := newHouse(t)
	for _, user := range []string{"ann", "bob", "cal"} {
		s.hub.set(user, true)
	}
	talk := func(number, user string) (out placeOut, rung legEvent, b *browser) {
		a := newBrowser(t, nil)
		a.addAudio("audio/PCMA", 8000)
		s.must("ann", "call.place", m{"to": number, "sdp": a.offer()}, &out)
		a.answered(out.SDP)
		await(t, "the browser to ring", func() bool { return s.hub.take(user, "call.leg", &rung) })
		b = newBrowser(t, nil)
		b.addAudio("audio/PCMA", 8000)
		var answer sdpOut
		s.must(user, "call.answer", m{"leg": rung.Leg, "sdp": b.offer()}, &answer)
		b.answered(answer.SDP)
		return out, rung, b
	}
	first, bobs, bob := talk("102", "bob")
	second, cals, cal := talk("103", "cal")
	await(t, "both calls", func() bool {
		return v.state(first.Call) == "answered" &&
			v.state(second.Call) == "answered"
	})
	if code := s.do("ann", "call.transfer", m{"leg": first.Leg, "with": bobs.Leg}, nil); code != CodeRefused {
		t.Errorf("with another's leg: %s", code)
	}
	s.must("ann", "call.transfer", m{"leg": first.Leg, "with": second.Leg}, nil)
	var moved legEvent
	await(t, "cal to be told", func() bool { return s.hub.take("cal", "call.leg", &moved) })
	if moved != (legEvent{Call: first.Call, Leg: cals.Leg, State: "active"}) ||
		s.LegsOf("cal")[first.Call] != cals.Leg {
		t.Errorf("moved %+v, legs %v", moved, s.LegsOf("cal"))
	}
	bob.speak(bob.local, 160, 0x0b)
	cal.speak(cal.local, 160, 0x0c)
	hears := func(b *browser, leg string, fill byte) bool {
		list := b.packets(leg)
		return len(list) > 5 && list[len(list)-1].Payload[0] == fill
	}
	await(t, "sound both ways", func() bool { return hears(bob, bobs.Leg, 0x0c) && hears(cal, cals.Leg, 0x0b) })
	await(t, "ann to be free", func() bool { return len(s.LegsOf("ann")) == 0 && v.state(second.Call) == "ended" })
	s.must("cal", "call.hangup", m{"leg": cals.Leg}, nil)
	await(t, "the end", func() bool { return v.state(first.Call) == "ended" && len(s.LegsOf("bob")) == 0 })
}

// TestNoSuchExtension: a refused call tells its tab.
func TestNoSuchExtension(t *testing.T) {
	s, _, _ := newHouse(t)
	s.hub.set("ann", true)
	b := newBrowser(t, nil)
	b.addAudio("audio/PCMA", 8000)
	var placed placeOut
	s.must("ann", "call.place", m{"to": "999", "sdp": b.offer()}, &placed)
	var gone goneEvent
	await(t, "call.gone", func() bool { return s.hub.take("ann", "call.gone", &gone) })
	if gone.Cause != pbx.CauseNotFound || gone.Leg != placed.Leg {
		t.Errorf("gone %+v", gone)
	}
}

// TestMeetingThroughExchange: two in a room.
func TestMeetingThroughExchange(t *testing.T) {
	s, _, meeting := newHouse(t)
	var guests []*guest
	for i, user := range []string{"ann", "bob", "cy"} {
		g := joinRoom(t, s, user, meeting)
		g.show(byte(i + 1))
		guests = append(guests, g)
	}
	for i, g := range guests {
		await(t, g.user+" to see the others",
			func() bool { return g.sees(slices.Delete(slices.Clone(guests), i, i+1)...) })
	}
	if guests[0].gets(guests[0].leg, media.Video) != 0 {
		t.Error("ann sees herself")
	}
	// a colleague; nowhere one may call
	for to, want := range map[string]string{"": CodeBadRequest, "102": CodeRefused, "+12025550100": CodeRefused} {
		if code := s.do("ann", "meet.call", m{"leg": guests[0].leg, "to": to}, nil); code != want {
			t.Errorf("calling %q in: %q, want %q", to, code, want)
		}
	}
	s.must("ann", "meet.remove", m{"leg": guests[0].leg, "whom": guests[1].leg}, nil)
	for _, g := range guests {
		s.must(g.user, "meet.leave", m{"leg": g.leg}, nil)
	}
}
