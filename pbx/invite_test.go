package pbx

import (
	"context"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
)

// Somebody in the meeting has a client called, who hears the others as one line once he answered.
func TestCalledIntoAMeeting(t *testing.T) {
	play(t, func(w *world) {
		ana := w.joins("ana")
		ana.speak()
		var told, second result
		w.say(ana, CallAsked{"0722 999 888", told.done})
		client := w.rung()
		if client.to.Trunk != w.carrier || client.to.Number != "+40722999888" || client.asked.Number != "+40311000001" || len(media.Common(client.asked.Codecs, []media.Codec{media.PCMA(), media.PCMU(), media.G722()})) != 3 {
			t.Errorf("rung %+v %+v", client.to, client.asked)
		}
		if v := w.last(); len(v.Legs) != 2 || v.Legs[1].State != legRinging || v.Legs[1].Number != "+40722999888" {
			t.Errorf("%+v", v.Legs)
		}
		told.want(t)
		w.say(client, Ringing{})
		told.want(t, CauseNone)
		w.say(ana, CallAsked{"0722999777", second.done})
		second.want(t, CauseBusy)
		w.say(client, Answered{media.G722()})
		client.speak()
		w.settle()
		w.expectHears(ana, client.id+"/audio")
		w.expectHears(client, client.id+"/mix")
		if codec := client.plays[0].Codec; !codec.Is(media.G722()) {
			t.Errorf("the client hears %s", codec.Name)
		}
		w.say(ana, RemoveAsked{ana.id}) // only who came from outside can be put out
		w.say(ana, RemoveAsked{client.id})
		w.expectCause(client, CauseNormal)
		w.expectHears(ana)
		w.say(ana, Gone{CauseNormal})
		w.sleep(6 * time.Second)
		if r := w.ended("answered", CauseNormal); !slices.Equal(r.Guests, []Guest{{Number: "+40722999888"}}) {
			t.Errorf("%+v", r)
		}
	})
}

func TestCalledIntoAMeetingInVain(t *testing.T) {
	play(t, func(w *world) {
		ana := w.joins("ana")
		for to, want := range map[string]Cause{"+1 202 555 0100": CauseForbidden, "102": CauseForbidden, "300": CauseForbidden, "12345": CauseNotFound} {
			var told result
			w.say(ana, CallAsked{to, told.done})
			told.want(t, want)
		}
		if w.dialled() != 0 {
			t.Error("somebody was rung")
		}
		var busy result
		w.say(ana, CallAsked{"0722999888", busy.done})
		w.say(w.rung(), Gone{CauseBusy})
		busy.want(t, CauseBusy)
		var stopped result
		w.say(ana, CallAsked{"0722999888", stopped.done})
		w.say(ana, RemoveAsked{w.rung().id})
		stopped.want(t, CauseCancelled)
		var over result
		w.say(ana, CallAsked{"0722999888", over.done})
		left := w.rung()
		w.say(ana, Gone{CauseNormal})
		w.sleep(6 * time.Second)
		over.want(t, CauseNormal)
		w.expectCause(left, CauseNormal)
		w.ended("answered", CauseNormal)
	})
}

// Only in a meeting, and by the dial plan of the moment.
func TestCallAskedOutsideAMeeting(t *testing.T) {
	play(t, func(w *world) {
		_, ana := w.talk()
		var told result
		w.say(ana, CallAsked{"0722999888", told.done})
		told.want(t, CauseForbidden)
		bob := w.joins("bob")
		must(t, w.dir.SavePolicy(context.Background(), OutboundPolicy{}))
		var denied result
		w.say(bob, CallAsked{"0722999888", denied.done})
		denied.want(t, CauseForbidden)
	})
}
