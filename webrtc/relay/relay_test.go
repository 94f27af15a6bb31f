package relay

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// start runs a relay to one media socket of this machine, with two allocations for each user.
func start(t *testing.T) *Relay {
	t.Helper()
	r, err := New(Config{UDP: "127.0.0.1:0", Secret: "0123456789abcdef", MaxUser: 2},
		[]*net.UDPAddr{{IP: net.IPv4(127, 0, 0, 1), Port: 9}}, "", logging.NewDefaultLoggerFactory(),
		prometheus.NewGauge(prometheus.GaugeOpts{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// allocate logs in at the relay and asks for an address.
func allocate(t *testing.T, server ICEServer) (*turn.Client, net.PacketConn, error) {
	t.Helper()
	address := strings.TrimPrefix(strings.TrimSuffix(server.URLs[0], "?transport=udp"), "turn:")
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client, err := turn.NewClient(&turn.ClientConfig{STUNServerAddr: address, TURNServerAddr: address, Conn: conn,
		Username: server.Username, Password: server.Credential, Realm: realm})
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
	_, relayed, err := allocate(t, start(t).LogIn("ann")[0])
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
	r := start(t)
	good := r.LogIn("ann")[0]
	for range 2 {
		if _, _, err := allocate(t, good); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := allocate(t, good); err == nil {
		t.Error("a third allocation was given")
	}
	for name, change := range map[string]func(*ICEServer){
		"password": func(c *ICEServer) { c.Credential = "x" },
		"expired":  func(c *ICEServer) { c.Username = "1:bob"; c.Credential = r.password("1:bob") },
		"no user":  func(c *ICEServer) { c.Username = "9999999999:"; c.Credential = r.password("9999999999:") },
		"garbage":  func(c *ICEServer) { c.Username = "bob"; c.Credential = r.password("bob") },
	} {
		bad := r.LogIn("bob")[0]
		change(&bad)
		if _, _, err := allocate(t, bad); err == nil {
			t.Errorf("%s: was let in", name)
		}
	}
}
