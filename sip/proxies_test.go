package sip

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/guard"
	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
)

// carrier is a trunk with an address that nobody in a test can send from.
func carrier() directory.Trunk {
	return directory.Trunk{Name: "carrier", Kind: dialplan.Carrier, Host: "198.51.100.7:5060", Transport: "udp"}
}

// behind writes a second Via, as a proxy leaves it of the one it got a message from.
func behind(message, via string) string {
	return strings.Replace(message, "From: ", "Via: "+via+"\nFrom: ", 1)
}

const fromCarrier = "SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK-c;received=198.51.100.7;rport=5060"

func trusting(c *Config) { c.Proxies = []string{"127.0.0.0/8"} }

// A call that our proxy brings belongs to the trunk that the proxy got it from.
func TestTrunkBehindProxy(t *testing.T) {
	for name, test := range map[string]struct {
		edit   func(*Config)
		via    string
		answer string
	}{
		"received":        {trusting, fromCarrier, "SIP/2.0 486"},
		"sent-by alone":   {trusting, "SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK-c", "SIP/2.0 486"},
		"two proxies":     {trusting, "SIP/2.0/UDP 127.0.0.9;branch=z9hG4bK-p\nVia: " + fromCarrier, "SIP/2.0 486"},
		"another address": {trusting, "SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK-c;received=203.0.113.1;rport=5060", "SIP/2.0 401"},
		"below another":   {trusting, "SIP/2.0/UDP 203.0.113.1;branch=z9hG4bK-p\nVia: " + fromCarrier, "SIP/2.0 401"},
		"forged":          {nil, fromCarrier, "SIP/2.0 401"},
		"other proxies":   {func(c *Config) { c.Proxies = []string{"192.0.2.1"} }, fromCarrier, "SIP/2.0 401"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, test.edit, func(g *guest) { g.Hangup(pbx.CauseBusy) }, carrier())
			w := newWire(t, b.addr("udp"))
			w.send(behind(request("INVITE", "sip:100@{there}", "", "i", 1, "", offer), test.via))
			if got := w.get(test.answer); !strings.Contains(got, test.via[:20]) {
				t.Errorf("the answer lost a Via:\n%s", got)
			}
		})
	}
}

// Who guesses passwords through the proxy is slowed down, and told to the other nodes; the proxy and those behind it go
// on.
func TestGuesserBehindProxy(t *testing.T) {
	var mu sync.Mutex
	var told []guard.Outcome
	b := newBed(t, func(c *Config) {
		trusting(c)
		c.Shield.Failures = 3
		c.Told = func(o guard.Outcome) { mu.Lock(); told = append(told, o); mu.Unlock() }
	}, nil)
	w := newWire(t, b.addr("udp"))
	guess := func(via, answer string) string {
		w.send(behind(registerAs("desk1", "b", 1, ""), via))
		w.send(behind(registerAs("desk1", "b", 2,
			sign(t, w.get("SIP/2.0 401"), "REGISTER", "sip:"+w.to, "desk1", "guess")), via))
		return w.get(answer)
	}
	stranger := "SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK-s;received=203.0.113.5;rport=9999"
	for range 3 {
		guess(stranger, "SIP/2.0 401")
	}
	if got := guess(stranger, "SIP/2.0 503"); field(got, "Retry-After") == "" ||
		!strings.Contains(field(got, "Reason"), "cause=42") {
		t.Errorf("no Retry-After, or no reason, in\n%s", got)
	}
	guess(fromCarrier, "SIP/2.0 401")
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 4 || told[0] != (guard.Outcome{From: netip.MustParseAddr("203.0.113.5"), Account: "desk1"}) {
		t.Errorf("told %v", told)
	}
}

// Wrong passwords on another node count here too.
func TestGuesserElsewhere(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Failures = 3 }, nil)
	w := newWire(t, b.addr("udp"))
	for range 3 {
		b.server.Elsewhere(guard.Outcome{From: netip.MustParseAddr("127.0.0.1"), Account: "desk1"})
	}
	w.tries("desk1", "guess", "SIP/2.0 503")
}

// The proxy itself may send as much as it likes, those behind it not.
func TestRateBehindProxy(t *testing.T) {
	b := newBed(t, func(c *Config) {
		trusting(c)
		c.Shield.Rate, c.Shield.Burst = 0.001, 5
	}, nil)
	w := newWire(t, b.addr("udp"))
	for range 20 {
		w.send(request("OPTIONS", "sip:{there}", "", "ping", 1, "", ""))
		w.get("SIP/2.0 200")
	}
	for range 5 {
		w.send(behind(request("OPTIONS", "sip:{there}", "", "ping", 1, "", ""), fromCarrier))
		w.get("SIP/2.0 200")
	}
	w.send(behind(request("OPTIONS", "sip:{there}", "", "ping", 1, "", ""), fromCarrier))
	w.get("SIP/2.0 503")
}

// A registration through a proxy is kept with its Path, and a call takes that way from any node (RFC 3327).
func TestPath(t *testing.T) {
	b := newBed(t, trusting, nil)
	device := b.device("desk1", "secret-one")
	proxy := newWire(t, b.addr("udp"))
	phone := "Via: SIP/2.0/TCP 10.0.0.5:5062;branch=z9hG4bK-p;received=203.0.113.9;rport=40000\n"
	path := "<sip:{here};lr;received=sip:203.0.113.9:40000%3Btransport=tcp>, <sip:192.0.2.2;lr>"
	got := proxy.register("desk1", "secret-one", phone, "Supported: path\nPath: "+path+"\nPath: <sip:192.0.2.3;lr>\n")
	own := proxy.conn.LocalAddr().String()
	want := []string{"<sip:" + own + ";lr;received=sip:203.0.113.9:40000%3Btransport=tcp>", "<sip:192.0.2.2;lr>",
		"<sip:192.0.2.3;lr>"}
	if p := fields(got, "Path"); strings.Join(p, ",") != strings.Join(want, ",") || field(got, "Supported") != "path" {
		t.Errorf("path %q in\n%s", p, got)
	}
	list, err := b.dir.Bindings(context.Background(), device.ID, time.Now())
	if err != nil || len(list) != 1 || list[0].Received != "tcp:203.0.113.9:40000" {
		t.Fatalf("bindings %+v, %v", list, err)
	}
	other := join(t, b, nil) // a node that never saw the phone
	proxy.move(other.addr("udp"))
	if _, err := other.server.Dial(context.Background(), pbx.Target{Device: device.ID},
		pbx.Request{Number: "100", Codecs: []media.Codec{media.PCMA()}}); err != nil {
		t.Fatal(err)
	}
	invite := proxy.get("INVITE sip:desk1@" + own)
	if r := fields(invite, "Route"); strings.Join(r, ",") != strings.Join(want, ",") {
		t.Errorf("routes %q in\n%s", r, invite)
	}
	proxy.reply(invite, "486 Busy Here", "", "")
}

// Without a Path the proxy alone knows the way: calls go back to it.
func TestProxyWithoutPath(t *testing.T) {
	b := newBed(t, trusting, nil)
	device := b.device("desk1", "secret-one")
	proxy := newWire(t, b.addr("udp"))
	proxy.register("desk1", "secret-one",
		"Via: SIP/2.0/TCP 10.0.0.5:5062;branch=z9hG4bK-p;received=203.0.113.9;rport=40000\n")
	if _, err := b.server.Dial(context.Background(), pbx.Target{Device: device.ID},
		pbx.Request{Number: "100", Codecs: []media.Codec{media.PCMA()}}); err != nil {
		t.Fatal(err)
	}
	proxy.reply(proxy.get("INVITE sip:desk1@"), "486 Busy Here", "", "")
}

// A phone at a trunk's address is told from the trunk by its registration, at whichever node that was made.
func TestPhoneAtTrunksAddress(t *testing.T) {
	b := newBed(t, nil, nil)
	b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.register("desk1", "secret-one")
	line := loopback()
	line.Active = true
	if err := b.dir.SaveTrunk(context.Background(), &line); err != nil {
		t.Fatal(err)
	}
	other := join(t, b, nil)
	w.move(other.addr("udp"))
	w.send(request("INVITE", "sip:100@{there}", "", "i", 1, "", offer))
	w.get("SIP/2.0 401")
}

// A draining node sends phones elsewhere, but lets them sign off.
func TestDrainRefusesRegistrations(t *testing.T) {
	b := newBed(t, nil, nil)
	b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.register("desk1", "secret-one")
	b.server.Drain()
	w.send(registerAs("desk1", "r", 1, "Contact: <sip:desk1@{here}>\nExpires: 300\n"))
	if got := w.get("SIP/2.0 503"); field(got, "Retry-After") == "" {
		t.Errorf("no Retry-After in\n%s", got)
	}
	w.send(registerAs("desk1", "r", 2, "Contact: <sip:desk1@{here}>;expires=0\n"))
	w.get("SIP/2.0 401")
}

func TestValues(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"<sip:a;lr>":                       "<sip:a;lr>",
		"<sip:a;x=1,2>,\"b, c\" <sip:b> ,": "<sip:a;x=1,2>|\"b, c\" <sip:b>",
	} {
		if got := strings.Join(stack.Values(text), "|"); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}
