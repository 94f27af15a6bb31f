package pbx

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/store"
)

// wantTold checks the events told so far, each as "type user,user".
func (w *world) wantTold(want ...string) {
	w.t.Helper()
	w.written()
	log := store.NewEventLog(w.db, slog.New(slog.DiscardHandler))
	_, err := log.Number(context.Background())
	must(w.t, err)
	events, _, err := log.After(context.Background(), 0)
	must(w.t, err)
	var got []string
	for _, e := range events {
		got = append(got, e.Type+" "+strings.Join(e.For, ","))
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("told %q, want %q", got, want)
	}
}

// A call is told as it rings, is answered and ends, each once, to those whom it concerns; one that rings nobody only
// ends.
func TestCallIsTold(t *testing.T) {
	playEach(t, func(w *world) {
		caller := w.outsider("+40311000001")
		ana := w.rung()
		w.wantTold("call.ringing ana")
		w.say(ana, Ringing{}, Answered{Codec: media.PCMA()})
		w.wantTold("call.ringing ana", "call.answered ana")
		w.say(ana, TransferAsked{To: "102", Done: func(Cause) {}})
		w.say(w.ringing()[0], Answered{Codec: media.PCMA()})
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
		w.wantTold("call.ringing ana", "call.answered ana", "call.ended ana,bob")
	})
	playEach(t, func(w *world) {
		w.online["bob"] = false
		w.user("ana", "102")
		w.wantTold("call.ended ana")
	})
}

// A meeting is told as it starts and ends, and who comes and leaves, to those inside.
func TestMeetingIsTold(t *testing.T) {
	playEach(t, func(w *world) {
		ana := w.joins("ana")
		bob := w.joins("bob")
		w.outsider("+40311000004")
		w.say(bob, Gone{Cause: CauseNormal})
		want := []string{"meeting.started ana", "meeting.joined ana", "meeting.joined ana,bob",
			"meeting.joined ana,bob", "meeting.left ana,bob"}
		w.wantTold(want...)
		must(t, w.x.Hangup(w.last().Call))
		w.settle()
		w.wantTold(append(want, "meeting.left ana", "meeting.left ", "meeting.ended ana,bob")...)
		w.expectCause(ana, CauseNormal)
	})
}
