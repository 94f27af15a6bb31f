package webrtc

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/turn/v5"
	pion "github.com/pion/webrtc/v4"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/pbx"
)

func withRelay(c *Config) {
	c.TURN = TURNConfig{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Secret: "0123456789abcdef", MaxUser: 2}
}

// TestCallThroughRelay: a browser that may only use the relay.
func TestCallThroughRelay(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		// pion waits two seconds before it uses a relay
		s := newStage(t, func(c *Config) { withRelay(c); c.MediaTimeout = 10 * time.Second })
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

// allocate logs in at the relay and asks for an address.
func allocate(t *testing.T, s *stage, server ICEServer) (*turn.Client, net.PacketConn, error) {
	t.Helper()
	address := strings.TrimPrefix(strings.TrimSuffix(server.URLs[0], "?transport=udp"), "turn:")
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client, err := turn.NewClient(&turn.ClientConfig{STUNServerAddr: address, TURNServerAddr: address, Conn: conn,
		Username: server.Username, Password: server.Credential, Realm: turnRealm})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	if err := client.Listen(); err != nil {
		t.Fatal(err)
	}
	relayed, err := client.Allocate()
	if err == nil {
		t.Cleanup(func() { _ = relayed.Close() })
	}
	return client, relayed, err
}

func TestRelayReachesOnlyMedia(t *testing.T) {
	s := newStage(t, withRelay)
	_, relayed, err := allocate(t, s, s.ICEServers("ann")[0])
	if err != nil {
		t.Fatal(err)
	}
	victim, err := net.ListenPacket("udp", "127.0.0.1:0") // an IP that is permitted, a port that is not
	if err != nil {
		t.Fatal(err)
	}
	defer victim.Close()
	if _, err := relayed.WriteTo([]byte("hello"), victim.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	_ = victim.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, _, err := victim.ReadFrom(make([]byte, 10)); err == nil {
		t.Errorf("%d bytes got through to a port that is not ours", n)
	}
	for _, peer := range []string{"127.0.0.9:80", "10.0.0.1:80", "169.254.169.254:80", "8.8.8.8:53"} {
		addr, _ := net.ResolveUDPAddr("udp", peer)
		if _, err := relayed.WriteTo([]byte("hello"), addr); err == nil {
			t.Errorf("a permission for %s was given", peer)
		}
	}
}

func TestRelayQuotaAndLogin(t *testing.T) {
	s := newStage(t, withRelay)
	good := s.ICEServers("ann")[0]
	for range 2 {
		if _, _, err := allocate(t, s, good); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := allocate(t, s, good); err == nil {
		t.Error("a third allocation was given")
	}
	for name, change := range map[string]func(*ICEServer){
		"password": func(c *ICEServer) { c.Credential = "x" },
		"expired":  func(c *ICEServer) { c.Username = "1:bob"; c.Credential = s.relay.password("1:bob") },
		"no user":  func(c *ICEServer) { c.Username = "9999999999:"; c.Credential = s.relay.password("9999999999:") },
		"garbage":  func(c *ICEServer) { c.Username = "bob"; c.Credential = s.relay.password("bob") },
	} {
		bad := s.ICEServers("bob")[0]
		change(&bad)
		if _, _, err := allocate(t, s, bad); err == nil {
			t.Errorf("%s: was let in", name)
		}
	}
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
		"secret":      func(c *Config) { c.TURN = TURNConfig{UDP: "127.0.0.1:0", Secret: "short"} },
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
