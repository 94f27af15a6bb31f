package pbx

import (
	"testing"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
)

// Who speaks with a client, who waits, and with a colleague brings both together and stays: all hear each other. Who
// leaves leaves the others talking.
func TestConference(t *testing.T) {
	play(t, func(w *world) {
		client, ana := w.talk()
		w.say(ana, Held{On: true})
		asks := w.user("ana", "102")
		bob := w.ringing()[1] // beside ana
		w.say(bob, Answered{Codec: media.PCMA()})
		bob.Speak()
		asks.Speak()
		told := CauseFailed
		w.say(asks, TransferAsked{With: ana.ID(), Stays: true, Done: func(c Cause) { told = c }})
		w.expectCause(asks, CauseNormal)
		if told != CauseNone || len(w.x.Calls()) != 1 {
			t.Fatalf("told %q, %d calls", told, len(w.x.Calls()))
		}
		for _, a := range []*calltest.Actor{client, ana, bob} {
			w.expectHears(a, a.ID()+"/mix")
		}
		if v := w.x.Calls()[0]; v.Direction != "in" || v.State != call.StateAnswered {
			t.Errorf("%+v", v)
		}
		w.say(ana, Digit{Key: '5'})
		w.say(ana, Gone{Cause: CauseNormal})
		w.expectHears(client, bob.ID()+"/audio")
		w.expectHears(bob, client.ID()+"/audio")
		w.say(client, Gone{Cause: CauseNormal})
		w.expectCause(bob, CauseNormal)
		if r := w.fromOutside(); r.Outcome != "answered" || len(r.Users) != 2 {
			t.Errorf("%+v", r)
		}
	})
}

// Where nobody has answered yet, or the sound can't be mixed, both calls stay as they are.
func TestNoConference(t *testing.T) {
	for name, codec := range map[string]media.Codec{"rings": {}, "opus": media.Opus()} {
		t.Run(name, func(t *testing.T) {
			play(t, func(w *world) {
				_, ana := w.talk()
				asks := calltest.New(Party{Kind: Browser, User: "ana"}, media.Opus(), media.PCMA())
				w.arrive(asks, "102")
				want := CauseNotFound
				if codec.Name != "" {
					w.say(w.ringing()[1], Answered{Codec: codec})
					want = CauseNoCodec
				}
				told := CauseNone
				w.say(ana, TransferAsked{With: asks.ID(), Stays: true, Done: func(c Cause) { told = c }})
				if told != want || len(w.x.Calls()) != 2 || ana.HungUp() != CauseNone {
					t.Errorf("told %q, %d calls", told, len(w.x.Calls()))
				}
			})
		})
	}
}
