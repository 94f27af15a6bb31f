package pbx

import (
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
)

func TestMediaLost(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.say(ana, Gone{Cause: CauseMediaLost})
		w.expectCause(caller, CauseMediaLost)
		w.ended("answered", CauseMediaLost)
	})
}

// Who is held in a G.722 call hears the music too.
func TestHoldInG722(t *testing.T) {
	play(t, func(w *world) {
		caller := calltest.New(Party{Kind: Phone, User: "bob", Device: "d"}, media.G722())
		w.arrive(caller, "103")
		cal := w.rung()
		w.say(cal, Answered{Codec: media.G722()}, Held{On: true})
		w.expectHears(caller, "music/G722")
		heard := &counter{}
		caller.Plays()[0].Attach(heard)
		w.sleep(time.Second)
		caller.Plays()[0].Detach(heard)
		if heard.packets < 49 {
			t.Errorf("%d packets in a second", heard.packets)
		}
	})
}

// Two browsers that talk opus: who is on hold hears the music of phones, which a browser takes beside.
func TestHoldOfBrowsers(t *testing.T) {
	play(t, func(w *world) {
		caller := calltest.New(Party{Kind: Browser, User: "bob"}, media.Opus())
		w.arrive(caller, "103")
		cal := w.rung()
		w.say(cal, Ringing{}, Answered{Codec: media.Opus()}, Held{On: true})
		w.expectHears(caller, "music/PCMA")
		heard := &counter{}
		caller.Plays()[0].Attach(heard)
		w.sleep(time.Second)
		caller.Plays()[0].Detach(heard)
		if heard.packets < 49 {
			t.Errorf("%d packets in a second", heard.packets)
		}
	})
}

func TestHold(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.say(ana, Held{On: true})
		w.expectHears(caller, "music/PCMA")
		w.expectHears(ana)
		if v := w.last(); !v.Legs[1].Held || v.Legs[0].Held {
			t.Errorf("%+v", v.Legs)
		}
		w.say(ana, Held{On: true, Music: true}) // her own
		w.expectHears(caller, ana.ID()+"/audio")
		w.expectHears(ana)
		w.say(ana, Held{}, Held{On: true})
		w.expectHears(caller, "music/PCMA")
		w.say(caller, Held{On: true}) // both
		w.expectHears(caller)
		w.say(caller, Held{})
		w.say(ana, Held{})
		w.expectHears(caller, ana.ID()+"/audio")
		w.expectHears(ana, caller.ID()+"/audio")
		w.say(ana, Held{On: true}, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
		w.expectHears(caller)
	})
}

func TestShownStates(t *testing.T) {
	play(t, func(w *world) {
		_, ana := w.talk()
		camera := media.NewTrack("cam", media.VP8(), nil)
		w.say(ana, Muted{Kind: media.Audio, On: true}, TrackAdded{Track: camera})
		if leg := w.last().Legs[1]; !leg.Muted || !leg.Camera || leg.User != "ana" || leg.State != call.LegActive {
			t.Errorf("%+v", leg)
		}
		w.say(ana, Muted{Kind: media.Audio, On: false}, Muted{Kind: media.Video, On: true})
		if leg := w.last().Legs[1]; leg.Muted || leg.Camera {
			t.Errorf("%+v", leg)
		}
		w.say(ana, Muted{Kind: media.Video, On: false}, TrackRemoved{Track: camera})
		if leg := w.last().Legs[1]; leg.Camera {
			t.Errorf("%+v", leg)
		}
	})
}

// A click on the dial pad reaches the other side as a telephone-event in the sound; a key that is there already isn't
// doubled.
func TestDigit(t *testing.T) {
	play(t, func(w *world) {
		caller, ana := w.talk()
		w.say(ana, Digit{Key: '5', InBand: true})
		before := caller.Plays()[0]
		w.say(ana, Digit{Key: '7'})
		if caller.Plays()[0] == before {
			t.Fatal("the key is not in the sound")
		}
		var heard keyListener
		caller.Plays()[0].Attach(&heard)
		p := media.Packet{Payload: make([]byte, 160)}
		for range 20 {
			before.WriteRTP(&p)
			p.Header.SequenceNumber++
			p.Header.Timestamp += 160
		}
		if heard.keys != "7" {
			t.Errorf("heard %q", heard.keys)
		}
	})
}

type keyListener struct {
	d    media.Detector
	keys string
}

func (k *keyListener) WriteRTP(p *media.Packet) {
	if key, ok := k.d.Detect(p); ok {
		k.keys += string(key)
	}
}
