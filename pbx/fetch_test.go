package pbx

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// parks brings a call from outside to ana, who parks it.
func (w *world) parks() (caller *calltest.Actor) {
	w.t.Helper()
	caller, ana := w.talk()
	told := CauseFailed
	w.say(ana, TransferAsked{To: "*68", Done: func(c Cause) { told = c }})
	w.written()
	w.expectCause(ana, CauseNormal)
	w.expectHears(caller, "music/PCMA")
	if p := w.last().Parked; told != CauseNone || p == nil || p.Slot != 1 || p.By != "ana" {
		w.t.Fatalf("parked %+v, told %q", p, told)
	}
	return caller
}

// fromOutside is the record of the only call from outside.
func (w *world) fromOutside() ledger.Record {
	w.t.Helper()
	w.written()
	all, _, err := w.x.Records(context.Background(), ledger.Filter{})
	all = slices.DeleteFunc(all, func(r ledger.Record) bool { return r.Direction != "in" })
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%d calls from outside, %v", len(all), err)
	}
	return all[0]
}

// A parked call is taken by who dials its slot, whoever that is of ours; its slot is free then.
func TestParked(t *testing.T) {
	playEach(t, func(w *world) {
		caller := w.parks()
		w.expectCause(w.user("cal", "*682"), CauseNotFound)
		bob := w.user("bob", "*681")
		w.sleep(20 * time.Millisecond)
		w.expectHears(bob, caller.ID()+"/audio")
		tone := bob.Speak()
		w.settle()
		w.expectHears(caller, tone.ID)
		if v := w.last(); v.Parked != nil || bob.Codec() != "PCMA" {
			t.Errorf("%+v", v)
		}
		if _, err := w.x.board.Ledger.Parked(context.Background(), 1); !errors.Is(err, ErrNotFound) {
			t.Errorf("the slot is taken still: %v", err)
		}
		w.say(caller, Gone{Cause: CauseNormal})
		r := w.ended("answered", CauseNormal)
		if !slices.Equal(r.Users, []string{"ana", "bob"}) {
			t.Errorf("%v took part", r.Users)
		}
		w.wantSteps(r.ID, "ring [ana] 0s answered ana", "park [] 0s answered bob")
	})
}

// Who parked a call that nobody takes is rung for it; it waits on while he does not answer, and can be taken all the
// time.
func TestParkedTooLong(t *testing.T) {
	play(t, func(w *world) {
		caller := w.parks()
		w.sleep(parkLasts)
		w.rung()
		w.sleep(recallSeconds * time.Second)
		if now := w.ringing(); len(now) != 0 {
			t.Errorf("%d ring", len(now))
		}
		w.expectHears(caller, "music/PCMA")
		w.sleep(parkLasts)
		ana := w.rung()
		bob := w.user("bob", "*681")
		w.sleep(20 * time.Millisecond)
		w.expectCause(ana, CauseCancelled)
		w.expectHears(bob, caller.ID()+"/audio")
		w.say(bob, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
	})
	play(t, func(w *world) {
		caller := w.parks()
		w.sleep(parkLasts)
		ana := w.rung()
		w.say(ana, Answered{Codec: media.PCMA()})
		w.expectHears(ana, caller.ID()+"/audio")
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
	})
	play(t, func(w *world) { // nobody parks himself, and who gave up is parked no longer
		w.expectCause(w.user("bob", "*68"), CauseNotFound)
	})
	play(t, func(w *world) {
		w.say(w.parks(), Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
		w.expectCause(w.user("bob", "*681"), CauseNotFound)
	})
}

// A call that rings a colleague of a group of one's own can be taken, by others not.
func TestPickedUp(t *testing.T) {
	playEach(t, func(w *world) {
		caller := w.outsider("+40311000002") // bob and cal
		for _, a := range w.ringing() {
			w.say(a, Ringing{})
		}
		w.written()
		w.expectCause(w.user("ana", "*8"), CauseNotFound)
		w.expectCause(w.user("cal", "*8101"), CauseNotFound) // nobody rings ana
		w.expectCause(w.user("ana", "**102"), CauseNotFound) // none of her group
		phone := calltest.New(Party{Kind: Phone, User: "cal"}, media.PCMU(), media.PCMA())
		w.arrive(phone, "*8102")
		w.sleep(20 * time.Millisecond)
		if len(w.ringing()) != 0 || phone.Codec() != "PCMA" || caller.Codec() != "PCMA" {
			t.Errorf("%d ring, phone speaks %q, caller %q", len(w.ringing()), phone.Codec(), caller.Codec())
		}
		w.say(caller, Gone{Cause: CauseNormal})
		r := w.fromOutside()
		if r.Outcome != "answered" || !slices.Equal(r.Users, []string{"cal"}) {
			t.Errorf("%+v", r)
		}
		w.wantSteps(r.ID, "ring [bob cal] 0s answered cal")
	})
}

// A user goes on with a call at his desk that he began in the browser; nobody else can.
func TestTakenHere(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.written()
		w.expectCause(w.user("bob", "*11"), CauseNotFound)
		w.expectCause(w.user("bob", callPrefix+w.last().Call), CauseForbidden)
		desk := calltest.New(Party{Kind: Phone, User: "ana", Device: w.desk}, media.G722(), media.PCMA())
		w.arrive(desk, "*11")
		w.sleep(20 * time.Millisecond)
		w.expectCause(ana, CauseElsewhere)
		w.expectHears(desk, caller.ID()+"/audio")
		tone := desk.Speak()
		w.settle()
		w.expectHears(caller, tone.ID)
		if !w.x.Busy("ana") {
			t.Error("ana is free")
		}
		w.say(caller, Gone{Cause: CauseNormal})
		if w.fromOutside(); w.x.Busy("ana") {
			t.Error("ana is busy")
		}
	})
}

// Codes change how one is called, and say by a tone whether they did.
func TestFeatureCodes(t *testing.T) {
	playEach(t, func(w *world) {
		for _, c := range []struct {
			dialled, hears string
			want           dialplan.Handling
		}{
			{"*78", "done/PCMA", dialplan.Handling{DND: true}},
			{"*79", "done/PCMA", dialplan.Handling{}},
			{"*72102", "done/PCMA", dialplan.Handling{Always: &dialplan.Forward{Kind: "extension", Number: "102"}}},
			{"*72999", "refusal/PCMA", dialplan.Handling{Always: &dialplan.Forward{Kind: "extension", Number: "102"}}},
			{"*73", "done/PCMA", dialplan.Handling{}},
			{"*720722000111", "done/PCMA", dialplan.Handling{Always: &dialplan.Forward{Kind: "number",
				Number: "+40722000111", Confirm: true}}},
		} {
			ana := w.user("ana", c.dialled)
			w.sleep(20 * time.Millisecond)
			w.expectHears(ana, c.hears)
			w.sleep(heardFor)
			w.expectCause(ana, CauseNormal)
			got, err := w.dir.Handling(context.Background(), "ana")
			if err != nil || got.DND != c.want.DND || (got.Always == nil) != (c.want.Always == nil) ||
				got.Always != nil && *got.Always != *c.want.Always {
				t.Errorf("%s: %+v, %v", c.dialled, got, err)
			}
		}
	})
}

// A user has his desk phone rung for the call that he has in the browser: the two talk until he picks it up, and go on
// there; where he does not, nothing has changed. His browsers do not ring, and he can think better of it.
func TestMovedToTheDesk(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.mu.Lock()
		w.online["desk"] = true
		w.mu.Unlock()
		var told, again, bob result
		w.say(ana, TransferAsked{To: dialplan.DeskTarget, Done: told.done})
		w.sleep(time.Second)
		rings := w.ringing()
		desk := rings[len(rings)-1]
		if len(rings) != 2 || desk.To.Device != w.desk || desk.Asked.Number != "+40722123456" {
			t.Fatalf("%d ring, %+v", len(rings), desk.To)
		}
		w.say(desk, Ringing{})
		told.want(t, CauseNone)
		w.expectHears(caller, ana.ID()+"/audio")
		w.expectHears(ana, caller.ID()+"/audio")
		w.say(desk, Gone{Cause: CauseBusy})
		w.expectHears(caller, ana.ID()+"/audio")
		if v := w.last().Transfer; v == nil || v.State != "failed" || v.To != dialplan.DeskTarget {
			t.Errorf("it shows %+v", v)
		}
		w.say(ana, TransferAsked{To: dialplan.DeskTarget, Done: again.done})
		w.sleep(time.Second)
		rings = w.ringing()
		desk = rings[len(rings)-1]
		w.say(desk, Ringing{}, Answered{Codec: media.PCMA()})
		tone := desk.Speak()
		w.settle()
		w.expectCause(ana, CauseNormal)
		w.expectHears(desk, caller.ID()+"/audio")
		w.expectHears(caller, tone.ID)
		if by := w.last().Legs[len(w.last().Legs)-1].By; by != "" || !w.x.Busy("ana") {
			t.Errorf("sent by %q, busy %v", by, w.x.Busy("ana"))
		}
		w.say(desk, TransferAsked{To: dialplan.DeskTarget, Done: bob.done}) // a phone has no desk
		w.settle()
		if n := len(w.ringing()); n != 1 {
			t.Errorf("%d are in the call or ring, want the desk phone alone", n)
		}
		w.say(caller, Gone{Cause: CauseNormal})
	})
}
