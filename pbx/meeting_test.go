package pbx

import (
	"slices"
	"testing"
	"time"

	"frontdesk/media"
)

func (w *world) joins(user string) *actor {
	a := newActor(Party{Kind: Browser, User: user}, media.Opus(), media.PCMA())
	w.arrive(a, "meet:"+w.room)
	return a
}

func TestMeeting(t *testing.T) {
	play(t, func(w *world) {
		ana := w.joins("ana")
		if ana.codec != "opus" {
			t.Fatalf("answered with %q, hung up %q", ana.codec, ana.hungUp())
		}
		camera := media.NewTrack("ana/video", media.VP8(), nil)
		sound := ana.speak()
		w.say(ana, TrackAdded{camera})
		bob := w.joins("bob")
		w.expectHears(bob, sound.ID, camera.ID) // what was there before
		w.expectHears(ana)
		cal := w.joins("cal")
		cal.speak()
		w.settle()
		w.expectHears(bob, sound.ID, camera.ID, cal.id+"/audio")
		w.expectHears(ana, cal.id+"/audio")
		if calls := w.x.Calls(); len(calls) != 1 || len(calls[0].Legs) != 3 || calls[0].Meeting != w.room || calls[0].Direction != "meeting" {
			t.Errorf("%+v", calls)
		}
		w.say(ana, TrackRemoved{camera})
		w.expectHears(bob, sound.ID, cal.id+"/audio")
		w.say(ana, Gone{CauseNormal})
		w.expectHears(bob, cal.id+"/audio")
		w.expectCause(bob, CauseNone)
		w.say(bob, Gone{CauseNormal})
		w.say(cal, Gone{CauseMediaLost})
		if len(w.x.Calls()) != 1 {
			t.Error("the meeting ended at once")
		}
		back := w.joins("cal") // within the linger
		w.sleep(time.Minute)
		if len(w.x.Calls()) != 1 {
			t.Error("the meeting ended with somebody in it")
		}
		w.say(back, Gone{CauseNormal})
		w.sleep(6 * time.Second)
		if r := w.ended("answered", CauseNormal); r.Ended.Sub(r.Started) != time.Minute {
			t.Errorf("it lasted %v: the wait for somebody to come back is no part of it", r.Ended.Sub(r.Started))
		} else if !slices.Equal(r.Users, []string{"ana", "bob", "cal"}) || r.Direction != "meeting" || r.To != "Standup" || r.Meeting != w.room {
			t.Errorf("%+v", r)
		}
	})
}

func TestMeetingRefusals(t *testing.T) {
	play(t, func(w *world) {
		phone := w.outsider("+40311000004")
		w.expectCause(phone, CauseNoCodec)
		w.x.config.MaxLegs = 1
		w.joins("ana")
		w.expectCause(w.joins("bob"), CauseOverload)
		stranger := newActor(Party{Kind: Line, Trunk: w.carrier}, media.Opus())
		w.arrive(stranger, "meet:"+w.room)
		w.expectCause(stranger, CauseNotFound)
	})
}

func TestMeetingByExtension(t *testing.T) {
	play(t, func(w *world) {
		a := newActor(Party{Kind: Browser, User: "ana"}, media.Opus())
		w.arrive(a, "300")
		bob := w.joins("bob")
		if calls := w.x.Calls(); a.codec != "opus" || len(calls) != 1 || len(calls[0].Legs) != 2 {
			t.Errorf("%+v", calls)
		}
		if err := w.x.Hangup(w.last().Call); err != nil {
			t.Error(err)
		}
		w.settle()
		w.expectCause(a, CauseNormal)
		w.expectCause(bob, CauseNormal)
	})
}
