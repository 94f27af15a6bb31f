package call_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scene is an act of the test's own, that notes what it is told and plays what the test says.
type scene struct {
	call.Scene
	hears map[string][]*media.Track // by leg

	mu     sync.Mutex
	told   []call.Event
	parted []string // legs
	gone   []string
	ended  call.Cause
}

func (s *scene) note(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
}

func (s *scene) Said(m *call.Member, e call.Event) {
	s.note(func() { s.told = append(s.told, e) })
	switch e.(type) {
	case call.WantsIn:
		s.LetIn(m, []media.Codec{media.PCMA()})
	case call.TrackAdded, call.TrackRemoved, call.Held, call.Muted, call.Digit:
	default:
		s.Scene.Said(m, e)
	}
}

func (s *scene) Hears(m *call.Member) []*media.Track { return s.hears[m.Leg.ID()] }

func (s *scene) Gone(m *call.Member, _ call.Gone) {
	s.note(func() { s.gone = append(s.gone, m.Leg.ID()) })
}

func (s *scene) Parted(m *call.Member) { s.note(func() { s.parted = append(s.parted, m.Leg.ID()) }) }

func (s *scene) Ended(c call.Cause) { s.note(func() { s.ended = c }) }

// digits are the keys that it was told, in order.
func (s *scene) digits() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys strings.Builder
	for _, e := range s.told {
		if d, ok := e.(call.Digit); ok {
			keys.WriteRune(d.Key)
		}
	}
	return keys.String()
}

func outsider() *calltest.Actor {
	return calltest.New(call.Party{Kind: call.Outside, Number: "0722123456"})
}

func colleague(user string) *calltest.Actor {
	return calltest.New(call.Party{Kind: call.Browser, User: user})
}

// begin runs a call with a caller and a scene.
func begin(h *calltest.House, caller *calltest.Actor) (c *call.Call, s *scene) {
	h.T.Helper()
	s = &scene{hears: map[string][]*media.Track{}}
	c = h.Call(caller, func(c *call.Call) call.Act {
		s.Scene = call.Scene{Call: c}
		return s
	})
	return c, s
}

// joins brings a leg into a call that takes part from now on.
func joins(h *calltest.House, c *call.Call, a *calltest.Actor) *call.Member {
	h.T.Helper()
	if !c.Comes(a) {
		h.T.Fatal("the call is over")
	}
	h.Settle()
	m := c.MemberOf(a.ID())
	if m == nil {
		h.T.Fatal("did not come in")
	}
	return m
}

func play(t *testing.T, script func(h *calltest.House)) {
	t.Helper()
	calltest.Play(t, call.Config{}, call.Hooks{}, script)
}

// A call that ends hangs up everybody for its cause, tells its act, and is shown as ended last; nothing reaches it
// then.
func TestTheEndOfACall(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller, ana := outsider(), colleague("ana")
		c, s := begin(h, caller)
		joins(h, c, ana)
		if !c.HangUp() {
			t.Error("it had ended before")
		}
		h.Settle()
		h.WantCause(caller, call.CauseCancelled) // nobody had answered
		h.WantCause(ana, call.CauseCancelled)
		if v := h.Last(); v.State != call.StateEnded || v.Cause != call.CauseCancelled || s.ended != v.Cause {
			t.Errorf("%+v, the act was told %q", v, s.ended)
		}
		if h.Runs(c) || c.HangUp() || c.Comes(colleague("bob")) {
			t.Error("it goes on")
		}
		late := colleague("bob")
		c.Post(refused{late})
		if h.Settle(); late.HungUp() != call.CauseNotFound {
			t.Error("a message that came too late was not told so")
		}
	})
}

// refused is a message that ends a leg when it comes too late.
type refused struct{ leg call.Leg }

func (refused) Happen(*call.Call) {}
func (r refused) Late()           { call.Refuse(r.leg, call.CauseNotFound) }

// Who asks something of a call that is over, or of whom it has let go, has an answer.
func TestQuestionsAreAnsweredAfterTheEnd(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller := outsider()
		caller.Slow = true // it speaks on after it was hung up
		c, _ := begin(h, caller)
		var told []call.Cause
		ask := call.TransferAsked{To: "102", Done: func(cause call.Cause) { told = append(told, cause) }}
		h.Say(caller, ask) // a scene refuses it
		h.On(c, func() { c.Dismiss(c.Caller, call.CauseBusy) })
		h.Say(caller, ask)
		c.HangUp()
		h.Settle()
		h.Say(caller, ask)
		if want := []call.Cause{call.CauseForbidden, call.CauseFailed, call.CauseFailed}; !slices.Equal(told, want) {
			t.Errorf("answers %q, want %q", told, want)
		}
	})
}

// A leg that floods its call is hung up; what the others say still comes through.
func TestAFloodOfEvents(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller, ana := outsider(), colleague("ana")
		c, s := begin(h, caller)
		joins(h, c, ana)
		h.On(c, func() {
			for range 1000 { // while the call is at work
				caller.Say(call.Digit{Key: '1'})
			}
			ana.Say(call.Gone{Cause: call.CauseNormal})
		})
		h.WantCause(caller, call.CauseOverload)
		if n := len(s.digits()); n > 600 {
			t.Errorf("%d keys were taken", n)
		}
		if !slices.Contains(s.gone, ana.ID()) {
			t.Error("who left was lost in the crowd")
		}
	})
}

// What the act has a member hear is played, once, until it says otherwise; who was put out hears nothing.
func TestWhatMembersHear(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller, ana := outsider(), colleague("ana")
		c, s := begin(h, caller)
		m := joins(h, c, ana)
		his := caller.Speak()
		h.Settle()
		h.On(c, func() { s.hears[ana.ID()] = c.Caller.Sound() })
		h.WantHears(ana, his.ID)
		h.WantHears(caller)
		music := h.Sounds.MusicIn(media.PCMA(), "")
		h.On(c, func() { s.hears[ana.ID()] = []*media.Track{music, his} })
		h.WantHears(ana, his.ID, music.ID) // what was played goes on
		h.On(c, func() { m.Asked = h.Sounds.QuestionIn(media.PCMA(), "en") })
		h.WantHears(ana, "question/en/PCMA")
		h.On(c, func() { c.Dismiss(m, call.CauseNormal) })
		h.WantHears(ana)
		if !slices.Equal(s.parted, []string{ana.ID()}) || len(s.gone) > 0 {
			t.Errorf("parted %q, gone %q: it was put out", s.parted, s.gone)
		}
	})
}

// Two who speak different codecs hear each other by the mixer, and no longer when the line is given back.
func TestTranslated(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller, ana := outsider(), calltest.New(call.Party{Kind: call.Browser, User: "ana"}, media.G722())
		c, s := begin(h, caller)
		his, hers := caller.Speak(), ana.Speak()
		var m, other *call.Member
		h.On(c, func() {
			other = c.Add(ana, call.LegCalling)
			m = c.Caller
			if !c.LetIn(other, call.Spoken(media.PCMA())) || !c.LetIn(m, []media.Codec{media.PCMA()}) {
				t.Error("not let in")
			}
			c.Translate()
		})
		h.On(c, func() {
			s.hears[ana.ID()] = c.Translated(other, []*media.Track{his})
			s.hears[caller.ID()] = c.Translated(m, []*media.Track{hers})
		})
		h.WantHears(ana, ana.ID()+"/mix")
		h.WantHears(caller, caller.ID()+"/mix")
		if ana.Codec() != "G722" || !other.Hearing(his) || other.Hearing(hers) || !m.Hearing(hers) {
			t.Errorf("answered in %q", ana.Codec())
		}
		h.On(c, func() {
			c.Untranslate(other)
			s.hears[ana.ID()] = c.Translated(other, []*media.Track{his})
		})
		h.WantHears(ana, his.ID)
	})
}

// Who comes in is let in by a codec that he and the call speak, or not at all.
func TestLetIn(t *testing.T) {
	play(t, func(h *calltest.House) {
		c, _ := begin(h, outsider())
		ana := calltest.New(call.Party{Kind: call.Browser, User: "ana"}, media.Opus(), media.PCMA())
		joins(h, c, ana)
		if ana.Codec() != "PCMA" {
			t.Errorf("answered in %q", ana.Codec())
		}
		bob := calltest.New(call.Party{Kind: call.Browser, User: "bob"}, media.Opus())
		c.Comes(bob)
		h.Settle()
		h.WantCause(bob, call.CauseNoCodec)
	})
}

// A view is told when something of it changed, in order, and not otherwise.
func TestViewsAreToldWhenSomethingChanged(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller := outsider()
		c, _ := begin(h, caller)
		joins(h, c, colleague("ana"))
		before := len(h.Views())
		h.Say(caller, call.Digit{Key: '1'}, call.Digit{Key: '2'})
		h.On(c, func() { c.Settle() })
		if n := len(h.Views()); n != before {
			t.Errorf("%d views of nothing new", n-before)
		}
		h.Say(caller, call.Muted{Kind: media.Audio, On: true})
		if v := h.Last(); len(h.Views()) != before+1 || !v.Legs[0].Muted {
			t.Errorf("%+v", v.Legs)
		}
		if seen := c.Seen(); !seen.Legs[0].Muted {
			t.Error("who asks sees an older one")
		}
	})
}

// Only who takes part or calls is busy, once however many of his legs do, and no longer than they are there.
func TestBusy(t *testing.T) {
	elsewhere := map[string]bool{}
	hooks := call.Hooks{Available: func(user string) bool { return user != "away" },
		BusyElsewhere: func(user string) bool { return elsewhere[user] }}
	calltest.Play(t, call.Config{}, hooks, func(h *calltest.House) {
		c, _ := begin(h, outsider())
		one, two := joins(h, c, colleague("ana")), joins(h, c, colleague("ana"))
		h.On(c, func() { c.Engage(one); c.Engage(one); c.Add(colleague("bob"), call.LegRinging) })
		for user, want := range map[string]call.Cause{"ana": call.CauseBusy, "bob": call.CauseNone,
			"away": call.CauseUnavailable, "": call.CauseNone} {
			if got := h.Free(user); got != want {
				t.Errorf("%q: %q, want %q", user, got, want)
			}
		}
		h.On(c, func() { c.Dismiss(one, call.CauseNormal) })
		if !h.Busy("ana") {
			t.Error("her other leg does not count")
		}
		h.On(c, func() { c.Dismiss(two, call.CauseNormal); c.Dismiss(two, call.CauseNormal) })
		if h.Busy("ana") {
			t.Error("busy though she has left")
		}
		elsewhere["ana"] = true
		if h.Free("ana") != call.CauseBusy {
			t.Error("free while she talks on another node")
		}
	})
}

// When the switchboard closes, its calls end, each with its record.
func TestCallsEndWithTheSwitchboard(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller := outsider()
		c, _ := begin(h, caller)
		h.On(c, func() { c.Ledger.Begin(c.Record) })
		h.Close()
		h.WantCause(caller, call.CauseDraining)
		var cause string
		if err := h.DB.QueryRow(context.Background(), `SELECT cause FROM call_record WHERE id = $1`, c.In.Call).
			Scan(&cause); err != nil || cause != string(call.CauseDraining) {
			t.Errorf("the record says %q, %v", cause, err)
		}
	})
}

// Whom a step rings is told before for calls from outside alone, and nobody waits for it longer than for the CRM.
func TestRingingIsTold(t *testing.T) {
	var told []string
	hooks := call.Hooks{Ringing: func(ctx context.Context, _ string, users []string) {
		told = append(told, users...)
		<-ctx.Done()
	}}
	calltest.Play(t, call.Config{MaxLookup: time.Second}, hooks, func(h *calltest.House) {
		out, _ := begin(h, outsider())
		inside, _ := begin(h, colleague("bob"))
		began := time.Now()
		out.TellRinging([]string{"ana"})
		if took := time.Since(began); took != time.Second {
			t.Errorf("waits %v", took)
		}
		inside.TellRinging([]string{"cal"})
		if !slices.Equal(told, []string{"ana"}) {
			t.Errorf("told of %q", told)
		}
	})
}

// What a wire says about a party is text, and no longer than anybody reads.
func TestShown(t *testing.T) {
	for wire, want := range map[string]string{
		"": "", "Ana": "Ana", "J\xfcrgen": "Jürgen", "a\x00b": "a\ufffdb",
		strings.Repeat("ж", 201): strings.Repeat("ж", 200), strings.Repeat("ж", 200): strings.Repeat("ж", 200),
	} {
		if got := call.Shown(wire); got != want {
			t.Errorf("%q is shown as %q, want %q", wire, got, want)
		}
	}
}

// Of several legs of a user that counts which takes most of him; an ended call takes nobody.
func TestEngaged(t *testing.T) {
	leg := func(user, state string) call.LegView { return call.LegView{User: user, State: state} }
	v := call.View{Call: "c", From: "+40722", FromName: "Client", State: call.StateRinging, Legs: []call.LegView{
		leg("", call.LegCalling), leg("ana", call.LegRinging), leg("bob", call.LegActive), leg("bob", call.LegRinging),
		leg("cal", call.LegRinging), leg("cal", call.LegCalling), leg("dan", call.LegGone)}}
	want := map[string]call.Engagement{
		"ana": {Call: "c", State: call.EngagedRinging, Number: "+40722", Name: "Client"},
		"bob": {Call: "c", State: call.EngagedTalking}, "cal": {Call: "c", State: call.EngagedCalling}}
	got := v.Engaged()
	if len(got) != len(want) {
		t.Errorf("%d are engaged", len(got))
	}
	for user, e := range want {
		if got[user] != e || e.Busy() != (user != "ana") {
			t.Errorf("%s: %+v", user, got[user])
		}
	}
	if v.State = call.StateEnded; len(v.Engaged()) > 0 {
		t.Error("an ended call takes somebody")
	}
}
