package pbx

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// asks has a number called into the meeting, and tells what came of asking.
func (w *world) asks(a *calltest.Actor, to string) Cause {
	w.t.Helper()
	told := call.Cause("not told")
	w.say(a, CallAsked{To: to, Done: func(cause Cause) { told = cause }})
	return told
}

// visits are the records of calls into the meeting, in the order of their beginning, and each has ended with one job
// for the intake.
func (w *world) visits() (list []ledger.Record) {
	w.t.Helper()
	all, _, err := w.x.Records(context.Background(), ledger.Filter{})
	must(w.t, err)
	for _, r := range slices.Backward(all) {
		if r.Direction == "meeting" {
			continue
		}
		var jobs int
		must(w.t, w.db.QueryRow(context.Background(),
			`SELECT count(*) FROM job WHERE kind = 'intake.call' AND dedupe = $1`, r.ID).Scan(&jobs))
		if r.Meeting != w.room || r.Ended.IsZero() || jobs != 1 {
			w.t.Errorf("%d jobs for %+v", jobs, r)
		}
		list = append(list, r)
	}
	return list
}

// states of those from outside, as the meeting's people see them.
func (w *world) states() string {
	var list []string
	for _, l := range w.last().Legs {
		if l.Call != "" {
			list = append(list, strings.TrimSpace(l.Number+" "+l.State+" "+string(l.Cause)))
		}
	}
	return strings.Join(list, ", ")
}

// visitOf is the own call of who has that number.
func (w *world) visitOf(number string) LegView {
	w.t.Helper()
	for _, l := range w.last().Legs {
		if l.Number == number && l.Call != "" {
			return l
		}
	}
	w.t.Fatalf("nobody from outside has %s", number)
	return LegView{}
}

// Somebody in the meeting has a client called, who hears the others as one line once he answered. It is a call of its
// own.
func TestCalledIntoAMeeting(t *testing.T) {
	playEach(t, func(w *world) {
		ana := w.joins("ana")
		ana.Speak()
		if cause := w.asks(ana, "0722 999 888"); cause != CauseNone {
			t.Fatalf("refused: %s", cause)
		}
		client := w.rung()
		visit := w.visitOf("+40722999888")
		if client.To.Trunk != w.carrier || client.To.Number != "+40722999888" ||
			client.Asked.Number != "+40311000001" ||
			len(media.Common(client.Asked.Codecs, []media.Codec{media.PCMA(), media.PCMU(), media.G722()})) != 3 ||
			client.Asked.Call != visit.Call {
			t.Errorf("rung %+v %+v", client.To, client.Asked)
		}
		if visit.State != call.LegRinging || visit.By != "ana" || visit.Call == w.last().Call {
			t.Errorf("%+v", visit)
		}
		if r, err := w.x.Record(context.Background(), visit.Call); err != nil ||
			!slices.Equal(r.Users, []string{"ana"}) {
			t.Errorf("while it rings: %+v %v", r, err)
		}
		if cause := w.asks(ana, "0722999888"); cause != CauseBusy { // is being called already
			t.Errorf("called twice: %q", cause)
		}
		w.x.Named(w.last().Call, visit.Call, "Ioana Marin")
		w.say(client, Ringing{})
		if v := w.visitOf("+40722999888"); v.Name != "Ioana Marin" {
			t.Errorf("%+v", v)
		}
		w.sleep(3 * time.Second)
		w.say(client, Answered{Codec: media.G722()})
		client.Speak()
		w.settle()
		w.expectHears(ana, client.ID()+"/audio")
		w.expectHears(client, client.ID()+"/mix")
		if codec := client.Plays()[0].Codec; !codec.Is(media.G722()) {
			t.Errorf("the client hears %s", codec.Name)
		}
		w.joins("bob")
		w.sleep(time.Minute)
		w.say(ana, RemoveAsked{Whom: ana.ID()}) // only who came from outside can be put out
		w.say(ana, RemoveAsked{Whom: client.ID()})
		w.expectCause(client, CauseNormal)
		w.expectHears(ana)
		w.joins("cal") // after him
		visits := w.visits()
		if r := visits[0]; len(visits) != 1 || r.Outcome != "answered" || r.Direction != "out" || r.From != "101" ||
			r.To != "+40722999888" || r.Trunk != w.carrier || r.Line != "+40311000001" ||
			r.Ended.Sub(r.Answered) != time.Minute || r.Answered.Sub(r.Started) != 3*time.Second ||
			!slices.Equal(r.Users, []string{"ana", "bob"}) {
			t.Errorf("%+v", visits)
		}
		must(t, w.x.Hangup(w.last().Call))
		if r := w.ended("answered", CauseNormal); !slices.Equal(r.Guests, []ledger.Guest{{Number: "+40722999888"}}) {
			t.Errorf("%+v", r)
		}
	})
}

// Several are called at once; each has a state and an end of its own, and those in vain are shown until somebody takes
// them away.
func TestSeveralCalledIntoAMeeting(t *testing.T) {
	playEach(t, func(w *world) {
		ana, bob := w.joins("ana"), w.joins("bob")
		w.asks(ana, "0722000001")
		w.asks(bob, "0722000002")
		w.asks(ana, "0722000003")
		one, two, three := w.ringing()[0], w.ringing()[1], w.ringing()[2]
		w.say(two, Gone{Cause: CauseBusy})
		w.say(one, Answered{Codec: media.PCMA()})
		if got, want := w.states(), "+40722000001 active, +40722000003 ringing, +40722000002 failed busy"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if by := w.visitOf("+40722000002").By; by != "bob" {
			t.Errorf("called by %q", by)
		}
		w.say(bob, RemoveAsked{Whom: w.visitOf("+40722000003").Call})
		w.expectCause(three, CauseCancelled)
		// once more
		if w.asks(ana, "0722000002") != CauseNone || w.states() != "+40722000001 active, +40722000002 ringing" {
			t.Errorf("called again: %s", w.states())
		}
		w.sleep(120*time.Second + time.Second)
		if got, want := w.states(), "+40722000001 active, +40722000002 failed no_answer"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		w.say(ana, RemoveAsked{Whom: w.visitOf("+40722000002").Leg})
		if got := w.states(); got != "+40722000001 active" {
			t.Errorf("taken away: %s", got)
		}
		w.asks(ana, "0722000004")
		for _, a := range []*calltest.Actor{ana, bob, one} {
			w.say(a, Gone{Cause: CauseNormal})
		}
		w.sleep(6 * time.Second)
		var got []string
		for _, r := range w.visits() {
			got = append(got, r.To+" "+r.Outcome+" "+string(r.Cause))
		}
		want := []string{"+40722000001 answered normal", "+40722000002 busy busy", "+40722000003 cancelled cancelled",
			"+40722000002 missed no_answer", "+40722000004 cancelled cancelled"}
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		w.ended("answered", CauseNormal)
	})
}

// The limits of calls out hold: countries, colleagues, the lines of a trunk, the size of a meeting. Who was not allowed
// to be called is written down.
func TestCalledIntoAMeetingInVain(t *testing.T) {
	playEach(t, func(w *world) {
		ana := w.joins("ana")
		for _, ask := range []struct {
			to   string
			want Cause
		}{{"+1 202 555 0100", CauseForbidden}, {"102", CauseForbidden}, {"300", CauseForbidden},
			{"+40311000001", CauseForbidden}, {"12345", CauseNotFound}} {
			if got := w.asks(ana, ask.to); got != ask.want {
				t.Errorf("%s: %q, want %q", ask.to, got, ask.want)
			}
		}
		if w.dialled() != 0 || w.states() != "" {
			t.Errorf("somebody was rung, or is shown: %s", w.states())
		}
		if v := w.visits(); len(v) != 2 || v[0].To != "+12025550100" || v[0].Cause != CauseForbidden ||
			v[1].Cause != CauseNotFound {
			t.Errorf("%+v", v)
		}
		w.deaf[w.second], w.deaf[w.office] = true, true
		for _, n := range []string{"1", "2", "3"} {
			if cause := w.asks(ana, "072200000"+n); cause != CauseNone {
				t.Errorf("line %s: %q", n, cause)
			}
		}
		w.asks(ana, "0722000004")
		if v := w.visitOf("+40722000004"); v.State != call.LegFailed || v.Cause != CauseOverload {
			t.Errorf("a fourth call over three lines: %+v", v)
		}
		w.say(w.ringing()[0], Gone{Cause: CauseDeclined}) // and its line is free again
		if cause := w.asks(ana, "0722000005"); cause != CauseNone {
			t.Errorf("a free line: %q", cause)
		}
		w.x.board.Config.MaxLegs = 4
		w.say(ana, RemoveAsked{Whom: w.visitOf("+40722000002").Call})
		// ana and three who ring
		if w.asks(ana, "0722000006") != CauseNone || w.asks(ana, "0722000007") != CauseOverload {
			t.Error("who is being called takes no place")
		}
	})
}

// Where a trunk fails the next one is tried; to the people it is one call all the time.
func TestCalledIntoAMeetingOverTheNextTrunk(t *testing.T) {
	playEach(t, func(w *world) {
		ana := w.joins("ana")
		w.asks(ana, "0722000001")
		visit := w.visitOf("+40722000001").Call
		w.say(w.rung(), Gone{Cause: CauseFailed})
		if v := w.visitOf("+40722000001"); v.Call != visit || v.State != call.LegRinging ||
			w.rung().To.Trunk != w.second {
			t.Errorf("%+v over %+v", v, w.rung().To)
		}
		w.say(w.rung(), Gone{Cause: CauseBusy})
		if v := w.visits(); len(v) != 1 || v[0].Outcome != "busy" || v[0].Trunk != w.second {
			t.Errorf("%+v", v)
		}
	})
}

// Who dials the meeting's number has a call of his own, too; one for whom there is no room is a missed call.
func TestOutsidersCallIntoAMeeting(t *testing.T) {
	playEach(t, func(w *world) {
		ana := w.joins("ana")
		client := w.outsider("+40311000004")
		w.sleep(time.Minute)
		w.x.board.Config.MaxLegs = 2
		w.expectCause(w.outsider("+40311000004"), CauseOverload)
		w.say(client, Gone{Cause: CauseNormal})
		v := w.visits()
		if r := v[0]; len(v) != 2 || r.Direction != "in" || r.From != "+40722123456" || r.To != "+40311000004" ||
			r.Line != "+40311000004" || r.Trunk != w.carrier ||
			r.Outcome != "answered" || r.Ended.Sub(r.Answered) != time.Minute ||
			!slices.Equal(r.Users, []string{"ana"}) {
			t.Errorf("%+v", v)
		}
		if v[1].Outcome != "missed" || v[1].Cause != CauseOverload {
			t.Errorf("%+v", v[1])
		}
		w.say(ana, Gone{Cause: CauseNormal})
		w.sleep(6 * time.Second)
		w.ended("answered", CauseNormal)
	})
}

// Only in a meeting, and by the dial plan of the moment.
func TestCallAskedOutsideAMeeting(t *testing.T) {
	playEach(t, func(w *world) {
		_, ana := w.talk()
		if cause := w.asks(ana, "0722999888"); cause != CauseForbidden {
			t.Errorf("in a call: %q", cause)
		}
		bob := w.joins("bob")
		must(t, w.dir.SavePolicy(context.Background(), dialplan.OutboundPolicy{}))
		if cause := w.asks(bob, "0722999888"); cause != CauseForbidden {
			t.Errorf("against the policy of now: %q", cause)
		}
	})
}

// A meeting ends while several ring, some were called in vain and some are inside: each record ends.
func TestMeetingEndsWithManyVisits(t *testing.T) {
	playEach(t, func(w *world) {
		w.x.board.Config.MaxLegs = 10
		ana := w.joins("ana")
		for _, n := range []string{"1", "2", "3", "4", "5"} {
			w.asks(ana, "072200000"+n)
		}
		rings := w.ringing()
		w.say(rings[1], Gone{Cause: CauseBusy})
		w.say(rings[3], Answered{Codec: media.PCMA()})
		must(t, w.x.Hangup(w.last().Call))
		w.settle()
		var got []string
		for _, r := range w.visits() {
			got = append(got, r.Outcome)
		}
		if !slices.Equal(got, []string{"cancelled", "busy", "cancelled", "answered", "cancelled"}) {
			t.Errorf("%q", got)
		}
		w.ended("answered", CauseNormal)
	})
}
