package pbx

import (
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/ledger"
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
		w.say(ana, TrackAdded{Track: camera})
		bob := w.joins("bob")
		w.expectHears(bob, sound.ID, camera.ID) // what was there before
		w.expectHears(ana)
		cal := w.joins("cal")
		cal.speak()
		w.settle()
		w.expectHears(bob, sound.ID, camera.ID, cal.id+"/audio")
		w.expectHears(ana, cal.id+"/audio")
		if calls := w.x.Calls(); len(calls) != 1 || len(calls[0].Legs) != 3 || calls[0].Meeting != w.room ||
			calls[0].Direction != "meeting" {
			t.Errorf("%+v", calls)
		}
		w.say(ana, TrackRemoved{Track: camera})
		w.expectHears(bob, sound.ID, cal.id+"/audio")
		w.say(ana, Gone{Cause: CauseNormal})
		w.expectHears(bob, cal.id+"/audio")
		w.expectCause(bob, CauseNone)
		w.say(bob, Gone{Cause: CauseNormal})
		w.say(cal, Gone{Cause: CauseMediaLost})
		if len(w.x.Calls()) != 1 {
			t.Error("the meeting ended at once")
		}
		back := w.joins("cal") // within the linger
		w.sleep(time.Minute)
		if len(w.x.Calls()) != 1 {
			t.Error("the meeting ended with somebody in it")
		}
		w.say(back, Gone{Cause: CauseNormal})
		w.sleep(6 * time.Second)
		if r := w.ended("answered", CauseNormal); r.Ended.Sub(r.Started) != time.Minute {
			t.Errorf("it lasted %v: the wait for somebody to come back is no part of it", r.Ended.Sub(r.Started))
		} else if !slices.Equal(r.Users, []string{"ana", "bob", "cal"}) || r.Direction != "meeting" ||
			r.To != "Standup" || r.Meeting != w.room {
			t.Errorf("%+v", r)
		}
	})
}

func TestMeetingRefusals(t *testing.T) {
	play(t, func(w *world) {
		phone := newActor(Party{Kind: Outside, Trunk: w.carrier, Number: "0722123456"},
			media.Codec{Name: "G729", Clock: 8000, Channels: 1})
		w.arrive(phone, "+40311000004")
		w.expectCause(phone, CauseNoCodec)
		w.x.board.Config.MaxLegs = 1
		w.joins("ana")
		w.expectCause(w.joins("bob"), CauseOverload)
		stranger := newActor(Party{Kind: Outside, Trunk: w.carrier}, media.Opus())
		w.arrive(stranger, "meet:"+w.room)
		w.expectCause(stranger, CauseNotFound)
		lost := newActor(Party{Kind: Browser, User: "ana"}, media.Opus())
		w.arrive(lost, "meet:x")
		w.expectCause(lost, CauseNotFound)
	})
}

func TestMeetingByExtension(t *testing.T) {
	play(t, func(w *world) {
		a := newActor(Party{Kind: Browser, User: "ana"}, media.Opus(), media.PCMU())
		w.arrive(a, "300")
		bob := w.joins("bob")
		if calls := w.x.Calls(); a.codec != "PCMU" || len(calls) != 1 || len(calls[0].Legs) != 2 {
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

// Who comes in by phone hears one line, the sum of all others, and is heard by them as they are.
func TestPhonesInAMeeting(t *testing.T) {
	play(t, func(w *world) {
		ana := w.joins("ana")
		sound := media.NewTrack(ana.id+"/audio0", media.Opus(), nil)
		w.say(ana, TrackAdded{Track: sound}, TrackAdded{Track: media.NewTrack(ana.id+"/video0", media.VP8(), nil)})
		client := w.outsider("+40311000004")
		if client.codec != "PCMA" {
			t.Fatalf("answered with %q, hung up %q", client.codec, client.hungUp())
		}
		client.speak()
		desk := newActor(Party{Kind: Phone, User: "bob", Device: "d"}, media.G722())
		w.arrive(desk, "300")
		desk.speak()
		w.settle()
		w.expectHears(ana, client.id+"/audio", desk.id+"/audio")
		w.expectHears(client, client.id+"/mix")
		w.expectHears(desk, desk.id+"/mix")
		if desk.codec != "G722" || desk.plays[0].Codec.Name != "G722" || client.plays[0].Codec.Name != "PCMA" {
			t.Errorf("the desk phone speaks %s, the client hears %s", desk.codec, client.plays[0].Codec.Name)
		}
		if v := w.last(); len(v.Legs) != 3 || v.Legs[1].Number != "+40722123456" || v.Legs[1].Kind != Outside ||
			v.Legs[2].User != "bob" {
			t.Errorf("%+v", v.Legs)
		}
		heard := &counter{}
		client.plays[0].Attach(heard)
		w.sleep(time.Second)
		w.say(desk, Held{On: true}) // its music would play to the meeting
		w.expectHears(ana, client.id+"/audio")
		w.say(desk, Held{})
		w.say(client, Digit{Key: '1'})
		w.expectHears(ana, client.id+"/audio", desk.id+"/audio")
		if heard.packets < 49 {
			t.Errorf("%d packets in a second", heard.packets)
		}
		w.say(client, Gone{Cause: CauseNormal})
		w.expectHears(client)
		w.expectHears(desk, desk.id+"/mix")
		w.say(ana, Gone{Cause: CauseNormal})
		w.say(desk, Gone{Cause: CauseNormal})
		w.sleep(6 * time.Second)
		if r := w.ended("answered", CauseNormal); !slices.Equal(r.Users, []string{"ana", "bob"}) ||
			!slices.Equal(r.Guests, []ledger.Guest{{Number: "+40722123456"}}) {
			t.Errorf("%+v", r)
		}
	})
}

// counter counts what a phone is played.
type counter struct{ packets int }

func (l *counter) WriteRTP(*media.Packet) { l.packets++ }

// Phones that come in through a trunk count against its limit until they leave.
func TestMeetingTakesTheTrunksLines(t *testing.T) {
	play(t, func(w *world) {
		var in []*actor
		for range 3 {
			in = append(in, w.outsider("+40311000004"))
		}
		w.expectCause(w.outsider("+40311000004"), CauseOverload)
		w.say(in[0], Gone{Cause: CauseNormal})
		w.expectCause(w.outsider("+40311000004"), CauseNone)
	})
}

// While a phone is the only one inside the meeting goes on, and a withheld number stays withheld.
func TestPhoneAloneInAMeeting(t *testing.T) {
	play(t, func(w *world) {
		phone := newActor(Party{Kind: Outside, Trunk: w.carrier, Number: "0722123456", Name: "Somebody", Private: true})
		w.arrive(phone, "+40311000004")
		w.sleep(time.Minute)
		if v := w.last(); v.State != call.StateAnswered || v.Legs[0].Number != "" || v.Legs[0].Name != "" {
			t.Errorf("%+v", v)
		}
		w.say(phone, Gone{Cause: CauseNormal})
		w.sleep(6 * time.Second)
		w.ended("answered", CauseNormal)
	})
}
