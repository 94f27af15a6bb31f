package pbx

import (
	"slices"
	"testing"
	"time"

	"frontdesk/media"
)

// result collects what Done is told.
type result struct{ causes []Cause }

func (r *result) done(c Cause) { r.causes = append(r.causes, c) }

func (r *result) want(t *testing.T, causes ...Cause) {
	t.Helper()
	if !slices.Equal(r.causes, causes) {
		t.Errorf("told %q, want %q", r.causes, causes)
	}
}

func TestTransfer(t *testing.T) {
	playEach(t, func(w *world) {
		caller, ana := w.talk()
		var told result
		w.say(ana, Held{On: true}, TransferAsked{To: "102", Done: told.done})
		bob := w.ringing()[1]
		if bob.Party().User != "bob" || bob.Asked.Number != "+40722123456" || len(bob.Asked.Codecs) != 1 {
			t.Errorf("%+v", bob.Asked)
		}
		w.expectHears(caller, "ringback/PCMA")
		w.expectHears(ana)
		told.want(t)
		want := Transfer{By: "ana", Leg: ana.ID(), Peer: caller.ID(), To: "102", User: "bob", State: "calling"}
		w.expectTransfer(&want)
		w.say(bob, Ringing{})
		want.State = "ringing"
		w.expectTransfer(&want)
		told.want(t, CauseNone)
		w.say(bob, Answered{Codec: media.PCMA()})
		voice := bob.Speak()
		w.settle()
		told.want(t, CauseNone)
		w.expectTransfer(nil)
		if by := w.last().Legs[2].By; by != "ana" {
			t.Errorf("sent by %q", by)
		}
		w.expectCause(ana, CauseNormal)
		w.expectHears(caller, voice.ID)
		w.expectHears(bob, caller.ID()+"/audio")
		if w.x.Busy("ana") || !w.x.Busy("bob") {
			t.Error("who is busy?")
		}
		w.say(bob, Gone{Cause: CauseNormal})
		w.expectCause(caller, CauseNormal)
		if r := w.ended("answered", CauseNormal); !slices.Equal(r.Users, []string{"ana", "bob"}) {
			t.Errorf("%+v", r)
		}
	})
}

func TestTransferToOutside(t *testing.T) {
	playEach(t, func(w *world) {
		caller, ana := w.talk()
		var told result
		w.say(ana, TransferAsked{To: "0722 999 888", Done: told.done})
		line := w.ringing()[1]
		if line.To.Number != "+40722999888" || line.Asked.Number != "+40311000001" {
			t.Errorf("%+v as %s", line.To, line.Asked.Number)
		}
		tone := line.Speak()
		w.settle()
		w.expectHears(caller, tone.ID) // early media instead of our tone
		w.say(line, Answered{Codec: media.PCMA()})
		w.expectHears(line, caller.ID()+"/audio")
		w.say(caller, Gone{Cause: CauseNormal})
		w.expectCause(line, CauseNormal)
	})
}

// A key that a phone presses while it rings for a transfer is nobody's: what the waiting party hears stays.
func TestKeyBeforeATransferIsAnswered(t *testing.T) {
	playEach(t, func(w *world) {
		caller, ana := w.talk()
		w.say(ana, TransferAsked{To: "0722000001", Done: func(Cause) {}})
		line := w.ringing()[1]
		early := line.Speak()
		w.settle()
		w.expectHears(caller, early.ID)
		before := caller.Plays()[0]
		w.say(line, Digit{Key: '5'})
		if caller.Plays()[0] != before {
			t.Error("the key is in the sound")
		}
	})
}

func TestTransferFails(t *testing.T) {
	playEach(t, func(w *world) {
		caller, ana := w.talk()
		var told, second, outsider result
		w.say(ana, TransferAsked{To: "102", Done: told.done})
		w.say(ana, TransferAsked{To: "103", Done: second.done})
		second.want(t, CauseForbidden) // one at a time
		w.say(w.ringing()[1], Gone{Cause: CauseBusy})
		told.want(t, CauseBusy)
		w.expectTransfer(&Transfer{By: "ana", Leg: ana.ID(), Peer: caller.ID(), To: "102", User: "bob", State: "failed",
			Cause: CauseBusy})
		w.expectHears(caller, ana.ID()+"/audio")
		w.expectHears(ana, caller.ID()+"/audio")
		w.say(ana, TransferAsked{To: "999", Done: second.done})
		second.want(t, CauseForbidden, CauseNotFound)
		w.say(caller, TransferAsked{To: "0722999888", Done: outsider.done})
		outsider.want(t, CauseNotFound) // an outsider can't call out through us
		w.say(caller, Gone{Cause: CauseNormal})
		w.say(ana, TransferAsked{To: "102", Done: told.done})
		w.ended("answered", CauseNormal)
	})
}

// The phone that transfers hangs up at once, as many do; the target does not answer; it is called back.
func TestTransferCallsBack(t *testing.T) {
	playEach(t, func(w *world) {
		caller, ana := w.talk()
		var told result
		w.say(ana, TransferAsked{To: "102", Done: told.done})
		w.say(w.ringing()[1], Ringing{})
		w.say(ana, Gone{Cause: CauseNormal})
		w.expectCause(caller, CauseNone)
		w.expectHears(caller, "ringback/PCMA")
		w.sleep(26 * time.Second)
		w.settle()
		again := w.ringing()[0]
		if again.Party().User != "ana" || again == ana {
			t.Fatalf("%s rings", again.Party().User)
		}
		told.want(t, CauseNone)
		want := Transfer{By: "ana", Leg: ana.ID(), Peer: caller.ID(), To: "102", User: "bob", State: "back",
			Cause: CauseNoAnswer}
		w.expectTransfer(&want)
		w.say(again, Answered{Codec: media.PCMA()})
		want.Leg, want.State = again.ID(), "failed"
		w.expectTransfer(&want)
		w.expectHears(again, caller.ID()+"/audio")
		w.say(again, Gone{Cause: CauseNormal})
		w.expectCause(caller, CauseNormal)
	})
}

func TestTransferPeerLeaves(t *testing.T) {
	playEach(t, func(w *world) {
		caller, ana := w.talk()
		var told result
		w.say(ana, TransferAsked{To: "102", Done: told.done})
		bob := w.ringing()[1]
		w.say(caller, Gone{Cause: CauseNormal})
		w.expectCause(ana, CauseNormal)
		w.expectCause(bob, CauseNormal)
		told.want(t, CauseNormal)
		w.ended("answered", CauseNormal)
	})
}

// Who transferred has the call again, as long as nobody has answered: the target stops ringing.
func TestTransferIsTakenBack(t *testing.T) {
	playEach(t, func(w *world) {
		caller, ana := w.talk()
		var told result
		w.say(ana, TakenBack{}) // nothing to take back yet
		w.say(ana, TransferAsked{To: "102", Done: told.done})
		bob := w.ringing()[1]
		w.say(bob, Ringing{})
		w.say(caller, TakenBack{}) // not his
		w.expectCause(bob, CauseNone)
		w.say(ana, TakenBack{})
		w.expectCause(bob, CauseCancelled)
		w.expectTransfer(nil)
		w.expectHears(caller, ana.ID()+"/audio")
		w.expectHears(ana, caller.ID()+"/audio")
		w.say(ana, TransferAsked{To: "102", Done: told.done}, TakenBack{}) // before it rings
		told.want(t, CauseNone, CauseCancelled)
		w.say(ana, TransferAsked{To: "102", Done: told.done})
		w.say(w.ringing()[1], Answered{Codec: media.PCMA()})
		w.say(ana, TakenBack{}) // too late
		w.expectCause(ana, CauseNormal)
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
	})
}
