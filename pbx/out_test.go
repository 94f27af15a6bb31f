package pbx

import (
	"slices"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
)

func TestCallOut(t *testing.T) {
	play(t, func(w *world) {
		caller := w.user("ana", "0722 123 456")
		line := w.rung()
		if line.To.Trunk != w.carrier || line.To.Number != "+40722123456" || line.Asked.Number != "+40311000001" {
			t.Errorf("dialled %+v as %s", line.To, line.Asked.Number)
		}
		tone := line.Speak() // early media
		w.settle()
		w.expectHears(caller, tone.ID)
		if !caller.Early() {
			t.Error("no early media")
		}
		w.say(line, Answered{Codec: media.PCMA()}, Gone{Cause: CauseNormal})
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
		if line := w.rung(); line.Asked.Number != "+40311000001" { // the trunk's: bob has no number
			t.Errorf("shown %s", line.Asked.Number)
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
				if line := w.rung(); line.To.Trunk != w.second || line.To.Number != "0722123456" {
					t.Errorf("%+v", line.To)
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
				if r := w.ended("failed", cause); !slices.Equal(r.Users, []string{"ana"}) { // she finds it among hers
					t.Errorf("calls of %v", r.Users)
				}
				if len(w.rings) != 0 {
					t.Error("something rang")
				}
			})
		})
	}
}

func TestTrunkLimit(t *testing.T) {
	play(t, func(w *world) {
		callers := []*calltest.Actor{w.outsider("+40311000002"), w.outsider("+40311000002"), w.outsider("+40311000002")}
		full := w.outsider("+40311000002")
		w.expectCause(full, CauseOverload)
		w.user("ana", "+40722123456")
		if line := w.ringing()[6]; line.To.Trunk != w.second {
			t.Errorf("dialled through %s though the carrier's lines are taken", line.To.Trunk)
		}
		w.say(callers[0], Gone{Cause: CauseCancelled})
		w.expectCause(w.outsider("+40311000002"), CauseNone)
	})
}

func TestInternalCall(t *testing.T) {
	play(t, func(w *world) {
		caller := calltest.New(Party{Kind: Phone, User: "ana", Device: w.desk, Name: "Ana"})
		w.arrive(caller, "0311000002") // our own number: no way round through the carrier
		for _, a := range w.ringing() {
			if a.Asked.Number != "101" || a.Asked.Name != "Ana" || a.Party().Kind != Browser {
				t.Errorf("%+v", a.Asked)
			}
		}
		w.say(w.ringing()[0], Answered{Codec: media.PCMA()})
		w.say(caller, Gone{Cause: CauseNormal})
		if r := w.ended("answered", CauseNormal); r.Direction != "internal" ||
			!slices.Equal(r.Users, []string{"ana", "bob"}) {
			t.Errorf("%+v", r)
		}
	})
}

func TestConnectedPBX(t *testing.T) {
	play(t, func(w *world) {
		caller := calltest.New(Party{Kind: Outside, Trunk: w.office, Number: "55"})
		w.arrive(caller, "102")
		if bob := w.rung(); bob.Party().User != "bob" || bob.Asked.Number != "755" {
			t.Errorf("%+v", bob.Asked)
		}
		w.say(caller, Gone{Cause: CauseCancelled})
		w.user("ana", "755")
		if line := w.rung(); line.To.Trunk != w.office || line.To.Number != "55" || line.Asked.Number != "101" {
			t.Errorf("%+v as %s", line.To, line.Asked.Number)
		}
		toll := calltest.New(Party{Kind: Outside, Trunk: w.office, Number: "55"})
		w.arrive(toll, "+40722123456")
		w.expectCause(toll, CauseNotFound)
	})
}

func TestAnonymous(t *testing.T) {
	play(t, func(w *world) {
		a := calltest.New(Party{Kind: Outside, Trunk: w.carrier, Number: "0722123456", Name: "Secret", Private: true})
		w.arrive(a, "+40311000001")
		if asked := w.rung().Asked; asked.Number != "" || asked.Name != "" || asked.From.Number != "" ||
			w.last().From != "" {
			t.Errorf("%+v", asked)
		}
	})
}
