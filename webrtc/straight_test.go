package webrtc

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pion/dtls/v3"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/pbx"
)

// straight tells whether packets of (in), or to (out), some browser take the short way, past pion.
func (s *stage) straight(direction string) bool {
	return s.count("frontdesk_webrtc_straight", direction) > 0
}

// The keys are the browser's whatever it agrees on in the handshake, and also when its numbers go round at once; both
// are heard, each packet once; and what was known of a browser is forgotten with its call.
func TestStraight(t *testing.T) {
	for _, profile := range []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AEAD_AES_128_GCM,
		dtls.SRTP_AES128_CM_HMAC_SHA1_80} {
		for _, suite := range []dtls.CipherSuiteID{dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
			dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256} {
			t.Run(fmt.Sprint(profile, " ", suite), func(t *testing.T) { speaksStraight(t, profile, suite) })
		}
	}
}

func speaksStraight(t *testing.T, profile dtls.SRTPProtectionProfile, suite dtls.CipherSuiteID) {
	s := newStage(t, nil)
	settings := pion.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]pion.NetworkType{pion.NetworkTypeUDP4})
	settings.SetSRTPProtectionProfiles(profile)
	settings.SetDTLSCipherSuites(suite)
	b := newBrowserWith(t, settings, nil)
	b.addAudio("audio/PCMA", 8000)
	var out placeOut
	s.must("ann", "call.place", m{"to": "201", "sdp": b.offer()}, &out)
	b.answered(out.SDP)
	h := s.desk.last()
	h.leg.Answer(media.PCMA())
	e := &ear{}
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(e)
	h.leg.Play(awaitEvent[pbx.TrackAdded](t, h).Track) // hears itself
	b.speak(b.local, 160, 7)
	await(t, "packets without pion", func() bool { return s.straight("in") && e.heard(7) > 50 })
	await(t, "itself", func() bool { return len(b.packets(out.Leg)) > 10 })
	await(t, "packets to the browser without pion", func() bool { return s.straight("out") })
	heard := len(b.packets(out.Leg))
	await(t, "more of itself", func() bool { return len(b.packets(out.Leg)) > heard+10 })
	var numbers []uint16
	e.mu.Lock()
	for _, p := range e.got {
		numbers = append(numbers, p.Header.SequenceNumber)
	}
	e.mu.Unlock()
	if slices.Sort(numbers); len(slices.Compact(numbers)) != len(numbers) {
		t.Error("packets came twice")
	}
	h.leg.Hangup(pbx.CauseNormal)
	await(t, "the browser to be forgotten", func() bool { return !s.straight("in") && !s.straight("out") })
}
