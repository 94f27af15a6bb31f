package pbx

import (
	"context"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
)

// handles has a user want to be called in a way.
func (w *world) handles(user string, h dialplan.Handling) {
	w.t.Helper()
	must(w.t, w.dir.SaveHandling(context.Background(), user, &h))
}

func mobile(confirm bool) *dialplan.Forward {
	return &dialplan.Forward{Kind: "number", Number: "0722 000 111", Confirm: confirm}
}

// Who answers a call forwarded to a mobile is asked to press 1; until then it rings for the caller, who hears nothing
// of the mobile. Then the user is the one who took the call.
func TestForwardedToMobile(t *testing.T) {
	playEach(t, func(w *world) {
		w.handles("ana", dialplan.Handling{Always: mobile(true)})
		caller := w.outsider("+40311000001")
		line := w.rung()
		if line.To.Trunk != w.carrier || line.To.Number != "+40722000111" || line.Asked.Number != "+40311000001" {
			t.Errorf("dialled %+v as %s", line.To, line.Asked.Number)
		}
		w.say(line, Ringing{})
		line.Speak() // of a voicemail, perhaps
		w.say(line, Answered{Codec: media.PCMA()})
		w.sleep(time.Second)
		w.expectHears(line, "question//PCMA")
		w.expectHears(caller)
		if caller.Codec() != "" || caller.Rung() == 0 || w.last().State != call.StateRinging {
			t.Errorf("the caller is answered by who has not taken the call: %+v", w.last())
		}
		w.say(line, Digit{Key: '5'}, Digit{Key: '1'})
		tone := caller.Speak()
		w.settle()
		w.expectHears(line, tone.ID)
		if caller.Codec() != "PCMA" || !w.x.Busy("ana") {
			t.Error("not connected")
		}
		w.say(caller, Gone{Cause: CauseNormal})
		r := w.ended("answered", CauseNormal)
		if !slices.Equal(r.Users, []string{"ana"}) || !slices.Equal(r.Rang, []string{"ana"}) {
			t.Errorf("%+v", r)
		}
		w.wantSteps(r.ID, "personal [ana] 0s forwarded", "dial carrier +40722000111 1s answered ana")
	})
}

// A mobile's voicemail presses nothing: the call goes on, to who comes next.
func TestForwardedToVoicemailOfMobile(t *testing.T) {
	play(t, func(w *world) {
		w.hook.Lookup = func(context.Context, dialplan.Inbound) (dialplan.Hint, error) {
			return dialplan.Hint{Users: []string{"ana"}}, nil
		}
		w.handles("ana", dialplan.Handling{NoAnswer: mobile(true), Seconds: 15})
		caller := w.outsider("+40311000003") // the responsible user, then bob and cal
		w.sleep(15 * time.Second)
		line := w.rung()
		w.say(line, Answered{Codec: media.PCMA()})
		w.sleep(hunt.AcceptWithin)
		w.expectCause(line, CauseNoAnswer)
		if both := w.ringing(); len(both) != 2 {
			t.Fatalf("%d ring", len(both))
		}
		w.say(w.ringing()[0], Answered{Codec: media.PCMA()})
		w.say(caller, Gone{Cause: CauseNormal})
		w.wantSteps(w.ended("answered", CauseNormal).ID, "ring [ana] 15s no_answer",
			"dial carrier +40722000111 20s no_answer", "ring [bob cal] 0s answered "+w.last().Legs[3].User)
	})
}

// Who hangs up the mobile instead, or the caller, ends what is asked.
func TestForwardedAndGone(t *testing.T) {
	play(t, func(w *world) {
		w.handles("ana", dialplan.Handling{Always: mobile(true)})
		w.user("bob", "101")
		w.say(w.rung(), Answered{Codec: media.PCMA()}, Gone{Cause: CauseNormal})
		w.ended("declined", CauseDeclined)
	})
	play(t, func(w *world) {
		w.handles("ana", dialplan.Handling{Always: mobile(true)})
		caller := w.user("bob", "101")
		line := w.rung()
		w.say(line, Answered{Codec: media.PCMA()})
		w.say(caller, Gone{Cause: CauseCancelled})
		w.expectCause(line, CauseCancelled)
		w.sleep(hunt.AcceptWithin)
		w.ended("cancelled", CauseCancelled)
	})
}

// Without being asked, who answers has the call; a trunk that may shows who calls.
func TestForwardedShowsTheCaller(t *testing.T) {
	play(t, func(w *world) {
		trunk, err := w.dir.Trunk(context.Background(), w.carrier)
		must(t, err)
		trunk.ShowsCaller = true
		must(t, w.dir.SaveTrunk(context.Background(), &trunk))
		w.handles("ana", dialplan.Handling{Busy: mobile(false)})
		first := w.outsider("+40311000001")
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		second := w.outsider("+40311000001")
		mobiles := slices.DeleteFunc(w.ringing(), func(a *calltest.Actor) bool { return a.To.Trunk == "" })
		if len(mobiles) != 1 || mobiles[0].Asked.Number != "+40722123456" {
			t.Fatalf("%d dialled", len(mobiles))
		}
		w.say(mobiles[0], Answered{Codec: media.PCMA()})
		if second.Codec() != "PCMA" {
			t.Error("not connected")
		}
		w.say(first, Gone{Cause: CauseNormal})
		w.say(second, Gone{Cause: CauseNormal})
	})
}

// Nobody is disturbed who does not want to be; who declines at his desk has the call where it goes when busy.
func TestNotDisturbed(t *testing.T) {
	play(t, func(w *world) {
		w.handles("ana", dialplan.Handling{DND: true})
		caller := w.user("bob", "101")
		w.expectCause(caller, CauseBusy)
		w.ended("busy", CauseBusy)
		if w.dialled() != 0 {
			t.Error("it rang")
		}
	})
	play(t, func(w *world) {
		w.handles("ana", dialplan.Handling{Busy: mobile(false)})
		caller := w.outsider("+40311000001")
		w.say(w.rung(), Gone{Cause: CauseDeclined})
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		if caller.Codec() != "PCMA" {
			t.Error("declined at the desk, the mobile does not get the call")
		}
		w.say(caller, Gone{Cause: CauseNormal})
	})
}
