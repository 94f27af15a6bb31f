package pbx

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/media"
)

// Who has a call wait on his desk phone dials the code that parks, hears the slot's number in his language, and by
// transferring parks the call in that very slot; whoever hangs up instead leaves no slot taken.
func TestParkedByDeskPhone(t *testing.T) {
	playEach(t, func(w *world) {
		ctx := context.Background()
		w.x.board.Hooks.Language = func(context.Context, string) string { return "ru" }
		said := w.spoken()
		before := newActor(Party{Kind: Phone, User: "cal"}, media.PCMA())
		w.arrive(before, "*68") // takes slot 1
		client, ana := w.talk()
		w.say(ana, Held{On: true})
		desk := newActor(Party{Kind: Phone, User: "ana", Device: w.desk}, media.PCMA())
		w.arrive(desk, "*68")
		w.expectHears(desk, desk.id+"/prompt")
		w.sleep(500 * time.Millisecond)
		if now := said(); len(now) < 2 || now[0] != "ru/1" || now[len(now)-1] != "ru/2" {
			t.Errorf("said %q", now)
		}
		var told result
		w.say(ana, TransferAsked{With: desk.id, Done: told.done})
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
		w.expectHears(bob, client.id+"/audio")
		w.say(client, Gone{Cause: CauseNormal})
		w.written()
		if _, err := w.x.board.Ledger.Parked(ctx, 2); !errors.Is(err, ErrNotFound) {
			t.Errorf("the slot is taken still: %v", err)
		}
	})
}
