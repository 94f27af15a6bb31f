package pbx

import (
	"testing"

	"frontdesk/media"
	"frontdesk/store"
)

// What a call costs the database while it lasts: a transaction each for its record, for the channel of a trunk with a
// limit, for whom it rings together with what is told of that, for the answer, and for the end with all that it leaves.
func TestWhatACallCosts(t *testing.T) {
	playEach(t, func(w *world) {
		before := w.db.Commits(store.Calls)
		costs := func(what string, want int64) {
			t.Helper()
			w.written()
			now := w.db.Commits(store.Calls)
			if now-before != want {
				t.Errorf("%s: %d transactions, want %d", what, now-before, want)
			}
			before = now
		}
		caller := w.outsider("+40311000001")
		ana := w.rung()
		costs("the call rings", 3)
		w.say(ana, Ringing{}, Answered{Codec: media.PCMA()})
		costs("it is answered", 1)
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
		costs("it ends", 1)
	})
}
