package sip

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// proxyEdge is Kamailio with the configuration of configs/kamailio, in front of nodes.
type proxyEdge struct {
	addr  string
	nodes []*bed
}

const edgeIP = "127.0.0.5"

// startEdge starts n nodes that share a database, each at a loopback address of its own, and the edge before them.
func startEdge(t *testing.T, n int, act func(*guest), trunks ...directory.Trunk) *proxyEdge {
	t.Helper()
	e := &proxyEdge{}
	at := func(i int) func(*Config) {
		return func(c *Config) {
			c.UDP, c.TCP, c.Proxies = fmt.Sprintf("127.0.0.%d:0", 11+i), "", []string{edgeIP}
		}
	}
	var list strings.Builder
	for i := range n {
		if i == 0 {
			e.nodes = append(e.nodes, newBed(t, at(0), act, trunks...))
		} else {
			e.nodes = append(e.nodes, join(t, e.nodes[0], act, at(i)))
		}
		fmt.Fprintf(&list, "1 sip:%s 0 0\n", e.nodes[i].addr("udp"))
	}
	e.start(t, list.String())
	return e
}

func (e *proxyEdge) start(t *testing.T, nodes string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "dispatcher.list")
	if err := os.WriteFile(file, []byte(nodes), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenPacket("udp", edgeIP+":0")
	if err != nil {
		t.Fatal(err)
	}
	port := c.LocalAddr().(*net.UDPAddr).Port
	c.Close()
	e.addr = fmt.Sprintf("%s:%d", edgeIP, port)
	out := &safeBuffer{}
	cmd := exec.Command(tool(t, "kamailio", "kamailio"), "-f", "../configs/kamailio/kamailio.cfg", "-DD", "-E", "-m",
		"32", "-M", "4", "-P", filepath.Join(dir, "pid"), "-Y", dir,
		"-A", "EDGE_IP="+edgeIP, "-A", fmt.Sprint("EDGE_PORT=", port), "-A", fmt.Sprintf("NODES=%q", file), "-A",
		`KNOWN="127.0.0.99,127.0.0.77"`)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		if t.Failed() {
			t.Logf("kamailio:\n%.8000s", out.String())
		}
	})
	w := newWire(t, e.addr)
	eventually(t, "the edge answers", func() bool {
		w.send(request("OPTIONS", "sip:{there}", "", "up", 1, "", ""))
		w.conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		_, err := w.conn.Read(make([]byte, 4096))
		return err == nil
	})
	for { // the answers to the repeated questions
		w.conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := w.conn.Read(make([]byte, 4096)); err != nil {
			return
		}
	}
}

// call places a call through the edge as a phone, and returns the node that it arrived at.
func (e *proxyEdge) call(t *testing.T, user, password string) *bed {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	heard := &pitch{}
	res, err := PlaceCall(ctx, CallOptions{Server: e.addr, From: user, To: "700", User: user, Password: password,
		Codecs:   []media.Codec{media.PCMA()},
		Duration: 1500 * time.Millisecond, Hear: heard.hear, Log: testLog(t)}, func(s string) { t.Log(s) })
	// A machine that is busy for a moment breaks the tone's phase, and with it its share; without a tone it is near 0.
	if err != nil || !res.Answered || res.Cause != pbx.CauseNormal || heard.share(440) < 0.4 {
		t.Fatalf("call: %+v, %v, tone %.2f", res, err, heard.share(440))
	}
	for _, b := range e.nodes {
		select {
		case <-b.room.arrived:
			return b
		default:
		}
	}
	t.Fatal("the call arrived nowhere")
	return nil
}

// A phone registers through Kamailio, is called by both nodes and calls. A drained node gets neither calls nor
// registrations, and a dead one is passed over.
func TestBehindKamailio(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	t.Parallel()
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			e := startEdge(t, 3, echo)
			first := e.nodes[0]
			device := first.device("201", "secret-one")
			phone := startBaresip(t, e.addr, transport, "201", "secret-one", 880)
			eventually(t, "registered", registered(first, device))
			list, _ := first.dir.Bindings(t.Context(), device.ID, time.Now())
			if b := list[0]; len(b.Path) != 1 || !strings.HasPrefix(b.Received, transport+":127.0.0.1:") {
				t.Errorf("binding %+v", b)
			}
			for i, b := range e.nodes {
				if s := b.ring(t, device); s < 0.9 {
					t.Errorf("node %d heard the phone's tone with a share of %.2f\n%s", i, s, phone.out.String())
				}
			}
			phone.say("/dial 700")
			eventually(t, "the phone's call arrives, and is up",
				func() bool { return e.legs() == 1 && strings.Contains(phone.out.String(), "Call established") })
			phone.say("/hangup")
			eventually(t, "no leg left", func() bool { return e.legs() == 0 })
			e.nodes = e.fresh()
			first.device("202", "secret-two")
			e.nodes[2].server.Drain()
			for range 4 {
				newWire(t, e.addr).register("202", "secret-two")
			}
			for range 4 {
				if e.call(t, "201", "secret-one") == e.nodes[2] {
					t.Error("a draining node got a call")
				}
			}
			e.nodes[1].server.Close()
			for range 3 {
				if e.call(t, "201", "secret-one") != first {
					t.Error("the call is not at the one node that is left")
				}
			}
			if s := first.ring(t, device); s < 0.9 {
				t.Errorf("the last node heard the phone's tone with a share of %.2f", s)
			}
		})
	}
}

// ring calls a phone, and returns the share that 880 Hz has in what is heard.
func (b *bed) ring(t *testing.T, device directory.Device) float64 {
	t.Helper()
	leg, err := b.server.Dial(t.Context(), pbx.Target{Device: device.ID},
		pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	ears := pitchOf(media.PCMA())
	g := watch(leg)
	expect[pbx.TrackAdded](t, g).Track.Attach(ears)
	eventually(t, "a tone is heard", func() bool { return ears.share(880) > 0.9 })
	g.Hangup(pbx.CauseNormal)
	expect[pbx.Gone](t, g)
	return ears.share(880)
}

func (e *proxyEdge) legs() (n int) {
	for _, b := range e.nodes {
		n += b.server.Legs()
	}
	return n
}

// fresh forgets the calls that arrived.
func (e *proxyEdge) fresh() []*bed {
	for _, b := range e.nodes {
		for len(b.room.arrived) > 0 {
			<-b.room.arrived
		}
	}
	return e.nodes
}

// What comes from a carrier is known as the carrier's behind Kamailio, and nobody can pretend to be one.
func TestTrunkBehindKamailio(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	t.Parallel()
	line := directory.Trunk{Name: "carrier", Kind: dialplan.Carrier, Host: "127.0.0.77:5060", Transport: "udp"}
	e := startEdge(t, 2, func(g *guest) { g.Hangup(pbx.CauseBusy) }, line)
	w := newWire(t, e.addr)
	w.send(request("INVITE", "sip:100@{there}", "", "stranger", 1, "", offer))
	w.get("SIP/2.0 401")
	forged := strings.Replace(request("INVITE", "sip:100@{there}", "", "forged", 1, "", offer), ";rport",
		";received=127.0.0.77;rport", 1)
	w.send(forged)
	w.get("SIP/2.0 400")
	w.send(strings.Replace(request("INVITE", "sip:100@{there}", "", "sent-by", 1, "", offer), "UDP {here}",
		"UDP 127.0.0.77:5060", 1))
	w.get("SIP/2.0 401")
	carrier := e.wireFrom(t, 77)
	carrier.send(request("INVITE", "sip:100@{there}", "", "carrier", 1, "", offer))
	carrier.get("SIP/2.0 486")
}

// A limit of the company is told once; what is this node's trouble alone is tried on the next one.
func TestRefusalsBehindKamailio(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	t.Parallel()
	for cause, arrivals := range map[pbx.Cause]int{pbx.CauseOverload: 1, pbx.CauseDraining: 2} {
		t.Run(string(cause), func(t *testing.T) {
			line := directory.Trunk{Name: "carrier", Kind: dialplan.Carrier, Host: "127.0.0.77:5060", Transport: "udp"}
			e := startEdge(t, 2, func(g *guest) { g.Hangup(cause) }, line)
			w := e.wireFrom(t, 77)
			w.send(request("INVITE", "sip:100@{there}", "", "full", 1, "", offer))
			if got := w.get("SIP/2.0 503"); field(got, "Retry-After") == "" {
				t.Errorf("no Retry-After in\n%s", got)
			}
			eventually(t, fmt.Sprint("the call arrives ", arrivals, " times"), func() bool {
				return len(e.nodes[0].room.arrived)+len(e.nodes[1].room.arrived) == arrivals
			})
		})
	}
}

// A stranger who floods is not served for a while; a known network is.
func TestFloodAtKamailio(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	t.Parallel()
	e := startEdge(t, 1, nil)
	flood := func(w *wire) (answered int) {
		buf := make([]byte, 4096)
		for range 500 {
			w.send(request("OPTIONS", "sip:{there}", "", "flood", 1, "", ""))
			w.conn.SetReadDeadline(time.Now().Add(time.Second))
			if _, err := w.conn.Read(buf); err != nil {
				return answered
			}
			answered++
		}
		return answered
	}
	if n := flood(e.wireFrom(t, 66)); n == 500 {
		t.Error("a stranger got 500 answers")
	}
	if n := flood(e.wireFrom(t, 99)); n != 500 {
		t.Errorf("a known carrier got %d answers", n)
	}
}

// wireFrom is a peer at an address of its own.
func (e *proxyEdge) wireFrom(t *testing.T, last byte) *wire {
	t.Helper()
	at, err := net.ResolveUDPAddr("udp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, last)}, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &wire{t: t, conn: conn, to: e.addr}
}

// Who guesses passwords is shut out on the nodes that he tried; the nodes stay in use for all others, whatever he
// sends.
func TestGuesserBehindKamailio(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	t.Parallel()
	e := startEdge(t, 2, nil)
	guesser, other := e.wireFrom(t, 66), e.wireFrom(t, 67)
	for i := range 10 {
		guesser.send(registerAs("desk1", "guess", 2*i+1, "")) // one Call-ID: one node
		guesser.send(registerAs("desk1", "guess", 2*i+2,
			sign(t, guesser.get("SIP/2.0 401"), "REGISTER", "sip:"+guesser.to, "desk1", "guess")))
		guesser.get("SIP/2.0 401")
	}
	guesser.send(registerAs("desk1", "guess", 98, ""))
	guesser.send(registerAs("desk1", "guess", 99,
		sign(t, guesser.get("SIP/2.0 401"), "REGISTER", "sip:"+guesser.to, "desk1", "guess")))
	if got := guesser.get("SIP/2.0 503"); field(got, "Retry-After") == "" {
		t.Errorf("no Retry-After in\n%s", got)
	}
	// the nodes don't answer that at all
	guesser.send(registerAs("desk1", "silent", 1, "User-Agent: VaxSIPUserAgent\n"))
	guesser.get("SIP/2.0 408")
	for i := range 4 {
		other.send(registerAs("desk1", fmt.Sprint("fine", i), 1, ""))
		other.get("SIP/2.0 401")
	}
}

// Kamailio relays nothing between strangers, whatever they write.
func TestKamailioIsNoOpenRelay(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	t.Parallel()
	e := startEdge(t, 1, nil)
	w, victim := newWire(t, e.addr), newWire(t, e.addr)
	target := "sip:x@" + victim.conn.LocalAddr().String()
	route := "Route: <sip:{there};lr>\n"
	w.send(request("BYE", target, ";tag=x", "relay1", 1, route, ""))
	w.get("SIP/2.0 403")
	w.send(request("BYE", target, ";tag=x", "relay2", 1, route+"Route: <"+target+";lr>\n", ""))
	w.get("SIP/2.0 403")
	w.send(request("BYE", target, ";tag=x", "relay3", 1, "", ""))
	w.get("SIP/2.0 404")
	w.send(request("INVITE", target, "", "relay4", 1, route+"Route: <"+target+";lr>\n", offer))
	w.get("SIP/2.0 401")
	w.send(registerAs("x", "relay5", 1, "Path: <"+target+";lr>\nContact: <"+target+">\n"))
	w.get("SIP/2.0 401")
	victim.silent()
}

// A phone whose Contact can't be reached from outside its NAT is called, and the call is ended, over the way that it
// registered.
func TestNATBehindKamailio(t *testing.T) {
	if testing.Short() {
		t.Skip("real peers take some seconds")
	}
	t.Parallel()
	e := startEdge(t, 2, nil)
	b := e.nodes[0]
	device := b.device("desk1", "secret-one")
	w := newWire(t, e.addr)
	contact := "Contact: <sip:desk1@10.9.9.9:5060>\nExpires: 300\n"
	w.send(registerAs("desk1", "nat", 1, contact))
	w.send(registerAs("desk1", "nat", 2, sign(t, w.get("SIP/2.0 401"), "REGISTER", "sip:"+w.to, "desk1", "secret-one")+
		contact))
	w.get("SIP/2.0 200")
	for _, node := range e.nodes {
		leg, err := node.server.Dial(t.Context(), pbx.Target{Device: device.ID},
			pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}})
		if err != nil {
			t.Fatal(err)
		}
		g := watch(leg)
		invite := w.get("INVITE sip:desk1@10.9.9.9:5060 ")
		w.reply(invite, "200 OK", contact, offer)
		expect[pbx.Answered](t, g)
		w.get("ACK sip:desk1@10.9.9.9:5060")
		g.Hangup(pbx.CauseNormal)
		w.reply(w.get("BYE sip:desk1@10.9.9.9:5060"), "200 OK", "", "")
		expect[pbx.Gone](t, g)
	}
}
