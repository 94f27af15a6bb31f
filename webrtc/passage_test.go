package webrtc

import (
	"sync/atomic"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	pion "github.com/pion/webrtc/v4"
)

// What a browser sends into a meeting does not go through pion, and is reported to it nevertheless: what came of all
// that it sends, and of each stream.
func TestStraightIsReported(t *testing.T) {
	s := newMeetStage(t)
	registry := &interceptor.Registry{}
	numbers, err := twcc.NewHeaderExtensionInterceptor()
	if err != nil {
		t.Fatal(err)
	}
	registry.Add(numbers)
	b := newBrowser(t, registry)
	video := b.add(pion.RTPCodecCapability{MimeType: "video/VP8", ClockRate: 90000}, "cam",
		pion.RTPTransceiverDirectionSendonly)
	var out legSDP
	s.must("ann", "meet.join", m{"room": "r1", "sdp": b.offer()}, &out)
	b.answered(out.SDP)
	var came, newest atomic.Int64
	go func() {
		for {
			packets, _, err := b.pc.GetSenders()[0].ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range packets {
				switch p := p.(type) {
				case *rtcp.TransportLayerCC:
					came.Add(int64(len(p.RecvDeltas)))
				case *rtcp.ReceiverReport:
					for _, r := range p.Reports {
						newest.Store(int64(r.LastSequenceNumber))
					}
				}
			}
		}
	}()
	b.speak(video, 1800, 1)
	await(t, "packets without pion", func() bool { return s.straight("in") })
	before, first := came.Load(), newest.Load()
	await(t, "reports of them", func() bool { return came.Load() > before+100 && newest.Load() > first+60 })
}
