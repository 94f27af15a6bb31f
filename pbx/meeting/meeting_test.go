package meeting_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/meeting"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// gathering is a running meeting in a house.
type gathering struct {
	*calltest.House
	*meeting.Meeting
	coming atomic.Bool // somebody: it must not end now
}

func open(h *calltest.House) *gathering {
	g := &gathering{House: h}
	h.Call(nil, func(c *call.Call) call.Act {
		g.Meeting = meeting.New(c, "m1", func(force bool) bool { return force || !g.coming.Load() })
		return g.Meeting
	})
	return g
}

func play(t *testing.T, c call.Config, script func(g *gathering)) {
	t.Helper()
	calltest.Play(t, c, call.Hooks{}, func(h *calltest.House) { script(open(h)) })
}

// joins has a colleague come in from his browser.
func (g *gathering) joins(user string) *calltest.Actor {
	g.T.Helper()
	a := calltest.New(call.Party{Kind: call.Browser, User: user}, media.Opus())
	g.comes(a, "meeting", "")
	return a
}

// dials has somebody from outside come in by a number.
func (g *gathering) dials(number string) *calltest.Actor {
	g.T.Helper()
	a := calltest.New(call.Party{Kind: call.Outside, Number: number})
	g.comes(a, "in", number)
	return a
}

func (g *gathering) comes(a *calltest.Actor, direction, from string) {
	g.T.Helper()
	in := dialplan.Inbound{Direction: direction, From: from, To: "m1", Party: a.Party()}
	if !g.Join(meeting.Joining{Plan: g.House.Plan(), In: in, Leg: a, Title: "Standup"}) {
		g.T.Fatal("the meeting is over")
	}
	g.Sleep(10 * time.Millisecond) // a record of its own
}

func (g *gathering) leaves(a *calltest.Actor) { g.Say(a, call.Gone{Cause: call.CauseNormal}) }

func (g *gathering) ended() bool { return !g.Runs(g.Meeting.Call) }

// in are those who are in the meeting, by user or number.
func (g *gathering) in() string {
	var all []string
	for _, l := range g.Seen().Legs {
		if l.State == call.LegActive {
			all = append(all, l.User+l.Number)
		}
	}
	return strings.Join(all, " ")
}

// Browsers hear the others' own streams; a phone hears their sum, and they hear it as it is.
func TestWhoHearsWhom(t *testing.T) {
	play(t, call.Config{}, func(g *gathering) {
		ana, bob := g.joins("ana"), g.joins("bob")
		one, two := ana.Speak(), bob.Speak()
		g.House.Settle()
		g.WantHears(ana, two.ID)
		g.WantHears(bob, one.ID)
		phone := g.dials("+40722")
		three := phone.Speak()
		g.House.Settle()
		if phone.Codec() != "G722" && phone.Codec() != "PCMA" {
			t.Errorf("a phone was answered in %q", phone.Codec())
		}
		g.WantHears(phone, phone.ID()+"/mix")
		g.WantHears(ana, two.ID, three.ID)
		g.Say(bob, call.Held{On: true})
		g.WantHears(ana, three.ID)
		g.leaves(phone)
		g.WantHears(ana)
		if g.in() != "ana bob" {
			t.Errorf("there are %s", g.in())
		}
	})
}

// A meeting takes so many; who speaks no codec of ours does not come in; neither disturbs who is inside.
func TestWhoDoesNotComeIn(t *testing.T) {
	play(t, call.Config{MaxLegs: 2}, func(g *gathering) {
		deaf := calltest.New(call.Party{Kind: call.Browser, User: "eve"}, media.PCMA())
		g.joins("ana")
		g.comes(deaf, "meeting", "")
		g.WantCause(deaf, call.CauseNoCodec)
		g.dials("+40722")
		g.WantCause(g.joins("bob"), call.CauseOverload)
		g.WantCause(g.dials("+40733"), call.CauseOverload)
		if g.in() != "ana +40722" {
			t.Errorf("there are %s", g.in())
		}
	})
}

// An empty meeting waits for who comes back, and ends as of the moment in which the last one left.
func TestAnEmptyMeetingLingers(t *testing.T) {
	play(t, call.Config{Linger: 5 * time.Second}, func(g *gathering) {
		g.leaves(g.joins("ana"))
		g.Sleep(4 * time.Second)
		again := g.joins("ana")
		g.Sleep(time.Minute)
		if g.ended() {
			t.Fatal("it ended with somebody inside")
		}
		g.leaves(again)
		g.coming.Store(true) // as the exchange knows: it goes on until he is here
		g.Sleep(6 * time.Second)
		if g.ended() {
			t.Fatal("it ended though somebody was coming")
		}
		g.leaves(g.joins("bob"))
		left := time.Now()
		g.coming.Store(false)
		g.Sleep(6 * time.Second)
		if !g.ended() || !g.Record.Ended.Equal(left) {
			t.Errorf("ended: %v, at %v, not %v", g.ended(), g.Record.Ended, left)
		}
		late := calltest.New(call.Party{Kind: call.Browser, User: "cal"}, media.Opus())
		if g.Join(meeting.Joining{Plan: g.House.Plan(), Leg: late}) || g.Knock("cal", false, make(chan call.Cause, 1)) {
			t.Error("somebody came into a meeting that is over")
		}
		if want := []string{"ana", "bob"}; !slices.Equal(g.Record.Users, want) {
			t.Errorf("took part: %q", g.Record.Users)
		}
	})
}

// knocks is what becomes of a knock, and who waits then.
func (g *gathering) knocks(user string, over bool) (call.Cause, []string) {
	g.T.Helper()
	told := make(chan call.Cause, 1)
	if !g.Knock(user, over, told) {
		g.T.Fatal("the meeting is over")
	}
	g.House.Settle()
	return <-told, g.Seen().Knocks
}

// Only who is at a screen can open the door: a meeting of phones alone has nobody to ask. Who knocks is shown until he
// goes away, is in, or is turned away, and then for a while not again.
func TestTheDoor(t *testing.T) {
	play(t, call.Config{}, func(g *gathering) {
		g.dials("+40722")
		if cause, _ := g.knocks("dan", false); cause != call.CauseNotFound {
			t.Errorf("knocks: %q", cause)
		}
		ana := g.joins("ana")
		if cause, waiting := g.knocks("dan", false); cause != call.CauseNone || len(waiting) != 1 {
			t.Errorf("knocks: %q, %q wait", cause, waiting)
		}
		g.Sleep(meeting.KnockLasts)
		if now := g.Seen().Knocks; len(now) > 0 {
			t.Errorf("%q are shown who went away", now)
		}
		g.knocks("dan", false)
		dan := g.joins("dan")
		if now := g.Seen().Knocks; len(now) > 0 || dan.HungUp() != call.CauseNone {
			t.Errorf("%q wait who are inside", now)
		}
		g.Say(ana, call.KnockAnswered{User: "eve"})
		if cause, _ := g.knocks("eve", false); cause != call.CauseDeclined {
			t.Errorf("turned away, she knocks: %q", cause)
		}
		g.Sleep(meeting.TurnedAway)
		if cause, waiting := g.knocks("eve", false); cause != call.CauseNone ||
			!slices.Equal(waiting, []string{"eve"}) {
			t.Errorf("later: %q, %q wait", cause, waiting)
		}
	})
}

// Many knock at once, from goroutines of their own: each has an answer, and no more are shown than may be.
func TestManyKnockAtOnce(t *testing.T) {
	play(t, call.Config{}, func(g *gathering) {
		g.joins("ana")
		told := make(chan call.Cause, 100)
		for i := range 100 {
			go g.Knock("user"+string(rune('a'+i)), false, told)
		}
		g.House.Settle()
		counts := map[call.Cause]int{}
		for range 100 {
			counts[<-told]++
		}
		if counts[call.CauseNone] != meeting.MaxKnocks || counts[call.CauseOverload] != 100-meeting.MaxKnocks ||
			len(g.Seen().Knocks) != meeting.MaxKnocks {
			t.Errorf("%v, %d are shown", counts, len(g.Seen().Knocks))
		}
	})
}

// Who is no longer invited leaves by all his legs; who should not have come in by that one. The last one ends it.
func TestPutOut(t *testing.T) {
	play(t, call.Config{}, func(g *gathering) {
		tab, other, bob := g.joins("ana"), g.joins("ana"), g.joins("bob")
		g.PutOut("ana")
		g.House.Settle()
		g.WantCause(tab, call.CauseForbidden)
		g.WantCause(other, call.CauseForbidden)
		g.WantCause(bob, call.CauseNone)
		g.DropOut(bob, call.CauseNotFound)
		g.House.Settle()
		g.WantCause(bob, call.CauseNotFound)
		if g.Sleep(time.Minute); !g.ended() {
			t.Error("it goes on without anybody")
		}
	})
}

// outside lets the company call numbers outside through a carrier.
func outside(h *calltest.House) {
	ctx, d := context.Background(), h.Directory
	carrier := &directory.Trunk{Name: "Carrier", Host: "192.0.2.1", CallerID: "+40311000001", Active: true}
	for _, err := range []error{d.SaveTrunk(ctx, carrier),
		d.SavePolicy(ctx, dialplan.OutboundPolicy{Countries: []string{"RO"}})} {
		if err != nil {
			h.T.Fatal(err)
		}
	}
}

// Who is inside calls a number in; until it is answered it is shown as ringing, and once in vain as failed, with why,
// until somebody takes that away. Nobody is called twice at once.
func TestCallsIn(t *testing.T) {
	calltest.Play(t, call.Config{}, call.Hooks{}, func(h *calltest.House) {
		outside(h)
		g := open(h)
		ana := g.joins("ana")
		asks := func(to string) (told call.Cause) {
			g.Say(ana, call.CallAsked{To: to, Done: func(c call.Cause) { told = c }})
			g.Sleep(100 * time.Millisecond)
			return told
		}
		if cause := asks("0722123456"); cause != call.CauseNone {
			t.Fatalf("calls in: %q", cause)
		}
		if cause := asks("+40722123456"); cause != call.CauseBusy {
			t.Errorf("calls in twice: %q", cause)
		}
		if cause := asks("+4930123456"); cause != call.CauseForbidden {
			t.Errorf("calls where one may not: %q", cause)
		}
		g.Say(h.Rung(), call.Gone{Cause: call.CauseBusy})
		last := g.Seen().Legs
		if vain := last[len(last)-1]; vain.State != call.LegFailed || vain.Cause != call.CauseBusy ||
			vain.By != "ana" ||
			vain.Number != "+40722123456" {
			t.Errorf("shown as %+v", vain)
		}
		g.Say(ana, call.RemoveAsked{Whom: last[len(last)-1].Call})
		if n := len(g.Seen().Legs); n != 1 {
			t.Errorf("%d legs are shown", n)
		}
		asks("0722123456")
		client := h.Rung()
		g.Say(client, call.Answered{Codec: media.PCMA()})
		if g.in() != "ana +40722123456" {
			t.Errorf("there are %s", g.in())
		}
		g.WantHears(client, client.ID()+"/mix")
		asks("0733123456")
		g.Say(ana, call.RemoveAsked{Whom: h.Ringing()[1].ID()})
		if n := len(h.Ringing()); n != 1 {
			t.Errorf("%d still ring or talk", n)
		}
		g.Say(ana, call.RemoveAsked{Whom: client.ID()})
		g.WantCause(client, call.CauseNormal)
	})
}
