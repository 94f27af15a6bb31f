package pbx

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
)

func TestAnsweredCall(t *testing.T) {
	play(t, func(w *world) {
		caller := w.outsider("0311 000 001")
		ana := w.rung()
		if ana.Asked.Number != "+40722123456" || len(ana.Asked.Codecs) != 2 {
			t.Errorf("ana is shown %+v", ana.Asked)
		}
		w.say(ana, Ringing{}, Ringing{})
		if caller.Rung() != 1 || caller.Early() {
			t.Errorf("rung %d times, early %v", caller.Rung(), caller.Early())
		}
		w.say(ana, Answered{Codec: media.PCMU()})
		if caller.Codec() != "PCMU" {
			t.Errorf("answered with %q", caller.Codec())
		}
		voice, hers := caller.Speak(), ana.Speak()
		w.settle()
		w.expectHears(ana, voice.ID)
		w.expectHears(caller, hers.ID)
		if !w.x.Busy("ana") || w.x.Busy("bob") || len(w.x.CallsOf("ana")) != 1 || len(w.x.CallsOf("bob")) != 0 {
			t.Error("who is busy?")
		}
		w.sleep(90 * time.Second)
		w.say(caller, Gone{Cause: CauseNormal})
		w.expectCause(ana, CauseNormal)
		r := w.ended("answered", CauseNormal)
		if talked := r.Ended.Sub(r.Answered); talked != 90*time.Second {
			t.Errorf("talked %v", talked)
		}
		if r.Direction != "in" || r.Line != "+40311000001" || !slices.Equal(r.Users, []string{"ana"}) ||
			!slices.Equal(r.Rang, []string{"ana"}) {
			t.Errorf("%+v", r)
		}
		if w.x.Busy("ana") {
			t.Error("ana is still busy")
		}
	})
}

func TestBrowserAndDeskRingTogether(t *testing.T) {
	play(t, func(w *world) {
		w.online["desk"] = true
		caller := w.outsider("+40311000001")
		both := w.ringing()
		if len(both) != 2 || both[0].Party().Kind != Browser || both[1].To.Device != w.desk {
			t.Fatalf("%d phones ring", len(both))
		}
		both[0].Slow = true
		both[1].Say(Answered{Codec: media.PCMA()})
		w.say(both[0], Answered{Codec: media.PCMA()}) // crosses our cancel
		w.expectCause(both[0], CauseElsewhere)
		w.expectCause(both[1], CauseNone)
		w.say(both[0], Gone{Cause: CauseElsewhere})
		if v := w.last(); v.State != call.StateAnswered {
			t.Errorf("state %s", v.State)
		}
		w.say(both[1], Gone{Cause: CauseNormal})
		w.expectCause(caller, CauseNormal)
		w.ended("answered", CauseNormal)
	})
}

// How a call that nobody takes ends, and for whom.
func TestNotAnswered(t *testing.T) {
	cases := map[string]struct {
		number  string
		script  func(w *world, caller *calltest.Actor)
		cause   Cause
		outcome string
		rang    []string
	}{
		"rings out": {"+40311000001", func(w *world, _ *calltest.Actor) { w.sleep(26 * time.Second) }, CauseNoAnswer, "missed", []string{"ana"}},
		"declined":  {"+40311000001", func(w *world, _ *calltest.Actor) { w.say(w.rung(), Gone{Cause: CauseDeclined}) }, CauseDeclined, "declined", []string{"ana"}},
		"declined on one device means all": {"+40311000001", func(w *world, _ *calltest.Actor) {
			desk := w.ringing()[1]
			w.say(w.ringing()[0], Gone{Cause: CauseDeclined})
			w.expectCause(desk, CauseElsewhere)
		}, CauseDeclined, "declined", []string{"ana"}},
		"the device is busy":  {"+40311000001", func(w *world, _ *calltest.Actor) { w.say(w.rung(), Gone{Cause: CauseBusy}) }, CauseBusy, "busy", []string{"ana"}},
		"the device vanishes": {"+40311000001", func(w *world, _ *calltest.Actor) { w.say(w.rung(), Gone{Cause: CauseMediaLost}) }, CauseMediaLost, "failed", []string{"ana"}},
		"the caller gives up": {"+40311000001", func(w *world, caller *calltest.Actor) {
			w.say(caller, Gone{Cause: CauseCancelled})
			w.expectCause(w.rings[0], CauseCancelled)
		}, CauseCancelled, "missed", []string{"ana"}},
		"nobody is there":           {"+40311000001", func(*world, *calltest.Actor) {}, CauseUnavailable, "missed", []string{}},
		"no such number":            {"+40311999999", func(*world, *calltest.Actor) {}, CauseNotFound, "failed", []string{}},
		"an outsider dials outside": {"+40722999888", func(*world, *calltest.Actor) {}, CauseNotFound, "failed", []string{}},
		"an outsider dials inside":  {"102", func(*world, *calltest.Actor) {}, CauseNotFound, "failed", []string{}},
		"a group goes on until all declined": {"+40311000002", func(w *world, caller *calltest.Actor) {
			w.say(w.ringing()[0], Gone{Cause: CauseDeclined})
			w.expectCause(caller, CauseNone)
			w.say(w.rung(), Gone{Cause: CauseDeclined})
		}, CauseDeclined, "declined", []string{"bob", "cal"}},
		"a codec we did not offer": {"+40311000001", func(w *world, _ *calltest.Actor) { w.say(w.rung(), Answered{Codec: media.Opus()}) }, CauseNoCodec, "failed", []string{"ana"}},
		"hung up by an admin": {"+40311000001", func(w *world, _ *calltest.Actor) {
			if err := w.x.Hangup(w.last().Call); err != nil {
				w.t.Error(err)
			}
		}, CauseCancelled, "missed", []string{"ana"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			play(t, func(w *world) {
				w.online["ana"] = name != "nobody is there"
				w.online["desk"] = name == "declined on one device means all"
				caller := w.outsider(c.number)
				c.script(w, caller)
				w.settle()
				if name != "the caller gives up" {
					w.expectCause(caller, c.cause)
				}
				if r := w.ended(c.outcome, c.cause); !slices.Equal(r.Rang, c.rang) {
					t.Errorf("rang %v, want %v", r.Rang, c.rang)
				}
			})
		})
	}
}

func TestResponsibleFirst(t *testing.T) {
	play(t, func(w *world) {
		w.hook.Lookup = func(_ context.Context, in dialplan.Inbound) (dialplan.Hint, error) {
			if in.From != "+40722123456" || in.DID != "+40311000003" || in.Trunk != w.carrier || in.Direction != "in" {
				t.Errorf("asked about %+v", in)
			}
			return dialplan.Hint{Users: []string{"ana"}, Name: "Ion Pop"}, nil
		}
		told := make(chan string, 10)
		w.hook.Ringing = func(_ context.Context, call string, users []string) {
			for _, user := range users {
				told <- fmt.Sprintf("%s after %d", user, w.dialled())
			}
		}
		w.outsider("+40311000003")
		ana := w.rung()
		if <-told != "ana after 0" || ana.Party().User != "ana" || ana.Asked.Name != "Ion Pop" ||
			w.last().FromName != "Ion Pop" {
			t.Errorf("%+v", ana.Asked)
		}
		w.sleep(11 * time.Second)
		w.expectCause(ana, CauseNoAnswer)
		if team := w.ringing(); len(team) != 2 || team[0].Party().User != "bob" {
			t.Fatalf("%d ring after ana", len(team))
		}
		if bob, cal := <-told, <-told; bob != "bob after 1" || cal != "cal after 1" {
			t.Errorf("told of %s, %s", bob, cal)
		}
		w.say(w.ringing()[1], Answered{Codec: media.PCMA()})
		w.expectCause(w.rings[1], CauseElsewhere)
		w.say(w.rings[2], Gone{Cause: CauseNormal})
		if r := w.ended("answered", CauseNormal); r.Users[0] != "cal" || len(r.Rang) != 3 {
			t.Errorf("%+v", r)
		}
	})
}

// Who said no as the responsible is not rung again with the group.
func TestDeclinedOnce(t *testing.T) {
	play(t, func(w *world) {
		w.hook.Lookup = func(context.Context, dialplan.Inbound) (dialplan.Hint, error) {
			return dialplan.Hint{Users: []string{"bob"}}, nil
		}
		caller := w.outsider("+40311000003")
		w.say(w.rung(), Gone{Cause: CauseDeclined})
		if team := w.ringing(); len(team) != 1 || team[0].Party().User != "cal" {
			t.Fatalf("%d ring after bob said no", len(team))
		}
		w.say(w.rung(), Gone{Cause: CauseDeclined})
		w.expectCause(caller, CauseDeclined)
		if r := w.ended("declined", CauseDeclined); !slices.Equal(r.Rang, []string{"bob", "cal"}) {
			t.Errorf("rang %v", r.Rang)
		}
	})
}

// The caller waits for a slow CRM no longer than 300 ms, and Close waits for it.
func TestSlowLookup(t *testing.T) {
	play(t, func(w *world) {
		finished := false
		w.hook.Lookup = func(ctx context.Context, _ dialplan.Inbound) (dialplan.Hint, error) {
			<-ctx.Done()
			time.Sleep(time.Second)
			finished = true
			return dialplan.Hint{Users: []string{"ana"}}, errors.New("slow")
		}
		begun := time.Now()
		w.outsider("+40311000003")
		if len(w.ringing()) != 0 {
			t.Error("it rings before the deadline")
		}
		w.sleep(call.LookupLimit)
		w.settle()
		if len(w.ringing()) != 2 || time.Since(begun) != call.LookupLimit {
			t.Errorf("%d ring after %v", len(w.ringing()), time.Since(begun))
		}
		w.x.Close()
		if !finished {
			t.Error("Close did not wait for the lookup")
		}
	})
}

func TestLateName(t *testing.T) {
	play(t, func(w *world) {
		w.hook.Lookup = func(ctx context.Context, _ dialplan.Inbound) (dialplan.Hint, error) {
			time.Sleep(time.Second)
			return dialplan.Hint{Name: "Ion Pop"}, nil
		}
		w.outsider("+40311000001")
		w.sleep(2 * time.Second)
		if v := w.last(); v.FromName != "Ion Pop" || v.State != call.StateRinging {
			t.Errorf("%s is %s", v.FromName, v.State)
		}
	})
}

func TestCallerLeavesDuringLookup(t *testing.T) {
	play(t, func(w *world) {
		w.hook.Lookup = func(ctx context.Context, _ dialplan.Inbound) (dialplan.Hint, error) {
			time.Sleep(200 * time.Millisecond)
			return dialplan.Hint{}, nil
		}
		caller := w.outsider("+40311000001")
		w.say(caller, Gone{Cause: CauseCancelled})
		w.sleep(time.Second)
		w.ended("missed", CauseCancelled)
		if len(w.rings) != 0 {
			t.Error("somebody was rung for a caller who had left")
		}
	})
}

func TestBusyUser(t *testing.T) {
	play(t, func(w *world) {
		w.talk()
		second := w.outsider("+40311000001")
		w.expectCause(second, CauseBusy)
		third := w.user("ana", "101") // herself
		w.expectCause(third, CauseBusy)
	})
}

// An answer and the caller's cancel cross, in either order: one outcome, nobody left behind.
func TestAnswerCrossesCancel(t *testing.T) {
	for name, cancelFirst := range map[string]bool{"cancel first": true, "answer first": false} {
		t.Run(name, func(t *testing.T) {
			play(t, func(w *world) {
				caller := w.outsider("+40311000001")
				ana := w.rung()
				if cancelFirst {
					caller.Say(Gone{Cause: CauseCancelled})
					w.say(ana, Answered{Codec: media.PCMA()})
				} else {
					ana.Say(Answered{Codec: media.PCMA()})
					w.say(caller, Gone{Cause: CauseCancelled})
				}
				w.expectCause(ana, CauseCancelled)
				if r := w.ended("missed", CauseCancelled); !r.Answered.IsZero() {
					t.Error("the record says answered")
				}
			})
		})
	}
}

// Who is tied to the client is rung first, in the order that the number says, each once, and then as usual.
func TestTiedFirst(t *testing.T) {
	playEach(t, func(w *world) {
		number := dialplan.Number{E164: "+40311000003", Trunk: w.carrier, Destination: dialplan.Destination{
			Kind: "group", Users: []string{"bob", "cal"}, Responsible: true, Seconds: 10,
			Ties: []string{dialplan.TieMissed, dialplan.TieDeal, dialplan.TieSpoke}}}
		must(t, w.dir.SaveNumber(context.Background(), &number))
		asked := 0
		w.hook.Lookup = func(_ context.Context, in dialplan.Inbound) (dialplan.Hint, error) {
			if in.Ties {
				asked++
			}
			return dialplan.Hint{Users: []string{"ana"}, Ties: map[string][]string{dialplan.TieSpoke: {"bob"},
				dialplan.TieMissed: {"cal"}, dialplan.TieDeal: {"cal"}}}, nil
		}
		client := w.outsider("+40311000003")
		for i, who := range []string{"cal", "bob", "ana"} {
			if rung := w.rung(); rung.Party().User != who {
				t.Errorf("%d: %s rings, not %s", i, rung.Party().User, who)
			}
			w.sleep(11 * time.Second)
		}
		if team := w.ringing(); len(team) != 2 {
			t.Errorf("%d ring at last", len(team))
		}
		w.say(client, Gone{Cause: CauseCancelled})
		w.written()
		number.Destination.Ties = nil
		must(t, w.dir.SaveNumber(context.Background(), &number))
		w.outsider("+40311000003")
		if rung := w.rung(); rung.Party().User != "ana" || asked != 1 {
			t.Errorf("without ties %s rings; asked for them %d times", rung.Party().User, asked)
		}
		number.Destination.Ties = []string{"mood"}
		if err := w.dir.SaveNumber(context.Background(), &number); err == nil {
			t.Error("tied by what nobody knows")
		}
	})
}
