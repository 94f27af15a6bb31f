package pbx

import (
	"context"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/meeting"
)

// knocks tells what becomes of a knock, and who then is shown to wait.
func (w *world) knocks(user string, over bool) (Cause, []string) {
	w.t.Helper()
	cause := w.x.Knock(w.room, user, over)
	w.settle()
	return cause, w.last().Knocks
}

func (w *world) wantKnocks(user string, want Cause, waiting ...string) {
	w.t.Helper()
	if cause, now := w.knocks(user, false); cause != want || !slices.Equal(now, waiting) {
		w.t.Errorf("%s knocks: %q, %q wait; want %q, %q", user, cause, now, want, waiting)
	}
}

// Who is not invited does not come in by himself; those inside see him wait until he is let in, turned away, or goes.
func TestKnock(t *testing.T) {
	play(t, func(w *world) {
		if c := w.x.Knock(w.room, "dan", false); c != CauseNotFound {
			t.Errorf("nobody is inside: %q", c)
		}
		w.expectCause(w.joins("dan"), CauseForbidden)
		desk := calltest.New(Party{Kind: Phone, User: "dan"}, media.PCMA())
		w.arrive(desk, "meet:"+w.room)
		w.expectCause(desk, CauseForbidden)
		ana := w.joins("ana")
		w.wantKnocks("dan", CauseNone, "dan")
		w.wantKnocks("eve", CauseNone, "dan", "eve")
		w.wantKnocks("dan", CauseNone, "dan", "eve")
		w.say(ana, KnockAnswered{User: "dan"})
		w.wantKnocks("dan", CauseDeclined, "eve")
		if _, now := w.knocks("dan", true); !slices.Equal(now, []string{"eve"}) {
			t.Errorf("%q wait", now)
		}
		w.sleep(meeting.KnockLasts - time.Second)
		w.wantKnocks("fay", CauseNone, "eve", "fay")
		w.sleep(2 * time.Second) // eve went without a word
		if now := w.last().Knocks; !slices.Equal(now, []string{"fay"}) {
			t.Errorf("%q wait", now)
		}
		if _, now := w.knocks("fay", true); len(now) > 0 {
			t.Errorf("%q wait", now)
		}
		w.sleep(meeting.TurnedAway)
		w.wantKnocks("dan", CauseNone, "dan")
		must(t, w.dir.Invite(context.Background(), w.room, "dan"))
		w.say(ana, KnockAnswered{User: "dan", Admit: true})
		if now := w.last().Knocks; len(now) > 0 {
			t.Errorf("%q wait", now)
		}
		dan := w.joins("dan")
		if dan.Codec() != "opus" {
			t.Fatalf("let in, and hung up with %q", dan.HungUp())
		}
		w.x.PutOut(w.room, "dan")
		w.settle()
		w.expectCause(dan, CauseForbidden)
		w.expectCause(ana, CauseNone)
		w.say(ana, Gone{Cause: CauseNormal})
		if c := w.x.Knock(w.room, "eve", false); c != CauseNotFound {
			t.Errorf("all have left: %q", c)
		}
	})
}

// Many who knock are not shown all, and those who were turned away wait a while, whatever they do.
func TestKnockFlood(t *testing.T) {
	play(t, func(w *world) {
		ana := w.joins("ana")
		views := len(w.views)
		for range 50 {
			w.wantKnocks("dan", CauseNone, "dan")
		}
		if more := len(w.views) - views; more != 1 {
			t.Errorf("%d views for one who knocks on", more)
		}
		for i := 1; i < meeting.MaxKnocks; i++ {
			if c, _ := w.knocks("user"+string(rune('a'+i)), false); c != CauseNone {
				t.Fatal(c)
			}
		}
		if c, now := w.knocks("late", false); c != CauseOverload || len(now) != meeting.MaxKnocks {
			t.Errorf("%q, %d wait", c, len(now))
		}
		w.say(ana, KnockAnswered{User: "dan"})
		if c, _ := w.knocks("dan", true); c != CauseDeclined {
			t.Errorf("he takes back his knock to be forgotten: %q", c)
		}
		if c, now := w.knocks("late", false); c != CauseNone || len(now) != meeting.MaxKnocks ||
			now[meeting.MaxKnocks-1] != "late" {
			t.Errorf("%q, %q", c, now)
		}
	})
}

// Who is put out while he comes in does not stay, though he was not inside yet when it was done; nor is anybody in a
// meeting that was removed in that moment.
func TestPutOutWhileComingIn(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(w *world)
		want Cause
	}{
		"put out": {func(w *world) {
			must(w.t, w.dir.ChangeMeeting(context.Background(), w.room,
				directory.MeetingChange{People: []string{"cal"}}))
		}, CauseForbidden},
		"removed": {func(w *world) { must(w.t, w.dir.DeleteMeeting(context.Background(), w.room)) }, CauseNotFound},
		"invited": {func(*world) {}, CauseNone},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(w *world) {
				room := directory.Meeting{Title: "Review", Owner: "ana", People: []string{"bob"}}
				must(t, w.dir.CreateMeeting(context.Background(), &room))
				w.room = room.ID
				bob, in := w.joins("bob"), dialplan.Inbound{Direction: "meeting",
					Party: Party{Kind: Browser, User: "bob"}}
				test.do(w)
				w.x.stillComesTo(meeting.Joining{Leg: bob, In: in}, w.room)
				w.settle()
				w.expectCause(bob, test.want)
				w.sleep(w.x.board.Config.Linger + time.Second)
				if inside := len(w.x.Calls()) > 0; inside != (test.want == CauseNone) {
					t.Errorf("the meeting goes on: %v", inside)
				}
			})
		})
	}
}
