package webrtc

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/webrtc/sfu"
)

// browser is a pion client that behaves like one.
type browser struct {
	t     testing.TB
	pc    *pion.PeerConnection
	local *pion.TrackLocalStaticRTP

	mu   sync.Mutex
	got  map[string][]rtp.Packet // by remote track id
	kind map[string]string       // codec of the last packet, by remote track id
}

// browserCodecs as Chromium lists them, with payload types of its own.
func browserCodecs(t testing.TB) *pion.MediaEngine {
	t.Helper()
	engine := &pion.MediaEngine{}
	audio := func(pt uint8, name string, clock uint32, channels uint16, fmtp string) {
		t.Helper()
		err := engine.RegisterCodec(pion.RTPCodecParameters{PayloadType: pion.PayloadType(pt),
			RTPCodecCapability: pion.RTPCodecCapability{
				MimeType: "audio/" + name, ClockRate: clock, Channels: channels, SDPFmtpLine: fmtp}},
			pion.RTPCodecTypeAudio)
		if err != nil {
			t.Fatal(err)
		}
	}
	audio(111, "opus", 48000, 2, "minptime=10;useinbandfec=1")
	audio(63, "red", 48000, 2, "111/111")
	audio(9, "G722", 8000, 0, "")
	audio(0, "PCMU", 8000, 0, "")
	audio(8, "PCMA", 8000, 0, "")
	audio(13, "CN", 8000, 0, "")
	audio(110, "telephone-event", 48000, 0, "")
	audio(126, "telephone-event", 8000, 0, "")
	video := func(pt uint8, name, fmtp string, feedback ...pion.RTCPFeedback) {
		t.Helper()
		err := engine.RegisterCodec(pion.RTPCodecParameters{PayloadType: pion.PayloadType(pt),
			RTPCodecCapability: pion.RTPCodecCapability{
				MimeType: "video/" + name, ClockRate: 90000, SDPFmtpLine: fmtp, RTCPFeedback: feedback}},
			pion.RTPCodecTypeVideo)
		if err != nil {
			t.Fatal(err)
		}
	}
	video(96, "VP8", "", pion.RTCPFeedback{Type: "nack"}, pion.RTCPFeedback{Type: "nack", Parameter: "pli"},
		pion.RTCPFeedback{Type: "transport-cc"})
	video(97, "rtx", "apt=96")
	video(98, "VP9", "profile-id=0")
	for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI,
		sfu.TransportCC} {
		if err := engine.RegisterHeaderExtension(pion.RTPHeaderExtensionCapability{URI: uri},
			pion.RTPCodecTypeVideo); err != nil {
			t.Fatal(err)
		}
	}
	return engine
}

func newBrowser(t testing.TB, registry *interceptor.Registry) *browser {
	t.Helper()
	return newBrowserOver(t, pion.NetworkTypeUDP4, registry)
}

func newBrowserOver(t testing.TB, way pion.NetworkType, registry *interceptor.Registry) *browser {
	t.Helper()
	settings := pion.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]pion.NetworkType{way})
	if err := settings.SetAnsweringDTLSRole(pion.DTLSRoleClient); err != nil { // as browsers do
		t.Fatal(err)
	}
	settings.SetICETimeouts(time.Second, 5*time.Second, 200*time.Millisecond)
	return newBrowserWith(t, settings, registry)
}

func newBrowserWith(t testing.TB, settings pion.SettingEngine, registry *interceptor.Registry) *browser {
	t.Helper()
	if registry == nil {
		registry = &interceptor.Registry{}
	}
	api := pion.NewAPI(pion.WithMediaEngine(browserCodecs(t)), pion.WithSettingEngine(settings),
		pion.WithInterceptorRegistry(registry))
	pc, err := api.NewPeerConnection(pion.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, pc: pc, got: map[string][]rtp.Packet{}, kind: map[string]string{}}
	pc.OnTrack(func(remote *pion.TrackRemote, _ *pion.RTPReceiver) { b.read(remote) })
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return b
}

func (b *browser) read(remote *pion.TrackRemote) {
	for {
		p, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		b.mu.Lock()
		b.got[remote.ID()] = append(b.got[remote.ID()], *p)
		b.kind[remote.ID()] = remote.Codec().MimeType
		b.mu.Unlock()
	}
}

// packets are those received of a remote track.
func (b *browser) packets(track string) []rtp.Packet {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]rtp.Packet(nil), b.got[track]...)
}

func (b *browser) addAudio(mime string, clock uint32) {
	b.t.Helper()
	b.local = b.add(pion.RTPCodecCapability{MimeType: mime, ClockRate: clock}, "mic",
		pion.RTPTransceiverDirectionSendrecv)
}

func (b *browser) add(codec pion.RTPCodecCapability, id string,
	direction pion.RTPTransceiverDirection) *pion.TrackLocalStaticRTP {
	b.t.Helper()
	if codec.MimeType == "audio/opus" {
		codec.Channels = 2
	}
	track, err := pion.NewTrackLocalStaticRTP(codec, id, "me")
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.pc.AddTransceiverFromTrack(track, pion.RTPTransceiverInit{Direction: direction}); err != nil {
		b.t.Fatal(err)
	}
	return track
}

// offer is a complete one.
func (b *browser) offer() string {
	b.t.Helper()
	desc, err := b.pc.CreateOffer(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.set(desc)
}

func (b *browser) set(desc pion.SessionDescription) string {
	b.t.Helper()
	done := pion.GatheringCompletePromise(b.pc)
	if err := b.pc.SetLocalDescription(desc); err != nil {
		b.t.Fatal(err)
	}
	<-done
	return b.pc.LocalDescription().SDP
}

func (b *browser) answered(sdp string) {
	b.t.Helper()
	if err := b.pc.SetRemoteDescription(pion.SessionDescription{Type: pion.SDPTypeAnswer, SDP: sdp}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) answer(sdp string) string {
	b.t.Helper()
	if err := b.pc.SetRemoteDescription(pion.SessionDescription{Type: pion.SDPTypeOffer, SDP: sdp}); err != nil {
		b.t.Fatal(err)
	}
	desc, err := b.pc.CreateAnswer(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.set(desc)
}

func (b *browser) awaitConnected() {
	b.t.Helper()
	await(b.t, "ICE and DTLS", func() bool { return b.pc.ConnectionState() == pion.PeerConnectionStateConnected })
}

// speak sends a packet every 20 ms, the payload being fill, until the test ends or the returned function is called.
func (b *browser) speak(track *pion.TrackLocalStaticRTP, step uint32, fill byte) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		p := rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 65530, Timestamp: 1000},
			Payload: make([]byte, 160)}
		for i := range p.Payload {
			p.Payload[i] = fill
		}
		for {
			select {
			case <-tick.C:
			case <-quit:
				return
			}
			_ = track.WriteRTP(&p)
			p.SequenceNumber++
			p.Timestamp += step
		}
	}()
	stop = sync.OnceFunc(func() { close(quit); <-done })
	b.t.Cleanup(stop)
	return stop
}

// firstCodec is the codec named first in the audio line of an SDP.
func firstCodec(t testing.TB, sdp string) string {
	t.Helper()
	names := codecNames(t, sdp)
	if len(names) == 0 {
		t.Fatal("no codec in", sdp)
	}
	return names[0]
}

func codecNames(t testing.TB, text string) (names []string) {
	t.Helper()
	var desc sdp.SessionDescription
	if err := desc.UnmarshalString(text); err != nil {
		t.Fatal(err, text)
	}
	for _, f := range parseFormats(desc.MediaDescriptions[0]) {
		names = append(names, strings.ToLower(f.Name))
	}
	return names
}

// ear is a sink that keeps what it hears.
type ear struct {
	mu   sync.Mutex
	got  []media.Packet
	fill map[byte]int // packets by their first payload byte
}

func (e *ear) WriteRTP(p *media.Packet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	copied := *p
	copied.Payload = append([]byte(nil), p.Payload...)
	e.got = append(e.got, copied)
	if e.fill == nil {
		e.fill = map[byte]int{}
	}
	if len(p.Payload) > 0 && !p.Event {
		e.fill[p.Payload[0]]++
	}
}

func (e *ear) heard(fill byte) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.fill[fill]
}

func (e *ear) events() (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.got {
		if p.Event {
			n++
		}
	}
	return n
}
