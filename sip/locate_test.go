package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
	"frontdesk/store/storetest"
)

// nameServer is a name server with the records given as dnsmasq options; everything else does not exist.
func nameServer(t testing.TB, records ...string) *net.Resolver {
	t.Helper()
	port := storetest.FreePort(t, "127.0.0.1")
	args := append([]string{"--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--local=/#/",
		"--bind-interfaces", "--listen-address=127.0.0.1", "--user=", "--group=",
		"--pid-file=" + filepath.Join(t.TempDir(), "pid"), fmt.Sprint("--port=", port)}, records...)
	server := exec.Command("dnsmasq", args...)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, fmt.Sprint("127.0.0.1:", port))
	}}
	eventually(t, "the name server answers", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := r.LookupHost(ctx, "up.test")
		return err == nil
	})
	return r
}

func portOf(w *wire) string {
	_, port, _ := net.SplitHostPort(w.to)
	return port
}

// SRV records in the order of their priority, all of their addresses, and the addresses that calls may come from.
func TestServersOfATrunk(t *testing.T) {
	r := nameServer(t, "--address=/up.test/127.0.0.1", "--address=/a.test/127.0.0.11", "--address=/b.test/127.0.0.12",
		"--address=/plain.test/127.0.0.14",
		"--srv-host=_sip._udp.carrier.test,b.test,5070,20,5", "--srv-host=_sip._udp.carrier.test,a.test,5080,10,5",
		"--srv-host=_sip._tcp.carrier.test,up.test,5060,10,5")
	b := newBed(t, func(c *Config) { c.Resolver = r }, nil)
	ctx := context.Background()
	for _, test := range []struct {
		host string
		want []string
	}{
		{"carrier.test", []string{"udp:127.0.0.11:5080", "udp:127.0.0.12:5070"}},
		{"carrier.test:5090", nil}, // a port means the host itself (RFC 3263 §4.2)
		{"plain.test", []string{"udp:127.0.0.14:5060"}},
		{"a.test:5099", []string{"udp:127.0.0.11:5099"}},
		{"192.0.2.7", []string{"udp:192.0.2.7:5060"}},
		{"nowhere.test", nil},
	} {
		targets, err := b.server.Locate(ctx, test.host, "UDP")
		var got []string
		for _, p := range stack.InOrder(targets) {
			got = append(got, p.String())
		}
		if !slices.Equal(got, test.want) || (err == nil) != (test.want != nil) {
			t.Errorf("%s: %v, %v", test.host, got, err)
		}
	}
	line := b.server.trunks.NewTrunk(ctx, directory.Trunk{ID: "x", Host: "carrier.test", Transport: "udp",
		Allow: []string{"10.1.0.0/16"}})
	for addr, want := range map[string]bool{"127.0.0.11": true, "127.0.0.12": true, "127.0.0.1": true, "10.1.2.3": true,
		"127.0.0.14": false} {
		if line.Admits(netip.MustParseAddr(addr)) != want {
			t.Errorf("calls from %s: %v", addr, !want)
		}
	}
}

// NAPTR records name the services, by order and preference (RFC 3263 §4.1); the chosen transport counts, unless the
// peer has another one alone.
func TestServersByNAPTR(t *testing.T) {
	r := nameServer(t, "--address=/up.test/127.0.0.1", "--address=/a.test/127.0.0.11", "--address=/b.test/127.0.0.12",
		"--address=/c.test/127.0.0.13", "--address=/sips.test/127.0.0.66",
		"--naptr-record=carrier.test,20,10,s,SIP+D2U,,_sip._udp.second.test",
		"--naptr-record=carrier.test,10,20,s,SIP+D2T,,_sip._tcp.first.test",
		"--naptr-record=carrier.test,10,10,S,sip+d2u,,_sip._udp.first.test",
		"--naptr-record=carrier.test,1,1,s,SIPS+D2T,,_sips._tcp.first.test",
		"--naptr-record=tcponly.test,10,10,s,SIP+D2T,,_sip._tcp.first.test",
		"--naptr-record=stale.test,10,10,s,SIP+D2U,,_sip._udp.nowhere.test",
		"--naptr-record=other.test,10,10,u,E2U+sip,!.*!sip:x@y!",
		"--srv-host=_sip._udp.first.test,a.test,5070,10,5", "--srv-host=_sip._udp.second.test,b.test,5080,10,5",
		"--srv-host=_sip._tcp.first.test,c.test,5090,10,5",
		"--srv-host=_sips._tcp.first.test,sips.test,5061,10,5", "--srv-host=_sip._udp.carrier.test,sips.test,5060,10,5",
		"--srv-host=_sip._udp.stale.test,b.test,5065,10,5",
		"--address=/other.test/127.0.0.14")
	b := newBed(t, func(c *Config) { c.Resolver = r }, nil)
	for _, test := range []struct{ host, transport, want string }{
		{"carrier.test", "UDP", "udp:127.0.0.11:5070"},
		{"carrier.test", "TCP", "tcp:127.0.0.13:5090"},
		{"tcponly.test", "UDP", "tcp:127.0.0.13:5090"},
		{"stale.test", "UDP", "udp:127.0.0.12:5065"},
		{"other.test", "UDP", "udp:127.0.0.14:5060"},
		{"carrier.test:5095", "UDP", ""}, // a port means the host itself
	} {
		targets, _ := b.server.Locate(context.Background(), test.host, test.transport)
		got := ""
		for _, p := range stack.InOrder(targets) {
			got += p.String()
		}
		if got != test.want {
			t.Errorf("%s over %s: %q, not %q", test.host, test.transport, got, test.want)
		}
	}
	line := b.server.trunks.NewTrunk(context.Background(),
		directory.Trunk{ID: "x", Host: "carrier.test", Transport: "udp"})
	for addr, want := range map[string]bool{"127.0.0.11": true, "127.0.0.12": true, "127.0.0.13": true,
		"127.0.0.14": false} {
		if line.Admits(netip.MustParseAddr(addr)) != want {
			t.Errorf("calls from %s: %v", addr, !want)
		}
	}
}

// A server that answers 503, one that is not there and one that is silent are passed over for the next, within one
// call; the next call begins with the one that works.
func TestNextServer(t *testing.T) {
	overloaded, silent, works := newPeer(t, "127.0.0.21"), newPeer(t, "127.0.0.22"), newPeer(t, "127.0.0.23")
	r := nameServer(t, "--address=/up.test/127.0.0.1", "--address=/one.test/127.0.0.21",
		"--address=/two.test/127.0.0.22", "--address=/three.test/127.0.0.23",
		"--srv-host=_sip._udp.carrier.test,one.test,"+portOf(overloaded)+",10,5",
		"--srv-host=_sip._udp.carrier.test,two.test,"+portOf(silent)+",20,5",
		"--srv-host=_sip._udp.carrier.test,three.test,"+portOf(works)+",30,5")
	b := newBed(t, func(c *Config) { c.Resolver, c.nextPlace = r, 300*time.Millisecond }, nil,
		directory.Trunk{Name: "x", Kind: dialplan.Carrier, Host: "carrier.test", Transport: "udp"})
	for _, p := range []*wire{overloaded, silent, works} {
		p.open(b)
	}
	g := b.call("100")
	overloaded.reply(overloaded.get("INVITE sip:100@carrier.test "), "503 Service Unavailable", "", "")
	overloaded.get("ACK")
	late := silent.get("INVITE")
	invite := works.get("INVITE")
	works.reply(invite, "200 OK", "", offer)
	expect[pbx.Answered](t, g)
	works.get("ACK")
	silent.reply(late, "180 Ringing", "", "") // after all: it shall not ring on
	cancel := silent.get("CANCEL")
	silent.reply(cancel, "200 OK", "", "")
	silent.reply(late, "487 Request Terminated", "", "")
	g.Hangup(pbx.CauseNormal)
	works.reply(works.get("BYE"), "200 OK", "", "")
	second := b.call("101")
	works.reply(works.get("INVITE sip:101@"), "486 Busy Here", "", "")
	works.get("ACK")
	if e := expect[pbx.Gone](t, second); e.Cause != pbx.CauseBusy {
		t.Errorf("gone: %s", e.Cause)
	}
}

// A trunk none of whose servers answers is given up as soon as that is plain, not after the 32 s of a transaction.
func TestSilentTrunk(t *testing.T) {
	peer := newPeer(t, "127.0.0.1")
	b := newBed(t, func(c *Config) { c.nextPlace = 300 * time.Millisecond }, nil,
		directory.Trunk{Name: "x", Kind: dialplan.PBX, Host: peer.to, Transport: "udp"})
	peer.open(b)
	g := b.call("100")
	if e := expect[pbx.Gone](t, g); e.Cause != pbx.CauseUnavailable {
		t.Errorf("gone: %s", e.Cause)
	}
	late := peer.get("INVITE")
	peer.reply(late, "200 OK", "", offer) // nobody is there any more
	peer.get("ACK")
	peer.reply(peer.get("BYE"), "200 OK", "", "")
}

// A trunk that answers no OPTIONS is known to be down; it is up again with the first answer.
func TestTrunkDown(t *testing.T) {
	peer := newPeer(t, "127.0.0.1")
	b := newBed(t, func(c *Config) { c.nextPlace, c.Ping = 200*time.Millisecond, 50*time.Millisecond }, nil,
		directory.Trunk{Name: "x", Kind: dialplan.PBX, Host: peer.to, Transport: "udp"})
	id := b.trunk().ID
	eventually(t, "the trunk is down", func() bool { return b.server.Down(id) })
	peer.open(b)
	peer.reply(peer.get("OPTIONS"), "404 Not Found", "", "")
	eventually(t, "the trunk is up", func() bool { return !b.server.Down(id) })
}
