package webrtc

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/pbx"
)

// phone is the far side of a call: a track it sends, and what it hears.
type phone struct {
	track *media.Track
	ear   ear
	stop  func()
}

func newPhone(t testing.TB, codec media.Codec, fill byte) *phone {
	p := &phone{track: media.NewTrack("phone/audio", codec, nil)}
	quit, done := make(chan struct{}), make(chan struct{})
	go p.talk(quit, done, fill)
	p.stop = func() { close(quit); <-done }
	t.Cleanup(p.stop)
	return p
}

func (p *phone) talk(quit, done chan struct{}, fill byte) {
	defer close(done)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	packet := media.Packet{Header: rtp.Header{Version: 2, PayloadType: 77, SequenceNumber: 100, SSRC: 4711},
		Payload: make([]byte, 160)}
	for i := range packet.Payload {
		packet.Payload[i] = fill
	}
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
			p.track.WriteRTP(&packet)
			packet.Header.SequenceNumber++
			packet.Header.Timestamp += 160
		}
	}
}

// ring dials ann and lets her browser answer.
func ring(t *testing.T, s *stage, codecs ...media.Codec) (*heard, legEvent) {
	t.Helper()
	s.hub.set("ann", true)
	leg, err := s.Dial(context.Background(), pbx.Target{User: "ann"}, pbx.Request{Call: "c1", Codecs: codecs})
	if err != nil {
		t.Fatal(err)
	}
	var rung legEvent
	await(t, "call.leg", func() bool { return s.hub.take("ann", "call.leg", &rung) })
	h := listenTo(leg)
	awaitEvent[pbx.Ringing](t, h)
	if rung.Call != "c1" || rung.Leg != leg.ID() || s.LegsOf("ann")["c1"] != leg.ID() {
		t.Fatalf("rung %+v, legs %v", rung, s.LegsOf("ann"))
	}
	return h, rung
}

func answerCall(t *testing.T, s *stage, leg, mime string, clock uint32) (*browser, string) {
	t.Helper()
	b := newBrowser(t, nil)
	b.addAudio(mime, clock)
	var out sdpOut
	s.must("ann", "call.answer", m{"leg": leg, "sdp": b.offer()}, &out)
	b.answered(out.SDP)
	b.awaitConnected()
	return b, out.SDP
}

func TestAnsweredCall(t *testing.T) {
	s := newStage(t, nil)
	h, rung := ring(t, s, media.PCMA(), media.PCMU())
	b, sdp := answerCall(t, s, rung.Leg, "audio/PCMA", 8000)
	if names := codecNames(t, sdp); len(names) != 2 || names[0] != "pcma" || names[1] != "telephone-event" {
		t.Errorf("answered with %v", names)
	}
	if codec := awaitEvent[pbx.Answered](t, h).Codec; !codec.Is(media.PCMA()) || codec.Kind() != media.Audio {
		t.Errorf("answered event with %v", codec)
	}
	far := newPhone(t, media.PCMA(), 0x11)
	h.leg.Play(far.track)
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(&far.ear)
	b.speak(b.local, 160, 0x22)
	await(t, "sound to the phone", func() bool { return far.ear.heard(0x22) > 10 })
	await(t, "sound to the browser", func() bool { return len(b.packets(rung.Leg)) > 10 })
	if p := b.packets(rung.Leg)[5]; p.PayloadType != 8 || p.Payload[0] != 0x11 {
		t.Errorf("the browser got payload type %d, %x", p.PayloadType, p.Payload[0])
	}
	if code := s.do("ann", "call.answer", m{"leg": rung.Leg, "sdp": b.offer()}, nil); code != CodeTaken {
		t.Errorf("second answer: %q", code)
	}
	s.must("ann", "call.hangup", m{"leg": rung.Leg}, nil)
	if gone := awaitEvent[pbx.Gone](t, h); gone.Cause != pbx.CauseNormal {
		t.Errorf("gone for %q", gone.Cause)
	}
	h.leg.Hangup(pbx.CauseFailed)
	if code := s.do("ann", "call.hangup", m{"leg": rung.Leg}, nil); code != CodeNotFound {
		t.Errorf("second hangup: %q", code)
	}
}

func TestCodecIsTheCallers(t *testing.T) {
	for _, test := range []struct {
		caller []media.Codec
		want   string
	}{
		{[]media.Codec{media.PCMU(), media.PCMA()}, "pcmu"},
		{[]media.Codec{media.G722(), media.PCMA()}, "g722"},
		{[]media.Codec{media.Opus()}, "opus"},
		{nil, "pcma"},
		{[]media.Codec{{Name: "GSM", Clock: 8000, Channels: 1}}, ""},
	} {
		s := newStage(t, nil)
		_, rung := ring(t, s, test.caller...)
		b := newBrowser(t, nil)
		b.addAudio("audio/opus", 48000)
		var out sdpOut
		code := s.do("ann", "call.answer", m{"leg": rung.Leg, "sdp": b.offer()}, &out)
		switch {
		case test.want == "" && code != CodeNoCodec:
			t.Errorf("%v: %q", test.caller, code)
		case test.want != "" && (code != "" || firstCodec(t, out.SDP) != test.want):
			t.Errorf("%v: %q %s", test.caller, code, out.SDP)
		case test.want == "opus" && !slices.Equal(codecNames(t, out.SDP)[:2], []string{"opus", "pcma"}):
			t.Errorf("no codec for music: %s", out.SDP)
		}
	}
}

// place lets ann call 201.
func place(t *testing.T, s *stage, mime string, clock uint32) (*browser, placeOut, *heard) {
	t.Helper()
	s.hub.set("ann", true)
	b := newBrowser(t, nil)
	b.addAudio(mime, clock)
	var out placeOut
	s.must("ann", "call.place", m{"to": "201", "sdp": b.offer()}, &out)
	b.answered(out.SDP)
	h := s.desk.last()
	if h.dialled != "201" || out.Call != "call-"+out.Leg || h.leg.ID() != out.Leg {
		t.Fatalf("arrived %+v as %+v", h, out)
	}
	return b, out, h
}

func TestPlacedCall(t *testing.T) {
	s := newStage(t, nil)
	b, out, h := place(t, s, "audio/PCMA", 8000)
	if names := codecNames(t, out.SDP); names[0] != "pcma" || names[1] != "pcmu" || names[2] != "g722" ||
		names[3] != "opus" {
		t.Errorf("answered with %v", names)
	}
	b.awaitConnected() // before anybody answered
	h.leg.Ring(true)
	var ringing ringEvent
	if !s.hub.take("ann", "call.ring", &ringing) || !ringing.Early {
		t.Error("no call.ring")
	}
	early := newPhone(t, media.PCMU(), 0x33)
	h.leg.Play(early.track)
	await(t, "early media", func() bool { return len(b.packets(out.Leg)) > 3 })
	if p := b.packets(out.Leg)[0]; p.PayloadType != 0 {
		t.Errorf("early media as payload type %d", p.PayloadType)
	}
	h.leg.Answer(media.PCMA())
	b.speak(b.local, 160, 0x44)
	far := newPhone(t, media.PCMA(), 0x55)
	h.leg.Play(far.track)
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(&far.ear)
	await(t, "sound to the phone", func() bool { return far.ear.heard(0x44) > 5 })
	if s.hub.take("ann", "call.reoffer", nil) {
		t.Error("reoffer without need")
	}
	checkContinuous(t, b, out.Leg)
}

// checkContinuous: one SSRC, no hole and no repetition in what the browser got.
func checkContinuous(t *testing.T, b *browser, track string) {
	t.Helper()
	before := len(b.packets(track))
	await(t, "more packets", func() bool { return len(b.packets(track)) > before+5 })
	list := b.packets(track)
	for i, p := range list[1:] {
		if p.SequenceNumber != list[i].SequenceNumber+1 || p.SSRC != list[0].SSRC {
			t.Fatalf("packet %d: number %d after %d", i+1, p.SequenceNumber, list[i].SequenceNumber)
		}
	}
}

func count[E pbx.Event](h *heard) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if _, is := e.(E); is {
			n++
		}
	}
	return n
}

func TestDigits(t *testing.T) {
	s := newStage(t, nil)
	h, rung := ring(t, s, media.PCMA())
	b, _ := answerCall(t, s, rung.Leg, "audio/PCMA", 8000)
	var listener ear
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(&listener)
	stop := b.speak(b.local, 160, 0x22)
	await(t, "sound", func() bool { return listener.heard(0x22) > 2 })

	s.must("ann", "call.digit", m{"leg": rung.Leg, "key": "5", "sent": true}, nil)
	if d := awaitEvent[pbx.Digit](t, h); d.Key != '5' || !d.InBand {
		t.Errorf("digit %+v", d)
	}
	s.must("ann", "call.digit", m{"leg": rung.Leg, "key": "#"}, nil)
	await(t, "the key", func() bool { d, _ := find[pbx.Digit](h); return d.Key == '#' && !d.InBand })
	stop()
	browserKey(t, b)
	await(t, "an event of the browser's", func() bool { return listener.events() > 0 })
	if count[pbx.Digit](h) != 2 {
		t.Error("a browser's own event was told as a digit: its operation does")
	}
	for _, key := range []string{"", "x", "55", "E"} {
		if code := s.do("ann", "call.digit", m{"leg": rung.Leg, "key": key}, nil); code != CodeBadRequest {
			t.Errorf("key %q: %q", key, code)
		}
	}
}

// browserKey sends a telephone-event under the browser's payload type, as RTCDTMFSender does.
func browserKey(t *testing.T, b *browser) {
	t.Helper()
	sender := b.pc.GetSenders()[0]
	ssrc := uint32(sender.GetParameters().Encodings[0].SSRC)
	event := keyTrack{TrackLocalStaticRTP: b.local}
	if err := sender.ReplaceTrack(&event); err != nil {
		t.Fatal(err)
	}
	h := rtp.Header{Version: 2, PayloadType: 126, SSRC: ssrc, SequenceNumber: 2000, Timestamp: 9}
	if _, err := event.out.WriteRTP(&h, []byte{7, 10, 0, 160}); err != nil {
		t.Fatal(err)
	}
}

// keyTrack keeps the payload types it is given.
type keyTrack struct {
	*pion.TrackLocalStaticRTP
	out pion.TrackLocalWriter
}

func (k *keyTrack) Bind(ctx pion.TrackLocalContext) (pion.RTPCodecParameters, error) {
	k.out = ctx.WriteStream()
	return k.TrackLocalStaticRTP.Bind(ctx)
}

func TestEventToBrowser(t *testing.T) {
	s := newStage(t, nil)
	h, rung := ring(t, s, media.PCMA())
	b, _ := answerCall(t, s, rung.Leg, "audio/PCMA", 8000)
	track := media.NewTrack("phone/audio", media.PCMA(), nil)
	h.leg.Play(track)
	await(t, "the event", func() bool { // what is sent before the browser is connected is lost
		track.WriteRTP(&media.Packet{Header: rtp.Header{Version: 2, PayloadType: 101}, Payload: []byte{1, 10, 0, 160},
			Event: true})
		return len(b.packets(rung.Leg)) > 0
	})
	if p := b.packets(rung.Leg)[0]; p.PayloadType != 126 {
		t.Errorf("event under payload type %d", p.PayloadType)
	}
}

func TestHoldMuteTransfer(t *testing.T) {
	s := newStage(t, nil)
	_, out, h := place(t, s, "audio/PCMA", 8000)
	s.must("ann", "call.hold", m{"leg": out.Leg, "on": true}, nil)
	s.must("ann", "call.mute", m{"leg": out.Leg, "kind": "audio", "on": true}, nil)
	if !awaitEvent[pbx.Held](t, h).On || awaitEvent[pbx.Muted](t, h) != (pbx.Muted{Kind: media.Audio, On: true}) {
		t.Error("hold or mute were not told")
	}
	go func() { awaitEvent[pbx.TransferAsked](t, h).Done(pbx.CauseNone) }()
	s.must("ann", "call.transfer", m{"leg": out.Leg, "to": "202"}, nil)
}
