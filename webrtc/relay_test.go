package webrtc

import (
	"log/slog"
	"strings"
	"testing"

	pion "github.com/pion/webrtc/v4"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/webrtc/relay"
)

func withRelay(c *Config) {
	c.TURN = relay.Config{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Secret: "0123456789abcdef", MaxUser: 2}
}

// TestCallThroughRelay: a browser that may only use the relay.
func TestCallThroughRelay(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		// pion waits two seconds before it uses a relay
		s := newStage(t, withRelay)
		h, rung := ring(t, s, media.PCMA())
		b := newBrowser(t, nil)
		servers := s.ICEServers("ann")
		config := pion.Configuration{ICETransportPolicy: pion.ICETransportPolicyRelay}
		for _, url := range servers[0].URLs {
			if strings.HasSuffix(url, network) {
				config.ICEServers = []pion.ICEServer{{URLs: []string{url}, Username: servers[0].Username,
					Credential: servers[0].Credential}}
			}
		}
		if err := b.pc.SetConfiguration(config); err != nil {
			t.Fatal(err)
		}
		b.addAudio("audio/PCMA", 8000)
		var out sdpOut
		s.must("ann", "call.answer", m{"leg": rung.Leg, "sdp": b.offer()}, &out)
		b.answered(out.SDP)
		b.awaitConnected()
		var far ear
		awaitEvent[pbx.TrackAdded](t, h).Track.Attach(&far)
		b.speak(b.local, 160, 0x22)
		await(t, "sound over "+network, func() bool { return far.heard(0x22) > 5 })
		_ = b.pc.GracefulClose()
	}
}

func TestNoRelay(t *testing.T) {
	if list := newStage(t, nil).ICEServers("ann"); list == nil || len(list) != 0 {
		t.Errorf("without a relay: %v", list)
	}
}

// TestTCP: a browser whose network blocks UDP.
func TestTCP(t *testing.T) {
	s := newStage(t, func(c *Config) { c.TCP = "127.0.0.1:0" })
	h, rung := ring(t, s, media.PCMA())
	settings := pion.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]pion.NetworkType{pion.NetworkTypeTCP4})
	b := newBrowserWith(t, settings, nil)
	b.addAudio("audio/PCMA", 8000)
	var out sdpOut
	s.must("ann", "call.answer", m{"leg": rung.Leg, "sdp": b.offer()}, &out)
	b.answered(out.SDP)
	b.awaitConnected()
	var far ear
	awaitEvent[pbx.TrackAdded](t, h).Track.Attach(&far)
	b.speak(b.local, 160, 0x22)
	await(t, "sound over TCP", func() bool { return far.heard(0x22) > 5 })
}

func TestConfig(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"unspecified": func(c *Config) { c.UDP = []string{"0.0.0.0:4000"} },
		"no port":     func(c *Config) { c.UDP = []string{"127.0.0.1"} },
		"external":    func(c *Config) { c.ExternalIP = "example.com" },
		"codec":       func(c *Config) { c.Codecs = []string{"GSM"} },
		"secret":      func(c *Config) { c.TURN = relay.Config{UDP: "127.0.0.1:0", Secret: "short"} },
		"relay":       func(c *Config) { withRelay(c); c.TURN.UDP, c.TURN.TCP = "0.0.0.0:0", "" },
	} {
		c := Config{}
		change(&c)
		if e, err := New(c, &hub{}, slog.New(slog.DiscardHandler), prometheus.NewRegistry()); err == nil {
			t.Errorf("%s: accepted", name)
			_ = e.Close()
		}
	}
}
