package pbx

import (
	"bytes"
	"context"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/voicemail"
	"frontdesk/store/blob"
)

// left are messages in ana's box, each of 3 s: the first is the oldest.
func (w *world) left(messages *voicemail.Messages, from ...string) {
	w.t.Helper()
	boxes, err := w.dir.Boxes(context.Background())
	must(w.t, err)
	for i, number := range from {
		must(w.t, messages.Keep(context.Background(),
			voicemail.Message{ID: "m" + number, Box: boxes[0].ID, Call: "c" + number,
				From: number, At: time.Now().Add(time.Duration(i) * time.Minute), Seconds: 3},
			bytes.NewReader(audio.WAV(make([]int16, 3*media.Rate), media.Rate))))
	}
}

// Ana hears her messages on her phone, the newest first, deletes one, and calls back who left the other: the call is
// one to the outside then, by its rules. Who has no box is told so.
func TestMessagesAreHeard(t *testing.T) {
	playEach(t, func(w *world) {
		messages := w.leaves()
		w.left(messages, "+40722000001", "+40722000002")
		ana := w.user("ana", "*97")
		w.sleep(time.Second)
		w.expectHears(ana, ana.ID()+"/prompt")
		if ana.Codec() != "PCMA" {
			t.Fatal("not answered")
		}
		w.say(ana, Digit{Key: '3'})
		w.sleep(time.Second)
		w.expectHears(ana, ana.ID()+"/prompt")
		list, err := messages.List(context.Background(), "ana")
		if err != nil || len(list) != 1 || list[0].From != "+40722000001" || !list[0].Heard {
			t.Fatalf("%+v, %v", list, err)
		}
		w.say(ana, Digit{Key: '1'})
		w.sleep(time.Second)
		w.expectHears(ana, ana.ID()+"/prompt")
		w.say(ana, Digit{Key: '4'})
		line := w.rung()
		if line.To.Trunk != w.carrier || line.To.Number != "+40722000001" {
			t.Fatalf("called back at %+v", line.To)
		}
		w.say(line, Answered{Codec: media.PCMA()})
		w.say(ana, Gone{Cause: CauseNormal})
		if r := w.ended("answered", CauseNormal); r.Direction != "out" || r.To != "+40722000001" {
			t.Errorf("%+v", r)
		}
	})
	play(t, func(w *world) {
		w.leaves()
		bob := w.user("bob", "*97")
		w.sleep(time.Second)
		w.expectCause(bob, CauseNotFound)
	})
}

// Who has heard all is told so and hung up; keys that mean nothing do nothing.
func TestMessagesEnd(t *testing.T) {
	play(t, func(w *world) {
		w.left(w.leaves(), "+40722000001")
		ana := w.user("ana", "*97")
		w.sleep(time.Second)
		w.say(ana, Digit{Key: '9'}, Digit{Key: '2'})
		w.sleep(time.Second)
		w.expectHears(ana, ana.ID()+"/prompt")
		w.say(ana, Digit{Key: '2'}, Digit{Key: '4'})
		w.sleep(10 * time.Second)
		w.expectCause(ana, CauseNormal)
	})
}

// Ana records what her callers hear: anew when it did not please her, and it counts once she keeps it.
func TestGreetingByPhone(t *testing.T) {
	playEach(t, func(w *world) {
		w.leaves()
		blobs, err := blob.Open(t.TempDir())
		must(t, err)
		said := prompts.New(prompts.Config{}, w.db, blobs)
		w.x.board.Config.Prompts, w.x.board.Config.Prompt = said, said.Sound
		ana := w.user("ana", "*98")
		sound := ana.Speak()
		for _, then := range []rune{'2', '1'} {
			w.sleep(10 * time.Second) // what to do, and the tone
			w.talks(sound, 500, 2)
			w.say(ana, Digit{Key: '#'})
			w.sleep(time.Second)
			w.expectHears(ana, ana.ID()+"/prompt")
			w.say(ana, Digit{Key: then})
		}
		w.sleep(10 * time.Second)
		w.expectCause(ana, CauseNormal)
		all, err := said.List(context.Background())
		boxes, failed := w.dir.Boxes(context.Background())
		if err != nil || failed != nil || len(all) != 1 || boxes[0].Greeting != all[0].ID || all[0].Seconds < 1.9 {
			t.Errorf("%+v, %+v, %v, %v", all, boxes, err, failed)
		}
	})
}

// The greeting of a box that several share is changed by phone by who keeps it alone; nobody does unless an
// administrator named him.
func TestWhoMayGreet(t *testing.T) {
	playEach(t, func(w *world) {
		blobs, err := blob.Open(t.TempDir())
		must(t, err)
		said := prompts.New(prompts.Config{}, w.db, blobs)
		w.x.board.Config.Prompts, w.x.board.Config.Prompt = said, said.Sound
		box := dialplan.VoicemailBox{Name: "Sales", Users: []string{"ana", "bob"}, Language: "en"}
		must(t, w.dir.SaveBox(context.Background(), &box))
		dials := func(user string, may bool) {
			t.Helper()
			caller := w.user(user, "*98")
			w.sleep(time.Second)
			if !may {
				w.expectCause(caller, CauseForbidden)
				return
			}
			w.expectHears(caller, caller.ID()+"/prompt")
			w.say(caller, Gone{Cause: CauseNormal})
		}
		dials("ana", false)
		dials("bob", false)
		box.Keeper = "bob"
		must(t, w.dir.SaveBox(context.Background(), &box))
		dials("ana", false)
		dials("bob", true)
		box.Keeper = "zoe"
		if err := w.dir.SaveBox(context.Background(), &box); err == nil {
			t.Error("somebody else keeps the box")
		}
		own := dialplan.VoicemailBox{Name: "Ana", Users: []string{"ana"}, Language: "en"}
		must(t, w.dir.SaveBox(context.Background(), &own))
		dials("ana", true)
	})
}

// Who is busy has his callers leave a message; not in the box of somebody else.
func TestForwardedToABox(t *testing.T) {
	play(t, func(w *world) {
		w.leaves()
		boxes, err := w.dir.Boxes(context.Background())
		must(t, err)
		to := &dialplan.Forward{Kind: "voicemail", Box: boxes[0].ID}
		w.handles("ana", dialplan.Handling{DND: true, Busy: to})
		if err := w.dir.SaveHandling(context.Background(), "bob", &dialplan.Handling{Always: to}); err == nil {
			t.Error("bob's calls go to ana's box")
		}
		caller := w.outsider("+40311000001")
		w.sleep(time.Second)
		w.expectHears(caller, caller.ID()+"/prompt")
		w.say(caller, Gone{Cause: CauseNormal})
		w.wantSteps(w.ended("missed", CauseCancelled).ID, "personal [ana] 0s do_not_disturb",
			"voicemail [] 1s cancelled")
	})
}
