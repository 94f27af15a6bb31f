//go:build linux

package webrtc

import (
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	medianet "frontdesk/media/net"
	"frontdesk/media/net/load"
	"frontdesk/pbx"
	"frontdesk/sip/rtp"
)

// patient waits for browsers that join one after the other.
func patient(c *Config) { c.MediaTimeout = 10 * time.Minute }

// BenchmarkCalls is what a packet forwarded between a phone and a browser costs, at a number of two-way calls, and
// what such a call takes of memory, kernel not counted. Beside ours stands rtpengine in userspace, where it is
// installed, with SRTP on the same side.
func BenchmarkCalls(b *testing.B) {
	for _, calls := range []int{50, 100} {
		for _, profile := range []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_256_GCM,
			dtls.SRTP_AES128_CM_HMAC_SHA1_80} {
			var ours, theirs float64
			name := fmt.Sprint(calls, " calls of ", suites()[profile])
			b.Run(name, func(b *testing.B) {
				before, bridge := inUse(), callBridge(b)
				ours = bridged(b, calls, profile, false, os.Getpid(), bridge)
				b.ReportMetric(float64(inUse()-before)/1024/float64(calls), "KB/call")
			})
			b.Run(name+" in rtpengine", func(b *testing.B) {
				engine := load.RTPEngine(b)
				theirs = bridged(b, calls, profile, true, engine.PID, sdesBridge(b, engine, suites()[profile]))
				b.ReportMetric(ours/theirs, "ours/theirs")
			})
		}
	}
}

// suites are names of SDES (RFC 4568, RFC 7714).
func suites() map[dtls.SRTPProtectionProfile]string {
	return map[dtls.SRTPProtectionProfile]string{dtls.SRTP_AEAD_AES_256_GCM: "AEAD_AES_256_GCM",
		dtls.SRTP_AES128_CM_HMAC_SHA1_80: "AES_CM_128_HMAC_SHA1_80"}
}

// bridged measures calls of a phone and a browser, which bridge connects.
func bridged(b *testing.B, calls int, profile dtls.SRTPProtectionProfile, sdes bool, pid int,
	bridge func(i int, of ends) ends) (cost float64) {
	g := load.Start(b, "TestCallGenerator", fmt.Sprint(calls, " ", int(profile), " ", sdes))
	var all []ends
	g.Read(&all)
	for i, of := range all {
		all[i] = bridge(i, of)
	}
	g.Tell(all)
	g.Read(new(bool))
	return g.Measure(b, pid, 1)
}

// callBridge is a call of ours: a leg of the endpoint, and the stream of a SIP leg.
func callBridge(b *testing.B) func(int, ends) ends {
	network := medianet.New()
	b.Cleanup(network.Close)
	s := newStage(b, func(c *Config) { patient(c); c.Network = network })
	ports := rtp.NewPorts(network, netip.MustParseAddr("127.0.0.1"), 0, 0)
	strangers := prometheus.NewCounter(prometheus.CounterOpts{Name: "strangers"})
	return func(i int, of ends) ends {
		stream, err := ports.Open(strangers)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(stream.Close)
		stream.Digit, stream.Relay, stream.Music = func(rune) {}, func(rune) {}, func() {}
		stream.Listen()
		phone, err := rtp.Parse([]byte(fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]v\r\ns=-\r\nc=IN IP4 %[1]v\r\nt=0 0\r\n"+
			"m=audio %d RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n", of.Phone.Addr(), of.Phone.Port())))
		if err != nil {
			b.Fatal(err)
		}
		stream.Open("phone/audio", rtp.Terms{Medium: &phone.Media[0], Codec: media.PCMA(), Signal: of.Phone.Addr()})
		s.over(arriver(func(leg pbx.Leg, _ string) string {
			leg.Listen(func(e pbx.Event) {
				if added, ok := e.(pbx.TrackAdded); ok {
					added.Track.Attach(stream)
				}
			})
			leg.Answer(media.PCMA())
			leg.Play(stream.Current())
			return ""
		}))
		var out placeOut
		s.must(fmt.Sprint("u", i), "call.place", m{"to": "201", "sdp": of.SDP}, &out)
		return ends{Phone: stream.Local(), SDP: out.SDP}
	}
}

// sdesBridge is a call of rtpengine's.
func sdesBridge(b *testing.B, engine *load.Engine, suite string) func(int, ends) ends {
	crypto := regexp.MustCompile(`a=crypto:(\d+) ` + suite + ` inline:([A-Za-z0-9+/=]+)`)
	return func(_ int, of ends) (told ends) {
		told.Phone, told.Browser = engine.Bridge(of.Phone, of.Browser, "RTP/SAVP", func(offer string) string {
			line := crypto.FindStringSubmatch(offer)
			if line == nil {
				b.Fatalf("rtpengine offers %q", offer)
			}
			told.Key = line[2]
			return fmt.Sprintf("a=crypto:%s %s inline:%s\r\n", line[1], suite, of.Key)
		})
		return told
	}
}

// audience is the Arriver of a meeting of which the first legs send, and all after them watch these.
type audience struct {
	senders int
	mu      sync.Mutex
	legs    []pbx.Leg
	tracks  []*media.Track
}

func (a *audience) Arrive(leg pbx.Leg, _ string) string {
	a.mu.Lock()
	first := len(a.legs) < a.senders
	a.legs = append(a.legs, leg)
	a.mu.Unlock()
	leg.Answer(media.Opus())
	leg.Listen(func(e pbx.Event) {
		if added, ok := e.(pbx.TrackAdded); ok && first {
			a.mu.Lock()
			a.tracks = append(a.tracks, added.Track)
			a.mu.Unlock()
		}
	})
	return ""
}

// play begins the meeting.
func (a *audience) play(t testing.TB) {
	await(t, "the senders' tracks", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.tracks) == a.senders
	})
	for _, leg := range a.legs[a.senders:] {
		for _, track := range a.tracks {
			leg.Play(track)
		}
	}
}

// BenchmarkMeeting is what a packet of 1 kB costs that is forwarded to one of 40 who watch four cameras, and what one
// who watches takes of memory, kernel not counted. Beside ours stands LiveKit, where it is built.
func BenchmarkMeeting(b *testing.B) {
	const senders, listeners = 4, 40
	var ours float64
	b.Run("4 to 40", func(b *testing.B) {
		s := newStage(b, patient)
		host := &ownMeeting{stage: s, b: b, audience: &audience{senders: senders}}
		s.over(host.audience)
		ours = met(b, host, senders, listeners, os.Getpid(), false)
		b.ReportMetric(float64(inUse()-host.before)/1024/listeners, "KB/listener")
	})
	b.Run("4 to 40 in LiveKit", func(b *testing.B) {
		l := startLiveKit(b)
		host := &liveMeeting{b: b, at: l, senders: senders, guests: map[int]*liveGuest{}}
		theirs := met(b, host, senders, listeners, l.pid, true)
		b.ReportMetric(ours/theirs, "ours/theirs")
	})
}

// host is a meeting that a generator's browsers come to, by their numbers.
type host interface {
	publish(i int, offer string) (answer string)
	receive(i int) (offer string)
	answered(i int, sdp string)
}

// met measures a meeting. Some hosts show nothing without a keyframe.
func met(b *testing.B, h host, senders, listeners, pid int, keyframes bool) (cost float64) {
	g := load.Start(b, "TestMeetingGenerator", fmt.Sprint(senders, " ", listeners, " ", keyframes))
	var said, told []string
	g.Read(&said)
	for i, sdp := range said {
		told = append(told, h.publish(i, sdp))
	}
	g.Tell(told)
	g.Read(new(bool))
	told = nil
	for i := range listeners {
		told = append(told, h.receive(senders+i))
	}
	g.Tell(told)
	g.Read(&said)
	for i, sdp := range said {
		h.answered(senders+i, sdp)
	}
	g.Tell(true)
	g.Read(new(bool))
	return g.Measure(b, pid, listeners)
}

// ownMeeting is a host of ours.
type ownMeeting struct {
	*stage
	b        *testing.B
	audience *audience
	legs     []string
	begin    sync.Once
	before   uint64 // memory in use when the listeners had joined, and were played nothing
}

func (o *ownMeeting) publish(i int, offer string) (answer string) {
	var leg legSDP
	o.must(fmt.Sprint("u", i), "meet.join", m{"room": "r1", "sdp": offer}, &leg)
	o.legs = append(o.legs, leg.Leg)
	return leg.SDP
}

func (o *ownMeeting) receive(i int) string {
	o.begin.Do(func() { o.before = inUse(); o.audience.play(o.b) })
	var offer offerEvent
	await(o.b, "an offer", func() bool { return o.hub.take(fmt.Sprint("u", i), "meet.offer", &offer) })
	if len(offer.Tracks) != o.audience.senders {
		o.b.Fatalf("%d tracks are offered", len(offer.Tracks))
	}
	return offer.SDP
}

func (o *ownMeeting) answered(i int, sdp string) {
	o.must(fmt.Sprint("u", i), "meet.answer", legSDP{Leg: o.legs[i], SDP: sdp}, nil)
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
