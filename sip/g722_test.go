package sip

import (
	"context"
	"math"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// Two phones that speak only G.722 get through to each other, hold each other with music, and meet in a room with one
// that speaks G.711; all but that one hear tones that G.711 can't carry.
func TestBaresipInG722(t *testing.T) {
	if testing.Short() {
		t.Skip("real phones take some seconds")
	}
	const low, high = 5200, 6100 // Hz
	b := newOffice(t, nil)
	one, two := b.extension("201", "secret-one"), b.extension("202", "secret-two")
	b.extension("203", "secret-three")
	a := startBaresip(t, b.addr("udp"), "udp", "201", "secret-one", low, "G722/16000/1")
	z := startBaresip(t, b.addr("udp"), "udp", "202", "secret-two", high, "G722/16000/1")
	eventually(t, "both registered", func() bool { return registered(b, one)() && registered(b, two)() })

	t.Run("hold", func(t *testing.T) {
		a.say("/dial 202")
		b.talk(t, 2)
		eventually(t, "201 is heard", func() bool { return newest(z.heard(), low) > 0.9 })
		a.say("/hold")
		eventually(t, "202 hears music for a second", func() bool {
			pcm := z.heard()
			music := newest(pcm, low) < 0.1
			for range 10 {
				at := max(0, len(pcm)-media.Rate/10)
				music = music && level(pcm[at:]) > -50
				pcm = pcm[:at]
			}
			return music
		})
		a.say("/resume")
		eventually(t, "201 is heard again", func() bool { return newest(z.heard(), low) > 0.9 })
		eventually(t, "202 is heard again", func() bool { return newest(a.heard(), high) > 0.9 })
		a.say("/hangup")
		eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
	})
	t.Run("meeting", func(t *testing.T) {
		room := directory.Meeting{Title: "Round", Owner: one.User}
		if err := b.dir.CreateMeeting(t.Context(), &room); err != nil {
			t.Fatal(err)
		}
		if err := b.dir.SaveExtension(t.Context(),
			&dialplan.Extension{Number: "300",
				Destination: dialplan.Destination{Kind: "meeting", Meeting: room.ID}}); err != nil {
			t.Fatal(err)
		}
		a.say("/dial 300")
		z.say("/dial 300")
		b.talk(t, 2)
		eventually(t, "201 hears 202", func() bool { return newest(a.heard(), high) > 0.9 })
		eventually(t, "202 hears 201", func() bool { return newest(z.heard(), low) > 0.9 })
		narrow, heard := make(chan Result, 1), &pitch{}
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		go func() {
			res, err := PlaceCall(ctx, CallOptions{Server: b.addr("udp"), From: "203", To: "300", User: "203",
				Password: "secret-three",
				Codecs:   []media.Codec{media.PCMU()}, Duration: time.Minute, Hear: heard.hear, Log: testLog(t)}, nil)
			if err != nil {
				t.Error(err)
			}
			narrow <- res
		}()
		eventually(t, "201 hears the phone with G.711 beside 202",
			func() bool { pcm := a.heard(); return newest(pcm, 440) > 0.2 && newest(pcm, high) > 0.2 })
		before := heard.samples()
		eventually(t, "that one hears a second more", func() bool { return heard.samples() >= before+media.Rate })
		hangUp()
		if res := <-narrow; res.Codec != "PCMU" || res.Packets < 50 || res.Level > -40 {
			t.Errorf("%+v: it was to hear nothing of the high tones", res)
		}
		a.say("/hangup")
		z.say("/hangup")
		eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
	})
}

// talk waits for a call of so many parties.
func (b *bed) talk(t *testing.T, parties int) {
	t.Helper()
	eventually(t, "the call is up", func() bool {
		calls := b.exchange.Calls()
		return len(calls) == 1 && calls[0].State == "answered" && len(calls[0].Legs) == parties
	})
}

// newest is the share of a tone in the last half second heard.
func newest(pcm []int16, hertz float64) float64 {
	const window = media.Rate / 2
	if len(pcm) < window {
		return 0
	}
	return windowShare(pcm[len(pcm)-window:], hertz)
}

// level in dB of full scale.
func level(pcm []int16) float64 {
	energy := 1e-9
	for _, s := range pcm {
		energy += float64(s) * float64(s)
	}
	return 10 * math.Log10(energy/float64(max(1, len(pcm)))/(math.MaxInt16*math.MaxInt16))
}
