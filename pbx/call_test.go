package pbx

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/mailbox"
)

func TestAnsweredCall(t *testing.T) {
	play(t, func(w *world) {
		caller := w.outsider("0311 000 001")
		ana := w.rung()
		if ana.asked.Number != "+40722123456" || len(ana.asked.Codecs) != 2 {
			t.Errorf("ana is shown %+v", ana.asked)
		}
		w.say(ana, Ringing{}, Ringing{})
		if caller.rung != 1 || caller.early {
			t.Errorf("rung %d times, early %v", caller.rung, caller.early)
		}
		w.say(ana, Answered{media.PCMU()})
		if caller.codec != "PCMU" {
			t.Errorf("answered with %q", caller.codec)
		}
		voice, hers := caller.speak(), ana.speak()
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
		if len(both) != 2 || both[0].party.Kind != Browser || both[1].to.Device != w.desk {
			t.Fatalf("%d phones ring", len(both))
		}
		both[0].slow = true
		both[1].say(Answered{media.PCMA()})
		w.say(both[0], Answered{media.PCMA()}) // crosses our cancel
		w.expectCause(both[0], CauseElsewhere)
		w.expectCause(both[1], CauseNone)
		w.say(both[0], Gone{Cause: CauseElsewhere})
		if v := w.last(); v.State != answered {
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
		script  func(w *world, caller *actor)
		cause   Cause
		outcome string
		rang    []string
	}{
		"rings out": {"+40311000001", func(w *world, _ *actor) { w.sleep(26 * time.Second) }, CauseNoAnswer, "missed", []string{"ana"}},
		"declined":  {"+40311000001", func(w *world, _ *actor) { w.say(w.rung(), Gone{Cause: CauseDeclined}) }, CauseDeclined, "declined", []string{"ana"}},
		"declined on one device means all": {"+40311000001", func(w *world, _ *actor) {
			desk := w.ringing()[1]
			w.say(w.ringing()[0], Gone{Cause: CauseDeclined})
			w.expectCause(desk, CauseElsewhere)
		}, CauseDeclined, "declined", []string{"ana"}},
		"the device is busy":  {"+40311000001", func(w *world, _ *actor) { w.say(w.rung(), Gone{Cause: CauseBusy}) }, CauseBusy, "busy", []string{"ana"}},
		"the device vanishes": {"+40311000001", func(w *world, _ *actor) { w.say(w.rung(), Gone{Cause: CauseMediaLost}) }, CauseMediaLost, "failed", []string{"ana"}},
		"the caller gives up": {"+40311000001", func(w *world, caller *actor) {
			w.say(caller, Gone{Cause: CauseCancelled})
			w.expectCause(w.rings[0], CauseCancelled)
		}, CauseCancelled, "missed", []string{"ana"}},
		"nobody is there":           {"+40311000001", func(*world, *actor) {}, CauseUnavailable, "missed", []string{}},
		"no such number":            {"+40311999999", func(*world, *actor) {}, CauseNotFound, "failed", []string{}},
		"an outsider dials outside": {"+40722999888", func(*world, *actor) {}, CauseNotFound, "failed", []string{}},
		"an outsider dials inside":  {"102", func(*world, *actor) {}, CauseNotFound, "failed", []string{}},
		"a group goes on until all declined": {"+40311000002", func(w *world, caller *actor) {
			w.say(w.ringing()[0], Gone{Cause: CauseDeclined})
			w.expectCause(caller, CauseNone)
			w.say(w.rung(), Gone{Cause: CauseDeclined})
		}, CauseDeclined, "declined", []string{"bob", "cal"}},
		"a codec we did not offer": {"+40311000001", func(w *world, _ *actor) { w.say(w.rung(), Answered{media.Opus()}) }, CauseNoCodec, "failed", []string{"ana"}},
		"hung up by an admin": {"+40311000001", func(w *world, _ *actor) {
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
		w.hook.Lookup = func(_ context.Context, in directory.Inbound) (directory.Hint, error) {
			if in.From != "+40722123456" || in.DID != "+40311000003" || in.Trunk != w.carrier || in.Direction != "in" {
				t.Errorf("asked about %+v", in)
			}
			return directory.Hint{Users: []string{"ana"}, Name: "Ion Pop"}, nil
		}
		told := make(chan string, 10)
		w.hook.Ringing = func(_ context.Context, call string, users []string) {
			for _, user := range users {
				told <- fmt.Sprintf("%s after %d", user, w.dialled())
			}
		}
		w.outsider("+40311000003")
		ana := w.rung()
		if <-told != "ana after 0" || ana.party.User != "ana" || ana.asked.Name != "Ion Pop" ||
			w.last().FromName != "Ion Pop" {
			t.Errorf("%+v", ana.asked)
		}
		w.sleep(11 * time.Second)
		w.expectCause(ana, CauseNoAnswer)
		if team := w.ringing(); len(team) != 2 || team[0].party.User != "bob" {
			t.Fatalf("%d ring after ana", len(team))
		}
		if bob, cal := <-told, <-told; bob != "bob after 1" || cal != "cal after 1" {
			t.Errorf("told of %s, %s", bob, cal)
		}
		w.say(w.ringing()[1], Answered{media.PCMA()})
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
		w.hook.Lookup = func(context.Context, directory.Inbound) (directory.Hint, error) {
			return directory.Hint{Users: []string{"bob"}}, nil
		}
		caller := w.outsider("+40311000003")
		w.say(w.rung(), Gone{Cause: CauseDeclined})
		if team := w.ringing(); len(team) != 1 || team[0].party.User != "cal" {
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
		w.hook.Lookup = func(ctx context.Context, _ directory.Inbound) (directory.Hint, error) {
			<-ctx.Done()
			time.Sleep(time.Second)
			finished = true
			return directory.Hint{Users: []string{"ana"}}, errors.New("slow")
		}
		begun := time.Now()
		w.outsider("+40311000003")
		if len(w.ringing()) != 0 {
			t.Error("it rings before the deadline")
		}
		w.sleep(lookupLimit)
		w.settle()
		if len(w.ringing()) != 2 || time.Since(begun) != lookupLimit {
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
		w.hook.Lookup = func(ctx context.Context, _ directory.Inbound) (directory.Hint, error) {
			time.Sleep(time.Second)
			return directory.Hint{Name: "Ion Pop"}, nil
		}
		w.outsider("+40311000001")
		w.sleep(2 * time.Second)
		if v := w.last(); v.FromName != "Ion Pop" || v.State != ringing {
			t.Errorf("%s is %s", v.FromName, v.State)
		}
	})
}

func TestCallerLeavesDuringLookup(t *testing.T) {
	play(t, func(w *world) {
		w.hook.Lookup = func(ctx context.Context, _ directory.Inbound) (directory.Hint, error) {
			time.Sleep(200 * time.Millisecond)
			return directory.Hint{}, nil
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
					caller.say(Gone{Cause: CauseCancelled})
					w.say(ana, Answered{media.PCMA()})
				} else {
					ana.say(Answered{media.PCMA()})
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

func TestMediaLost(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.say(ana, Gone{Cause: CauseMediaLost})
		w.expectCause(caller, CauseMediaLost)
		w.ended("answered", CauseMediaLost)
	})
}

// Who is held in a G.722 call hears the music too.
func TestHoldInG722(t *testing.T) {
	play(t, func(w *world) {
		caller := newActor(Party{Kind: Phone, User: "bob", Device: "d"}, media.G722())
		w.arrive(caller, "103")
		cal := w.rung()
		w.say(cal, Answered{media.G722()}, Held{On: true})
		w.expectHears(caller, "music/G722")
		heard := &counter{}
		caller.plays[0].Attach(heard)
		w.sleep(time.Second)
		caller.plays[0].Detach(heard)
		if heard.packets < 49 {
			t.Errorf("%d packets in a second", heard.packets)
		}
	})
}

func TestHold(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.say(ana, Held{On: true})
		w.expectHears(caller, "music/PCMA")
		w.expectHears(ana)
		if v := w.last(); !v.Legs[1].Held || v.Legs[0].Held {
			t.Errorf("%+v", v.Legs)
		}
		w.say(ana, Held{On: true, Music: true}) // her own
		w.expectHears(caller, ana.id+"/audio")
		w.expectHears(ana)
		w.say(ana, Held{}, Held{On: true})
		w.expectHears(caller, "music/PCMA")
		w.say(caller, Held{On: true}) // both
		w.expectHears(caller)
		w.say(caller, Held{})
		w.say(ana, Held{})
		w.expectHears(caller, ana.id+"/audio")
		w.expectHears(ana, caller.id+"/audio")
		w.say(ana, Held{On: true}, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
		w.expectHears(caller)
	})
}

func TestShownStates(t *testing.T) {
	play(t, func(w *world) {
		_, ana := w.talk()
		camera := media.NewTrack("cam", media.VP8(), nil)
		w.say(ana, Muted{media.Audio, true}, TrackAdded{camera})
		if leg := w.last().Legs[1]; !leg.Muted || !leg.Camera || leg.User != "ana" || leg.State != legActive {
			t.Errorf("%+v", leg)
		}
		w.say(ana, Muted{media.Audio, false}, Muted{media.Video, true})
		if leg := w.last().Legs[1]; leg.Muted || leg.Camera {
			t.Errorf("%+v", leg)
		}
		w.say(ana, Muted{media.Video, false}, TrackRemoved{camera})
		if leg := w.last().Legs[1]; leg.Camera {
			t.Errorf("%+v", leg)
		}
	})
}

// A click on the dial pad reaches the other side as a telephone-event in the sound; a key that is there already isn't
// doubled.
func TestDigit(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.say(ana, Digit{Key: '5', InBand: true})
		before := caller.plays[0]
		w.say(ana, Digit{Key: '7'})
		if caller.plays[0] == before {
			t.Fatal("the key is not in the sound")
		}
		var heard keyListener
		caller.plays[0].Attach(&heard)
		p := media.Packet{Payload: make([]byte, 160)}
		for range 20 {
			before.WriteRTP(&p)
			p.Header.SequenceNumber++
			p.Header.Timestamp += 160
		}
		if heard.keys != "7" {
			t.Errorf("heard %q", heard.keys)
		}
	})
}

type keyListener struct {
	d    media.Detector
	keys string
}

func (k *keyListener) WriteRTP(p *media.Packet) {
	if key, ok := k.d.Detect(p); ok {
		k.keys += string(key)
	}
}

func TestCallOut(t *testing.T) {
	play(t, func(w *world) {
		caller := w.user("ana", "0722 123 456")
		line := w.rung()
		if line.to.Trunk != w.carrier || line.to.Number != "+40722123456" || line.asked.Number != "+40311000001" {
			t.Errorf("dialled %+v as %s", line.to, line.asked.Number)
		}
		tone := line.speak() // early media
		w.settle()
		w.expectHears(caller, tone.ID)
		if !caller.early {
			t.Error("no early media")
		}
		w.say(line, Answered{media.PCMA()}, Gone{Cause: CauseNormal})
		r := w.ended("answered", CauseNormal)
		if r.Direction != "out" || r.From != "101" || r.To != "+40722123456" || r.Line != "+40311000001" ||
			r.Trunk != w.carrier || r.Users[0] != "ana" {
			t.Errorf("%+v", r)
		}
	})
}

func TestOwnCallerID(t *testing.T) {
	play(t, func(w *world) {
		w.user("bob", "+4930123456")
		if line := w.rung(); line.asked.Number != "+40311000001" { // the trunk's: bob has no number
			t.Errorf("shown %s", line.asked.Number)
		}
	})
}

// The next trunk is tried when one fails, not when the far end said no.
func TestTrunkFailover(t *testing.T) {
	for cause, next := range map[Cause]bool{CauseFailed: true, CauseOverload: true, CauseUnavailable: true,
		CauseBusy: false, CauseDeclined: false, CauseNotFound: false, CauseNoAnswer: false} {
		t.Run(string(cause), func(t *testing.T) {
			play(t, func(w *world) {
				caller := w.user("ana", "+40722123456")
				w.say(w.rung(), Gone{Cause: cause})
				if !next {
					w.expectCause(caller, cause)
					return
				}
				if line := w.rung(); line.to.Trunk != w.second || line.to.Number != "0722123456" {
					t.Errorf("%+v", line.to)
				}
			})
		})
	}
}

func TestCallOutRefused(t *testing.T) {
	cases := map[string]Cause{
		"+8613800138000": CauseForbidden, // a country not allowed
		"0900 123 456":   CauseForbidden, // premium rate
		"113":            CauseNotFound,  // a short code not allowed
		"abc":            CauseNotFound,
	}
	for number, cause := range cases {
		t.Run(number, func(t *testing.T) {
			play(t, func(w *world) {
				w.expectCause(w.user("ana", number), cause)
				w.ended("failed", cause)
				if len(w.rings) != 0 {
					t.Error("something rang")
				}
			})
		})
	}
}

func TestTrunkLimit(t *testing.T) {
	play(t, func(w *world) {
		callers := []*actor{w.outsider("+40311000002"), w.outsider("+40311000002"), w.outsider("+40311000002")}
		full := w.outsider("+40311000002")
		w.expectCause(full, CauseOverload)
		w.user("ana", "+40722123456")
		if line := w.ringing()[6]; line.to.Trunk != w.second {
			t.Errorf("dialled through %s though the carrier's lines are taken", line.to.Trunk)
		}
		w.say(callers[0], Gone{Cause: CauseCancelled})
		w.expectCause(w.outsider("+40311000002"), CauseNone)
	})
}

func TestInternalCall(t *testing.T) {
	play(t, func(w *world) {
		caller := newActor(Party{Kind: Phone, User: "ana", Device: w.desk, Name: "Ana"})
		w.arrive(caller, "0311000002") // our own number: no way round through the carrier
		for _, a := range w.ringing() {
			if a.asked.Number != "101" || a.asked.Name != "Ana" || a.party.Kind != Browser {
				t.Errorf("%+v", a.asked)
			}
		}
		w.say(w.ringing()[0], Answered{media.PCMA()})
		w.say(caller, Gone{Cause: CauseNormal})
		if r := w.ended("answered", CauseNormal); r.Direction != "internal" ||
			!slices.Equal(r.Users, []string{"ana", "bob"}) {
			t.Errorf("%+v", r)
		}
	})
}

func TestConnectedPBX(t *testing.T) {
	play(t, func(w *world) {
		caller := newActor(Party{Kind: Line, Trunk: w.office, Number: "55"})
		w.arrive(caller, "102")
		if bob := w.rung(); bob.party.User != "bob" || bob.asked.Number != "755" {
			t.Errorf("%+v", bob.asked)
		}
		w.say(caller, Gone{Cause: CauseCancelled})
		w.user("ana", "755")
		if line := w.rung(); line.to.Trunk != w.office || line.to.Number != "55" || line.asked.Number != "101" {
			t.Errorf("%+v as %s", line.to, line.asked.Number)
		}
		toll := newActor(Party{Kind: Line, Trunk: w.office, Number: "55"})
		w.arrive(toll, "+40722123456")
		w.expectCause(toll, CauseNotFound)
	})
}

func TestAnonymous(t *testing.T) {
	play(t, func(w *world) {
		a := newActor(Party{Kind: Line, Trunk: w.carrier, Number: "0722123456", Name: "Secret", Private: true})
		w.arrive(a, "+40311000001")
		if asked := w.rung().asked; asked.Number != "" || asked.Name != "" || asked.From.Number != "" ||
			w.last().From != "" {
			t.Errorf("%+v", asked)
		}
	})
}

func TestMaxDuration(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.sleep(4*time.Hour + time.Second)
		w.settle()
		w.expectCause(caller, CauseNormal)
		w.expectCause(ana, CauseNormal)
		w.ended("answered", CauseNormal)
	})
}

func TestDrainAndClose(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := w.x.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("drained with a call running: %v", err)
		}
		w.expectCause(w.outsider("+40311000001"), CauseDraining)
		w.expectCause(caller, CauseNone)
		w.x.Close()
		w.expectCause(caller, CauseDraining)
		w.expectCause(ana, CauseDraining)
		w.ended("answered", CauseDraining)
		if err := w.x.Drain(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestMaxCalls(t *testing.T) {
	play(t, func(w *world) {
		w.x.config.MaxCalls = 1
		w.outsider("+40311000001")
		w.expectCause(w.outsider("+40311000001"), CauseOverload)
	})
}

// A leg that floods its call is hung up; the call stays in order.
func TestFlood(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		for range 100 * mailbox.Crowded {
			caller.say(Muted{media.Audio, true})
			caller.say(Muted{media.Audio, false})
		}
		w.settle()
		if c := caller.hungUp(); c != CauseNone && c != CauseOverload {
			t.Errorf("hung up with %s", c)
		}
		w.say(caller, Gone{Cause: CauseNormal})
		if ana.hungUp() == CauseNone {
			t.Error("the end was lost in the flood")
		}
	})
}
