package pbx

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/mailbox"
)

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

// Who calls past the limit is told so at once, however many they are; the call that runs notices nothing, and its end
// makes room.
func TestMaxCalls(t *testing.T) {
	play(t, func(w *world) {
		w.x.board.Config.MaxCalls = 1
		caller, ana := w.talk()
		began := time.Now()
		for range 1000 {
			w.expectCause(w.outsider("+40311000001"), CauseOverload)
		}
		if waited := time.Since(began); waited > 0 || caller.HungUp() != CauseNone || ana.HungUp() != CauseNone {
			t.Errorf("refused after %v, those who talk are hung up: %q, %q", waited, caller.HungUp(), ana.HungUp())
		}
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
		w.outsider("+40311000001")
		w.rung()
	})
}

// A leg that floods its call is hung up; the call stays in order.
func TestFlood(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		for range 100 * mailbox.Crowded {
			caller.Say(Muted{Kind: media.Audio, On: true})
			caller.Say(Muted{Kind: media.Audio, On: false})
		}
		w.settle()
		if c := caller.HungUp(); c != CauseNone && c != CauseOverload {
			t.Errorf("hung up with %s", c)
		}
		w.say(caller, Gone{Cause: CauseNormal})
		if ana.HungUp() == CauseNone {
			t.Error("the end was lost in the flood")
		}
	})
}
