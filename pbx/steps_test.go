package pbx

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
)

// wantSteps checks the steps of a call.
func (w *world) wantSteps(call string, want ...string) {
	w.t.Helper()
	w.written()
	r, err := w.x.Record(context.Background(), call)
	got := []string{}
	for _, s := range r.Steps {
		whom := fmt.Sprint(s.Users)
		if s.Kind == "dial" {
			whom = map[string]string{w.carrier: "carrier", w.second: "second", w.office: "office"}[s.Trunk] + " " +
				s.Number
		}
		lasted := "now"
		if !s.Ended.IsZero() {
			lasted = s.Ended.Sub(s.Begun).Round(time.Second).String()
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", s.Kind, whom, lasted, s.Outcome,
			s.AnsweredBy)))
	}
	if err != nil || !slices.Equal(got, want) {
		w.t.Errorf("%q, want %q; %v", got, want, err)
	}
}

// Of a call that rings one after the other, its record tells whom it rang, for how long, and what came of it.
func TestStepsOfACall(t *testing.T) {
	playEach(t, func(w *world) {
		w.hook.Lookup = func(context.Context, dialplan.Inbound) (dialplan.Hint, error) {
			return dialplan.Hint{Users: []string{"ana"}}, nil
		}
		caller := w.outsider("+40311000003") // the responsible user, then bob and cal
		w.say(w.rung(), Ringing{})
		w.sleep(10 * time.Second)
		w.wantSteps(w.last().Call, "ring [ana] 10s no_answer", "ring [bob cal] now")
		both := w.ringing()
		w.sleep(2 * time.Second)
		w.say(both[0], Gone{Cause: CauseDeclined})
		w.say(both[1], Answered{Codec: media.PCMA()})
		w.wantSteps(w.last().Call, "ring [ana] 10s no_answer", "ring [bob cal] 2s answered "+both[1].To.User)
		w.say(caller, Gone{Cause: CauseNormal})
		w.wantSteps(w.ended("answered", CauseNormal).ID, "ring [ana] 10s no_answer",
			"ring [bob cal] 2s answered "+both[1].To.User)
	})
}

// Outside of working hours a number leads elsewhere, and an extension refuses; the record says that the hours chose.
func TestStepsOfACallOutsideOfHours(t *testing.T) {
	close := func(w *world) {
		today := strings.ToLower(time.Now().UTC().Format("Mon"))
		hours := dialplan.Schedule{Name: "Office", Zone: "UTC",
			Hours: []dialplan.WorkingHours{{Days: []string{today}, Span: dialplan.Span{From: "23:00", To: "24:00"}}}}
		must(t, w.dir.SaveSchedule(context.Background(), &hours))
		bob := dialplan.Destination{Kind: "user", User: "bob"}
		must(t, w.dir.SaveNumber(context.Background(), &dialplan.Number{E164: "+40311000001", Trunk: w.carrier,
			Destination: bob,
			Timed:       dialplan.Timed{Schedule: hours.ID, Closed: &dialplan.Destination{Kind: "user", User: "cal"}}}))
		must(t, w.dir.SaveExtension(context.Background(), &dialplan.Extension{Number: "102", Destination: bob,
			Timed: dialplan.Timed{Schedule: hours.ID, Closed: &dialplan.Destination{Kind: "refuse"}}}))
	}
	playEach(t, func(w *world) {
		close(w)
		caller := w.outsider("+40311000001")
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.say(caller, Gone{Cause: CauseNormal})
		w.wantSteps(w.ended("answered", CauseNormal).ID, "hours [] 0s closed", "ring [cal] 0s answered cal")
	})
	playEach(t, func(w *world) {
		close(w)
		w.expectCause(w.user("ana", "102"), CauseUnavailable)
		w.wantSteps(w.ended("missed", CauseUnavailable).ID, "hours [] 0s closed")
	})
}

// A call out tells which trunk failed and what the far end said; one that is given up ends its step.
func TestStepsOfACallOut(t *testing.T) {
	playEach(t, func(w *world) {
		ana := w.user("ana", "0722123456")
		w.sleep(time.Second)
		w.say(w.rung(), Gone{Cause: CauseFailed})
		w.sleep(3 * time.Second)
		w.say(w.rung(), Ringing{}, Gone{Cause: CauseBusy})
		w.expectCause(ana, CauseBusy)
		w.wantSteps(w.ended("busy", CauseBusy).ID, "dial carrier +40722123456 1s failed",
			"dial second 0722123456 3s busy")
	})
	playEach(t, func(w *world) {
		w.online["bob"], w.online["cal"] = false, false
		ana := w.user("ana", "200")
		w.expectCause(ana, CauseUnavailable)
		w.wantSteps(w.ended("missed", CauseUnavailable).ID, "ring [bob cal] 0s unavailable")
	})
	playEach(t, func(w *world) {
		ana := w.user("ana", "102")
		w.sleep(4 * time.Second)
		w.say(ana, Gone{Cause: CauseNormal})
		w.wantSteps(w.ended("cancelled", CauseCancelled).ID, "ring [bob] 4s cancelled")
	})
}

// A transfer is a step of the call, also one that is taken back; and who is called into a meeting has steps of his own.
func TestStepsOfATransferAndAVisit(t *testing.T) {
	playEach(t, func(w *world) {
		caller, ana := w.talk()
		w.say(ana, TransferAsked{To: "102", Done: func(Cause) {}})
		w.sleep(5 * time.Second)
		w.say(ana, TakenBack{})
		w.say(ana, TransferAsked{To: "103", Done: func(Cause) {}})
		w.sleep(2 * time.Second)
		w.say(w.ringing()[1], Answered{Codec: media.PCMA()})
		w.say(caller, Gone{Cause: CauseNormal})
		w.wantSteps(w.ended("answered", CauseNormal).ID, "ring [ana] 0s answered ana", "ring [bob] 5s cancelled",
			"ring [cal] 2s answered cal")
	})
	playEach(t, func(w *world) {
		ana := w.joins("ana")
		w.asks(ana, "0722000001")
		w.sleep(6 * time.Second)
		w.say(w.ringing()[0], Answered{Codec: media.PCMA()})
		w.wantSteps(w.visitOf("+40722000001").Call, "dial carrier +40722000001 6s answered")
	})
}
