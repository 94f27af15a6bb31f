package pbx

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/prompts"
	"frontdesk/store/blob"
)

// unwanted has a number ask not to be called; refused: nobody may.
func (w *world) unwanted(refused bool) {
	w.t.Helper()
	blobs, err := blob.Open(w.t.TempDir())
	must(w.t, err)
	w.x.board.Config.Prompt = prompts.New(prompts.Config{}, w.db, blobs).Sound
	w.x.board.Hooks.Unwanted = func(_ context.Context, _, number string) (asked time.Time, _ bool, _ error) {
		if number == romanian {
			asked = time.Now().Add(-time.Hour)
		}
		return asked, refused, nil
	}
}

// A number that asked not to be called is not called from a browser unless one insists, nor by a transfer; all others
// are, and those of emergencies.
func TestUnwantedCallByBrowser(t *testing.T) {
	play(t, func(w *world) {
		w.unwanted(false)
		w.expectCause(w.user("ana", romanian), CauseUnwanted)
		w.say(w.user("ana", "112"), Gone{Cause: CauseNormal})
		if n := w.dialled(); n != 1 {
			t.Errorf("%d lines rang, want that of the emergency", n)
		}
		w.say(w.user("ana", german), Gone{Cause: CauseNormal})
		w.say(w.user("ana", Anyway(romanian)), Gone{Cause: CauseNormal})
		if n := w.dialled(); n != 3 {
			t.Errorf("%d lines rang", n)
		}
		caller, ana := w.talk()
		before := w.dialled()
		var told result
		w.say(ana, TransferAsked{To: romanian, Done: told.done})
		told.want(t, CauseUnwanted)
		if v := w.last(); w.dialled() != before || v.Transfer == nil || v.Transfer.Cause != CauseUnwanted {
			t.Errorf("transferred there: %+v, %d rang", v.Transfer, w.dialled()-before)
		}
		w.say(caller, Gone{Cause: CauseNormal})
	})
	play(t, func(w *world) {
		w.unwanted(true)
		w.expectCause(w.user("ana", Anyway(romanian)), CauseUnwanted)
		if n := w.dialled(); n != 0 {
			t.Errorf("%d lines rang", n)
		}
	})
}

// A desk phone is told, and calls when a key says so.
func TestUnwantedCallByPhone(t *testing.T) {
	phone := func(w *world, dials string) *calltest.Actor {
		a := calltest.New(Party{Kind: Phone, User: "ana", Device: w.desk}, media.PCMA())
		w.arrive(a, dials)
		return a
	}
	play(t, func(w *world) {
		w.unwanted(false)
		desk := phone(w, romanian)
		w.expectHears(desk, desk.ID()+"/prompt")
		if n := w.dialled(); n != 0 {
			t.Errorf("%d lines rang before the key", n)
		}
		w.say(desk, Digit{Key: '1'})
		if line := w.rung(); line.To.Number != romanian {
			t.Errorf("it called %+v", line.To)
		}
		w.say(desk, Gone{Cause: CauseNormal})
		silent := phone(w, romanian)
		w.sleep(40 * time.Second)
		if silent.HungUp() == CauseNone || len(w.ringing()) != 0 {
			t.Errorf("without a key: %q, %d ring", silent.HungUp(), len(w.ringing()))
		}
	})
	play(t, func(w *world) {
		w.unwanted(true)
		w.expectCause(phone(w, romanian), CauseUnwanted)
	})
}

// Who asks a queue to call him back is called, whatever his number asked before, and the agent sees that; what it asks
// afterwards goes before. Nobody is called back under a number that the carrier says is another's.
func TestUnwantedCallback(t *testing.T) {
	playEach(t, func(w *world) {
		id := w.backs()
		w.agent("ana", true)
		w.unwanted(true)
		var barred atomic.Pointer[time.Time]
		bars := func(at time.Time) { barred.Store(&at) }
		bars(time.Now().Add(-time.Hour))
		w.x.board.Hooks.Unwanted = func(_ context.Context, _, number string) (time.Time, bool, error) {
			if number != "+40722000001" {
				return time.Time{}, false, nil
			}
			return *barred.Load(), true, nil
		}
		w.asksBack("0722000001")
		w.sleep(15 * time.Second)
		agent := w.rung()
		if v := w.last(); v.Callback == nil || !v.Callback.Unwanted {
			t.Errorf("the agent sees %+v", v.Callback)
		}
		w.say(agent, Answered{Codec: media.PCMA()})
		client := w.ringing()[1]
		w.say(client, Answered{Codec: media.PCMA()}, Gone{Cause: CauseNormal})
		w.sleep(time.Minute)

		w.asksBack("0722000002") // who asked for nothing else
		w.sleep(15 * time.Second)
		agent = w.rung()
		if v := w.last(); v.Callback == nil || v.Callback.Unwanted {
			t.Errorf("of another the agent sees %+v", v.Callback)
		}
		w.say(agent, Answered{Codec: media.PCMA()})
		w.say(w.ringing()[1], Gone{Cause: CauseBusy}) // and is called again later
		w.sleep(time.Minute)

		w.asksBack("0722000001")
		bars(time.Now().Add(time.Second)) // he says so to somebody while he waits to be called
		w.sleep(15 * time.Second)
		w.wantWaiting(id, 1)
		if n := len(w.ringing()); n != 0 {
			t.Errorf("%d ring for who asked not to be called since", n)
		}

		forged := calltest.New(Party{Kind: Outside, Trunk: w.second, Number: "0722000003", Verified: dialplan.Forged})
		w.arrive(forged, "+40311000001")
		w.say(forged, Digit{Key: '1'})
		w.settle()
		all, _, err := w.x.Waiting(context.Background(), id, 10)
		if err != nil || len(all) != 2 || all[1].Number != "+40722000003" || all[1].Callback {
			t.Errorf("with another's number: %+v, %v", all, err)
		}
		w.say(forged, Gone{Cause: CauseNormal})
	})
}

// A call that its callee asked for leads to him, whatever his number asked before.
func TestInvitedCallIsWanted(t *testing.T) {
	play(t, func(w *world) {
		w.unwanted(true)
		plan, err := w.dir.Plan(context.Background())
		must(t, err)
		in := plan.Inbound("c", Party{Kind: Browser, User: "ana"}, romanian)
		in.Consent = dialplan.Invited
		first := plan.Route(in, dialplan.Facts{}, time.Now())
		if d, leads := first.(dialplan.Dial); !leads || d.Consent != dialplan.Invited {
			t.Errorf("it leads to %+v", d)
		}
	})
}
