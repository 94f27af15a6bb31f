package sip

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
)

// pair is two nodes, with a phone registered straight at the second.
type pair struct {
	one, two *bed
	device   directory.Device
	phone    *wire
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{one: newBed(t, nil, nil)}
	p.two = join(t, p.one, nil)
	p.device = p.one.device("desk1", "secret-one")
	p.phone = newWire(t, p.two.addr("udp"))
	p.phone.register("desk1", "secret-one")
	return p
}

// call rings the phone from the first node.
func (p *pair) call(t *testing.T) *guest {
	t.Helper()
	leg, err := p.one.server.Dial(t.Context(), pbx.Target{Device: p.device.ID},
		pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	return watch(leg)
}

// bindings of the phone.
func (p *pair) bindings(t *testing.T) []directory.Binding {
	t.Helper()
	list, err := p.one.dir.Bindings(t.Context(), p.device.ID, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// within is a request of the phone in the dialog of an INVITE that it answered.
func (w *wire) within(method, invite, callID string, cseq int, extra string) string {
	uri := strings.Trim(field(invite, "Contact"), "<>")
	for _, r := range fields(invite, "Record-Route") {
		extra += "Route: " + r + "\n"
	}
	from, to := field(invite, "To")+";tag=w"+w.conn.LocalAddr().String()[10:], field(invite, "From")
	return fmt.Sprintf("%s %s SIP/2.0\nVia: SIP/2.0/UDP {here};branch={branch};rport\nFrom: %s\nTo: %s\nCall-ID: %s\n"+
		"CSeq: %d %s\nMax-Forwards: 70\n%sContent-Length: 0\n\n",
		method, uri, from, to, callID, cseq, method, extra)
}

func branch(message string) string {
	_, b, _ := strings.Cut(field(message, "Via"), ";branch=")
	b, _, _ = strings.Cut(b, ";")
	return b
}

// A call for a phone of another node goes through that node, and so does all that follows, both ways.
func TestCallThroughOtherNode(t *testing.T) {
	p := newPair(t)
	g := p.call(t)
	w := p.phone
	invite := w.get("INVITE sip:desk1@" + w.conn.LocalAddr().String())
	if v, r := fields(invite, "Via"), fields(invite, "Record-Route"); len(v) != 2 || len(r) != 2 ||
		len(fields(invite, "Route")) != 0 || field(invite, "Max-Forwards") != "69" {
		t.Errorf("passed on as\n%s", invite)
	}
	w.reply(invite, "180 Ringing", "", "")
	expect[pbx.Ringing](t, g)
	w.reply(invite, "200 OK", "", offer)
	expect[pbx.Answered](t, g)
	if ack := w.get("ACK sip:w@"); len(fields(ack, "Via")) != 2 || len(fields(ack, "Route")) != 0 {
		t.Errorf("passed on as\n%s", ack)
	}
	id := field(invite, "Call-ID")
	w.send(strings.Replace(w.within("INFO", invite, id, 1, "Content-Type: application/dtmf-relay\n"),
		"Content-Length: 0\n\n", "Content-Length: 9\n\nSignal=5\n", 1))
	w.get("SIP/2.0 200")
	if d := expect[pbx.Digit](t, g); d.Key != '5' {
		t.Errorf("key %c", d.Key)
	}
	g.Hangup(pbx.CauseNormal)
	w.reply(w.get("BYE sip:w@"), "200 OK", "", "")
	expect[pbx.Gone](t, g)
	if p.two.server.Legs() != 0 {
		t.Error("the node in between has a call of its own")
	}
}

// The phone hangs up.
func TestPhoneHangsUpThroughOtherNode(t *testing.T) {
	p := newPair(t)
	g := p.call(t)
	invite := p.phone.get("INVITE")
	p.phone.reply(invite, "200 OK", "", offer)
	p.phone.get("ACK")
	p.phone.send(p.phone.within("BYE", invite, field(invite, "Call-ID"), 1, ""))
	p.phone.get("SIP/2.0 200")
	if e := expect[pbx.Gone](t, g); e.Cause != pbx.CauseNormal {
		t.Errorf("gone: %s", e.Cause)
	}
}

// CANCEL, and the ACK of a refusal, belong to the INVITE at the phone too.
func TestCancelThroughOtherNode(t *testing.T) {
	p := newPair(t)
	g := p.call(t)
	invite := p.phone.get("INVITE")
	p.phone.reply(invite, "180 Ringing", "", "")
	expect[pbx.Ringing](t, g)
	g.Hangup(pbx.CauseCancelled)
	cancel := p.phone.get("CANCEL")
	if branch(cancel) != branch(invite) {
		t.Errorf("INVITE has branch %s, CANCEL %s", branch(invite), branch(cancel))
	}
	p.phone.reply(cancel, "200 OK", "", "")
	p.phone.reply(invite, "487 Request Terminated", "", "")
	if ack := p.phone.get("ACK"); branch(ack) != branch(invite) {
		t.Errorf("INVITE has branch %s, ACK %s", branch(invite), branch(ack))
	}
	if e := expect[pbx.Gone](t, g); e.Cause != pbx.CauseCancelled {
		t.Errorf("gone: %s", e.Cause)
	}
}

// Only with a token of this node, and of this call, is anything passed on; no answer is passed on that was not asked
// for.
func TestNoOpenRelay(t *testing.T) {
	p := newPair(t)
	route := "Route: " + p.bindings(t)[0].Path[0] + "\n"
	stranger := newWire(t, p.two.addr("udp"))
	uri := "sip:desk1@" + p.phone.conn.LocalAddr().String()
	refused := func(message string) {
		t.Helper()
		stranger.send(message)
		stranger.get("SIP/2.0 403")
	}
	refused(request("INVITE", uri, "", "forged", 1, strings.Replace(route, "flow.", "flow.A", 1), offer))
	refused(request("INVITE", uri, "", "cut", 1, "Route: <sip:flow.@{there};lr>\n", offer))
	refused(request("REGISTER", uri, "", "register", 1, route, ""))
	g := p.call(t)
	w := p.phone
	invite := w.get("INVITE")
	w.reply(invite, "200 OK", "", offer)
	w.get("ACK")
	refused(w.within("BYE", invite, "another call", 1, ""))
	refused(strings.Replace(w.within("INVITE", invite, field(invite, "Call-ID"), 1, ""),
		";tag="+tagIn(field(invite, "From")), "", 1))
	other := newWire(t, p.one.addr("udp")) // a token of the second node, shown to the first
	other.send(request("INVITE", uri, "", "elsewhere", 1, route, offer))
	other.get("SIP/2.0 403")
	stolen := fields(invite, "Via")[0]
	stranger.send("SIP/2.0 200 OK\nVia: " + stolen + "\nVia: SIP/2.0/UDP " + w.conn.LocalAddr().String() +
		";branch=z9hG4bK-1\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>;tag=2\nCall-ID: stolen\nCSeq: 1 INVITE\n" +
		"Content-Length: 0\n\n")
	w.silent()
	g.Hangup(pbx.CauseNormal)
	w.reply(w.get("BYE"), "200 OK", "", "")
}

func tagIn(value string) string {
	_, tag, _ := strings.Cut(value, ";tag=")
	return tag
}

// A phone that closed its TCP connection is gone: the node that had it says so at once, to itself and to others, and
// forgets it.
func TestFlowGone(t *testing.T) {
	for _, caller := range []string{"own node", "other node"} {
		t.Run(caller, func(t *testing.T) {
			p := newPair(t)
			if err := p.two.dir.UnbindAt(t.Context(), p.bindings(t)[0].Received); err != nil {
				t.Fatal(err)
			}
			conn := p.overTCP(t)
			if b := p.bindings(t); len(b) != 1 || !strings.HasPrefix(b[0].Received, "tcp:") {
				t.Fatalf("bindings %+v", b)
			}
			conn.Close()
			eventually(t, "the connection's end is seen",
				func() bool { return p.two.server.TCP.Serial(netip.MustParseAddrPort(conn.LocalAddr().String())) == 0 })
			at := p.one
			if caller == "own node" {
				at = p.two
			}
			leg, err := at.server.Dial(t.Context(), pbx.Target{Device: p.device.ID},
				pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}})
			if err == nil {
				if e := expect[pbx.Gone](t, watch(leg)); e.Cause != pbx.CauseUnavailable {
					t.Errorf("gone: %s", e.Cause)
				}
			}
			eventually(t, "the registration is gone", func() bool { return len(p.bindings(t)) == 0 })
		})
	}
}

// overTCP registers the phone over a TCP connection.
func (p *pair) overTCP(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.two.addr("tcp"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	answers := bufio.NewReader(conn)
	auth := ""
	for i, code := range []string{"401", "200"} {
		m := registerAs("desk1", "tcp", i+1, auth+"Contact: <sip:desk1@{here};transport=tcp>\n")
		m = strings.NewReplacer("SIP/2.0/UDP", "SIP/2.0/TCP", "{here}", conn.LocalAddr().String(), "{there}",
			p.two.addr("tcp"), "{branch}", fmt.Sprint("z9hG4bKt", i), "\n", "\r\n").Replace(m)
		if _, err := conn.Write([]byte(m)); err != nil {
			t.Fatal(err)
		}
		conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		var answer strings.Builder
		for line := ""; line != "\r\n"; answer.WriteString(line) {
			if line, err = answers.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.HasPrefix(answer.String(), "SIP/2.0 "+code) {
			t.Fatalf("not %s:\n%s", code, answer.String())
		}
		if i == 0 {
			auth = sign(t, answer.String(), "REGISTER", "sip:"+p.two.addr("tcp"), "desk1", "secret-one")
		}
	}
	return conn
}

// A phone that only a dead node could reach is not tried, one behind a proxy is.
func TestPhoneOfDeadNode(t *testing.T) {
	p := newPair(t)
	three := node(t, "n3", p.one.db, func(c *Config) { c.Alive = func(node string) bool { return node != "n2" } })
	three.room = &room{arrived: make(chan *guest)}
	three.serve(three.room)
	call := pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}}
	if _, err := three.server.Dial(t.Context(), pbx.Target{Device: p.device.ID}, call); !errors.Is(err, pbx.ErrNobody) {
		t.Errorf("dialled: %v", err)
	}
	proxied := newBed(t, func(c *Config) { trusting(c); c.Alive = func(string) bool { return false } }, nil)
	device := proxied.device("desk2", "secret-two")
	proxy := newWire(t, proxied.addr("udp"))
	proxy.register("desk2", "secret-two", "Path: <sip:{here};lr>\n")
	if _, err := proxied.server.Dial(t.Context(), pbx.Target{Device: device.ID}, call); err != nil {
		t.Fatal(err)
	}
	proxy.reply(proxy.get("INVITE"), "486 Busy Here", "", "")
}

// A real phone at one node is called by the other, over UDP and TCP; either side hangs up.
func TestBaresipAtOtherNode(t *testing.T) {
	if testing.Short() {
		t.Skip("a real phone takes some seconds")
	}
	t.Parallel()
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			one := newBed(t, nil, nil)
			two := join(t, one, nil)
			device := one.device("201", "secret-one")
			phone := startBaresip(t, two.addr(transport), transport, "201", "secret-one", 880)
			eventually(t, "registered", registered(one, device))
			for range 2 {
				if s := one.ring(t, device); s < 0.9 {
					t.Errorf("the phone's tone has a share of %.2f\n%s", s, phone.out.String())
				}
			}
			leg, err := one.server.Dial(context.Background(), pbx.Target{Device: device.ID},
				pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}})
			if err != nil {
				t.Fatal(err)
			}
			g := watch(leg)
			expect[pbx.Answered](t, g)
			eventually(t, "the call is up at the phone",
				func() bool { return strings.Count(phone.out.String(), "Call established") == 3 })
			phone.say("/hangup")
			if e := expect[pbx.Gone](t, g); e.Cause != pbx.CauseNormal {
				t.Errorf("gone: %s", e.Cause)
			}
			if two.server.Legs() != 0 {
				t.Error("the node in between has calls of its own")
			}
		})
	}
}
