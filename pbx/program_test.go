package pbx

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// led is a call that begins with a program of the test's own.
type led struct {
	call.Scene
	first dialplan.Step
}

func (l *led) Begin() {
	l.Ledger.Begin(l.Record)
	lead(l.Call, l.first)
}

// lead has a caller go through a program, in a world whose prompts last a second; "broken" can't be read.
func (w *world) lead(caller *calltest.Actor, first dialplan.Step) {
	w.t.Helper()
	w.x.board.Config.Prompt = func(_ context.Context, id string) ([]int16, error) {
		if id == "broken" {
			return nil, errors.New("broken")
		}
		return make([]int16, media.Rate), nil
	}
	plan, err := w.dir.Plan(context.Background())
	must(w.t, err)
	in := plan.Inbound(store.NewID(), caller.Party(), "+40311000001")
	c := call.New(w.x.board, w.x.callOf, plan, in,
		func(c *call.Call) call.Act { return &led{call.Scene{Call: c}, first} })
	c.Caller = c.Add(caller, call.LegCalling)
	w.x.admit(func(bool) {
		w.x.enter(c)
		c.Run()
		w.x.conclude(c)
	})
	w.settle()
}

func (w *world) client(offer ...media.Codec) *calltest.Actor {
	return calltest.New(Party{Kind: Outside, Trunk: w.carrier, Number: "0722123456"}, offer...)
}

// A caller whom an announcement has answered hears the next ones ring; the call is answered when a person takes it.
func TestAnnouncedThenRung(t *testing.T) {
	playEach(t, func(w *world) {
		caller := w.client()
		w.lead(caller, dialplan.Announce{Prompt: "welcome", Next: dialplan.Ring{Users: []string{"bob"}, Seconds: 10,
			NoAnswer: dialplan.Announce{Prompt: "broken", Next: dialplan.Ring{Users: []string{"cal"}, Seconds: 10}}}})
		if v := w.last(); caller.Codec() != "PCMA" || v.State != call.StateRinging || !v.Answered.IsZero() {
			t.Errorf("%q, %+v", caller.Codec(), v)
		}
		w.expectHears(caller, caller.ID()+"/prompt")
		w.sleep(1300 * time.Millisecond)
		w.expectHears(caller, caller.ID()+"/prompt")
		w.sleep(200 * time.Millisecond)
		w.say(w.rung(), Ringing{})
		w.expectHears(caller, "ringback/PCMA")
		w.sleep(10 * time.Second)
		cal := w.rung()
		w.say(cal, Answered{Codec: media.PCMA()})
		cal.Speak()
		w.settle()
		w.expectHears(caller, cal.ID()+"/audio")
		w.say(caller, Gone{Cause: CauseNormal})
		r := w.ended("answered", CauseNormal)
		if r.Answered.Sub(r.Started) < 11*time.Second || len(r.Users) != 1 || r.Users[0] != "cal" {
			t.Errorf("%+v", r)
		}
		w.wantSteps(r.ID, "announce [] 1s done", "ring [bob] 10s no_answer", "announce [] 0s failed",
			"ring [cal] 0s answered cal")
	})
}

// Who heard announcements only was answered by nobody.
func TestAnnouncedOnly(t *testing.T) {
	play(t, func(w *world) {
		caller := w.client()
		w.lead(caller, dialplan.Announce{Prompt: "closed"})
		w.sleep(2 * time.Second)
		w.expectCause(caller, CauseNormal)
		w.ended("missed", CauseNormal)
	})
	play(t, func(w *world) { // he hangs up before its end
		caller := w.client()
		w.lead(caller, dialplan.Announce{Prompt: "closed", Next: dialplan.Ring{Users: []string{"bob"}, Seconds: 10}})
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("missed", CauseCancelled)
	})
	play(t, func(w *world) { // why nobody answered before is told
		caller := w.client()
		w.lead(caller, dialplan.Ring{Users: []string{"bob"}, Seconds: 10, Busy: dialplan.Announce{Prompt: "busy"}})
		w.say(w.rung(), Gone{Cause: CauseBusy})
		w.sleep(2 * time.Second)
		w.ended("busy", CauseBusy)
	})
}

// Once a machine has answered in a phone's codec, those who speak another can take the call, too.
func TestAnnouncedInAnotherCodec(t *testing.T) {
	play(t, func(w *world) {
		caller := w.client(media.Opus(), media.G722())
		w.lead(caller, dialplan.Announce{Prompt: "welcome", Next: dialplan.Ring{Users: []string{"bob"}, Seconds: 10}})
		w.sleep(2 * time.Second)
		bob := w.rung()
		w.say(bob, Answered{Codec: media.PCMA()})
		if caller.Codec() != "G722" || w.last().State != call.StateAnswered {
			t.Errorf("%q, %+v", caller.Codec(), w.last())
		}
		w.expectHears(caller, caller.ID()+"/mix")
		w.expectHears(bob, bob.ID()+"/mix")
	})
	play(t, func(w *world) {
		caller := w.client(media.Opus())
		w.lead(caller, dialplan.Announce{Prompt: "welcome"})
		w.ended("failed", CauseNoCodec)
	})
}
