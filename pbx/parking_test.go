package pbx

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
)

// Who has a call wait on his desk phone dials the code that parks, hears the slot's number in his language, and by
// transferring parks the call in that very slot; whoever hangs up instead leaves no slot taken.
func TestParkedByDeskPhone(t *testing.T) {
	playEach(t, func(w *world) {
		ctx := context.Background()
		w.x.board.Hooks.Language = func(context.Context, string) string { return "ru" }
		said := w.spoken()
		before := calltest.New(Party{Kind: Phone, User: "cal"}, media.PCMA())
		w.arrive(before, "*68") // takes slot 1
		client, ana := w.talk()
		w.say(ana, Held{On: true})
		desk := calltest.New(Party{Kind: Phone, User: "ana", Device: w.desk}, media.PCMA())
		w.arrive(desk, "*68")
		w.expectHears(desk, desk.ID()+"/prompt")
		w.sleep(500 * time.Millisecond)
		if now := said(); len(now) < 2 || now[0] != "ru/1" || now[len(now)-1] != "ru/2" {
			t.Errorf("said %q", now)
		}
		var told result
		w.say(ana, TransferAsked{With: desk.ID(), Done: told.done})
		w.written()
		told.want(t, CauseNone)
		w.expectCause(desk, CauseNormal)
		w.expectCause(ana, CauseNormal)
		w.expectHears(client, "music/PCMA")
		w.say(before, Gone{Cause: CauseNormal})
		w.written()
		if _, err := w.x.board.Ledger.Parked(ctx, 1); !errors.Is(err, ErrNotFound) {
			t.Errorf("who hung up keeps his slot: %v", err)
		}
		bob := w.user("bob", "*682")
		w.sleep(20 * time.Millisecond)
		w.expectHears(bob, client.ID()+"/audio")
		w.say(client, Gone{Cause: CauseNormal})
		w.written()
		if _, err := w.x.board.Ledger.Parked(ctx, 2); !errors.Is(err, ErrNotFound) {
			t.Errorf("the slot is taken still: %v", err)
		}
	})
}

// Who parks a call by transferring it from his desk phone is rung there with what fetches it, hears the slot's number
// when he answers, and is rung no longer once somebody has taken the call.
func TestSlotToldAfterTransfer(t *testing.T) {
	playEach(t, func(w *world) {
		w.x.board.Hooks.Language = func(context.Context, string) string { return "ro" }
		said := w.spoken()
		parks := func() (client, told *calltest.Actor) {
			w.online["desk"] = true
			client = w.outsider("+40311000001")
			desk := w.rungAt(w.desk)
			w.say(desk, Answered{Codec: media.PCMA()})
			client.Speak()
			desk.Speak()
			w.written()
			var done result
			w.say(desk, TransferAsked{To: "*68", Done: done.done})
			w.sleep(50 * time.Millisecond)
			done.want(t, CauseNone)
			w.expectCause(desk, CauseNormal)
			w.expectHears(client, "music/PCMA")
			return client, w.rungAt(w.desk)
		}
		client, told := parks()
		if told.Asked.Number != "*681" || told.Asked.Name != "Parcat: 1" {
			t.Errorf("rung as %q %q", told.Asked.Name, told.Asked.Number)
		}
		w.say(told, Ringing{})
		w.say(told, Answered{Codec: media.PCMA()})
		w.sleep(500 * time.Millisecond)
		if now := said(); len(now) != 1 || now[0] != "ro/1" {
			t.Errorf("said %q", now)
		}
		w.expectHears(told, told.ID()+"/prompt")
		w.sleep(slotSaid)
		w.expectCause(told, CauseNormal)
		w.expectHears(client, "music/PCMA")
		w.say(client, Gone{Cause: CauseNormal})
		w.written()

		client, told = parks()
		w.say(told, Ringing{})
		bob := w.user("bob", told.Asked.Number)
		w.sleep(20 * time.Millisecond)
		w.expectHears(bob, client.ID()+"/audio")
		w.expectCause(told, CauseCancelled)
		w.say(client, Gone{Cause: CauseNormal})
		w.written()
	})
}

// rungAt is what rings at a desk phone.
func (w *world) rungAt(device string) *calltest.Actor {
	w.t.Helper()
	for _, a := range w.ringing() {
		if a.To.Device == device {
			return a
		}
	}
	w.t.Fatal("the desk phone does not ring")
	return nil
}
