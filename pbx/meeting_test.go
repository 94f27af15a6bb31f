package pbx

import (
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/ledger"
)

func (w *world) joins(user string) *calltest.Actor {
	a := calltest.New(Party{Kind: Browser, User: user}, media.Opus(), media.PCMA())
	w.arrive(a, "meet:"+w.room)
	return a
}

func TestMeeting(t *testing.T) {
	play(t, func(w *world) {
		ana := w.joins("ana")
		if ana.Codec() != "opus" {
			t.Fatalf("answered with %q, hung up %q", ana.Codec(), ana.HungUp())
		}
		camera := media.NewTrack("ana/video", media.VP8(), nil)
		sound := ana.Speak()
		w.say(ana, TrackAdded{Track: camera})
		bob := w.joins("bob")
		w.expectHears(bob, sound.ID, camera.ID) // what was there before
		w.expectHears(ana)
		cal := w.joins("cal")
		cal.Speak()
		w.settle()
		w.expectHears(bob, sound.ID, camera.ID, cal.ID()+"/audio")
		w.expectHears(ana, cal.ID()+"/audio")
		if calls := w.x.Calls(); len(calls) != 1 || len(calls[0].Legs) != 3 || calls[0].Meeting != w.room ||
			calls[0].Direction != "meeting" {
			t.Errorf("%+v", calls)
		}
		w.say(ana, TrackRemoved{Track: camera})
		w.expectHears(bob, sound.ID, cal.ID()+"/audio")
		w.say(ana, Gone{Cause: CauseNormal})
		w.expectHears(bob, cal.ID()+"/audio")
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
		phone := calltest.New(Party{Kind: Outside, Trunk: w.carrier, Number: "0722123456"},
			media.Codec{Name: "G729", Clock: 8000, Channels: 1})
		w.arrive(phone, "+40311000004")
		w.expectCause(phone, CauseNoCodec)
		w.x.board.Config.MaxLegs = 1
		w.joins("ana")
		w.expectCause(w.joins("bob"), CauseOverload)
		stranger := calltest.New(Party{Kind: Outside, Trunk: w.carrier}, media.Opus())
		w.arrive(stranger, "meet:"+w.room)
		w.expectCause(stranger, CauseNotFound)
		lost := calltest.New(Party{Kind: Browser, User: "ana"}, media.Opus())
		w.arrive(lost, "meet:x")
		w.expectCause(lost, CauseNotFound)
	})
}

func TestMeetingByExtension(t *testing.T) {
	play(t, func(w *world) {
		a := calltest.New(Party{Kind: Browser, User: "ana"}, media.Opus(), media.PCMU())
		w.arrive(a, "300")
		bob := w.joins("bob")
		if calls := w.x.Calls(); a.Codec() != "PCMU" || len(calls) != 1 || len(calls[0].Legs) != 2 {
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
		sound := media.NewTrack(ana.ID()+"/audio0", media.Opus(), nil)
		w.say(ana, TrackAdded{Track: sound}, TrackAdded{Track: media.NewTrack(ana.ID()+"/video0", media.VP8(), nil)})
		client := w.outsider("+40311000004")
		if client.Codec() != "PCMA" {
			t.Fatalf("answered with %q, hung up %q", client.Codec(), client.HungUp())
		}
		client.Speak()
		desk := calltest.New(Party{Kind: Phone, User: "bob", Device: "d"}, media.G722())
		w.arrive(desk, "300")
		desk.Speak()
		w.settle()
		w.expectHears(ana, client.ID()+"/audio", desk.ID()+"/audio")
		w.expectHears(client, client.ID()+"/mix")
		w.expectHears(desk, desk.ID()+"/mix")
		if desk.Codec() != "G722" || desk.Plays()[0].Codec.Name != "G722" || client.Plays()[0].Codec.Name != "PCMA" {
			t.Errorf("the desk phone speaks %s, the client hears %s", desk.Codec(), client.Plays()[0].Codec.Name)
		}
		if v := w.last(); len(v.Legs) != 3 || v.Legs[1].Number != "+40722123456" || v.Legs[1].Kind != Outside ||
			v.Legs[2].User != "bob" {
			t.Errorf("%+v", v.Legs)
		}
		heard := &counter{}
		client.Plays()[0].Attach(heard)
		w.sleep(time.Second)
		w.say(desk, Held{On: true}) // its music would play to the meeting
		w.expectHears(ana, client.ID()+"/audio")
		w.say(desk, Held{})
		w.say(client, Digit{Key: '1'})
		w.expectHears(ana, client.ID()+"/audio", desk.ID()+"/audio")
		if heard.packets < 49 {
			t.Errorf("%d packets in a second", heard.packets)
		}
		w.say(client, Gone{Cause: CauseNormal})
		w.expectHears(client)
		w.expectHears(desk, desk.ID()+"/mix")
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
		var in []*calltest.Actor
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
		withheld := Party{Kind: Outside, Trunk: w.carrier, Number: "0722123456", Name: "Somebody", Private: true}
		phone := calltest.New(withheld)
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
