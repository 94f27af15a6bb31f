package sip

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// times is how often each order is tried: a race shows within a few.
const times = 40

// together writes messages one right behind the other.
func (w *wire) together(messages ...string) {
	w.t.Helper()
	for _, m := range messages {
		w.send(m)
	}
}

// byHand is a hand-written peer, and a line to it.
func byHand(t testing.TB) (*wire, directory.Trunk) {
	t.Helper()
	w := newPeer(t, "127.0.0.1")
	return w, directory.Trunk{Name: "x", Kind: dialplan.PBX, Host: w.to, Transport: "udp"}
}

// newPeer is a hand-written peer with a port of its own; it is deaf until it is opened.
func newPeer(t testing.TB, ip string) *wire {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(ip)})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	return &wire{t: t, to: conn.LocalAddr().String()}
}

// open connects the peer to the server of b.
func (w *wire) open(b *bed) {
	w.t.Helper()
	own, _ := net.ResolveUDPAddr("udp", w.to)
	server, _ := net.ResolveUDPAddr("udp", b.addr("udp"))
	conn, err := net.DialUDP("udp", own, server)
	if err != nil {
		w.t.Fatal(err)
	}
	w.conn, w.to = conn, server.String()
	w.t.Cleanup(func() { conn.Close() })
}

// call dials a number through the only trunk.
func (b *bed) call(number string) *guest {
	b.t.Helper()
	leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: b.trunk().ID, Number: number},
		pbx.Request{Number: "1", Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		b.t.Fatal(err)
	}
	return watch(leg)
}

// 180, 183 and 200 of a carrier come in one go: each call rings, then is answered; a BYE right behind the 200 ends it.
func TestAnswersInOrder(t *testing.T) {
	w, line := byHand(t)
	b := newBed(t, nil, nil, line)
	w.open(b)
	for range times {
		g := b.call("100")
		invite := w.get("INVITE")
		bye := fmt.Sprintf("BYE sip:x@{there} SIP/2.0\nVia: SIP/2.0/UDP {here};branch={branch}\nFrom: %s;tag=w%s\n"+
			"To: %s\nCall-ID: %s\nCSeq: 7 BYE\nMax-Forwards: 70\nContent-Length: 0\n\n",
			field(invite, "To"), w.conn.LocalAddr().String()[10:], field(invite, "From"), field(invite, "Call-ID"))
		w.reply(invite, "180 Ringing", "", "")
		w.reply(invite, "183 Session Progress", "", offer)
		w.reply(invite, "200 OK", "", offer)
		w.send(bye)
		var order []string
		for len(order) == 0 || order[len(order)-1] != "call.Gone" {
			switch e := (<-g.events).(type) {
			case pbx.Ringing, pbx.Answered:
				order = append(order, fmt.Sprintf("%T", e))
			case pbx.Gone:
				order = append(order, fmt.Sprintf("%T", e))
				if e.Cause != pbx.CauseNormal {
					t.Fatalf("gone: %s", e.Cause)
				}
			}
		}
		if got := strings.Join(order, " "); got != "call.Ringing call.Answered call.Gone" {
			t.Fatalf("events in the order %s", got)
		}
		w.get("SIP/2.0 200")
	}
}

// A caller who gives up at once: the CANCEL right behind the INVITE finds it.
func TestCancelBehindInvite(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Ring(false) }, loopback())
	w := newWire(t, b.addr("udp"))
	for i := range times {
		id := fmt.Sprint("cancel", i)
		invite := request("INVITE", "sip:100@{there}", "", id, 1, "", offer)
		branch := fmt.Sprint("z9hG4bK-cancel-", i)
		cancel := strings.NewReplacer("{branch}",
			branch).Replace(request("CANCEL", "sip:100@{there}", "", id, 1, "", ""))
		w.together(strings.NewReplacer("{branch}", branch).Replace(invite), cancel)
		codes := map[string]bool{}
		for !codes["200"] || !codes["487"] {
			text := w.any()
			code := strings.Fields(text)[1]
			if code == "481" {
				t.Fatal("the CANCEL did not find its INVITE")
			}
			codes[code] = true
		}
		ack := strings.NewReplacer("{branch}", branch).Replace(request("ACK", "sip:100@{there}", "", id, 1, "", ""))
		w.send(ack)
		if e := expect[pbx.Gone](t, b.arrival()); e.Cause != pbx.CauseCancelled {
			t.Fatalf("gone: %s", e.Cause)
		}
	}
}

// Keys pressed fast come as INFO back to back: none is lost, and they keep their order.
func TestInfosInOrder(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	tag := w.answered("infos", 1)
	g := b.arrival()
	const keys = "0123456789"
	info := func(n int) string {
		body := "Signal=" + keys[n%10:n%10+1] + "\r\n"
		m := request("INFO", "sip:100@{there}", tag, "infos", 2+n, "", body)
		return strings.Replace(m, "application/sdp", "application/dtmf-relay", 1)
	}
	for n := 0; n < times; n += 4 {
		w.together(info(n), info(n+1), info(n+2), info(n+3))
		for i := range 4 {
			w.get("SIP/2.0 200")
			if e := expect[pbx.Digit](t, g); byte(e.Key) != keys[(n+i)%10] {
				t.Fatalf("key %d is %c", n+i, e.Key)
			}
		}
	}
	w.send(request("BYE", "sip:100@{there}", tag, "infos", 2+times, "", ""))
	w.get("SIP/2.0 200")
}

// A stranger's INVITE is refused with one datagram, however long nobody confirms it, and each refusal finds the address
// it came from.
func TestRefusalsToStrangersAreSentOnce(t *testing.T) {
	b := newBed(t, nil, nil)
	tests := []struct{ name, message, code string }{
		{"challenge", request("INVITE", "sip:100@{there}", "", "once1", 1, "", offer), "401"},
		{"extension", request("INVITE", "sip:100@{there}", "", "once2", 1, "Require: magic\n", offer), "420"},
		{"no dialog", request("INVITE", "sip:100@{there}", ";tag=nobody", "once3", 1, "", offer), "481"},
		{"scheme", request("INVITE", "x:100", "", "once4", 1, "", offer), "416"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWire(t, b.addr("udp"))
			w.send(test.message)
			w.get("SIP/2.0 " + test.code)
			eventually(t, "no transaction that would repeat it", func() bool {
				for _, key := range b.server.Serving() {
					if strings.HasSuffix(key, "INVITE") {
						return false
					}
				}
				return true
			})
			w.send(request("ACK", "sip:100@{there}", ";tag=x", test.name, 1, "", "")) // is not answered
			w.send(request("OPTIONS", "sip:{there}", "", test.name, 2, "", ""))
			w.get("SIP/2.0 200")
		})
	}
}

// The address that a request came from is noted in its Via (RFC 3261 §18.2.1), and the answer goes to the port that the
// Via names (§18.2.2).
func TestReceived(t *testing.T) {
	b := newBed(t, nil, nil)
	w := newWire(t, b.addr("udp"))
	_, port, _ := net.SplitHostPort(w.conn.LocalAddr().String())
	tests := []struct{ via, want string }{
		{"10.1.2.3:" + port + ";branch=z9hG4bKr8", "received=127.0.0.1"},
		{"phone.example.com:" + port + ";branch=z9hG4bKr9", "received=127.0.0.1"},
		{"10.1.2.3:5060;rport;branch=z9hG4bKra;received=192.0.2.1", "received=127.0.0.1"},
		{"10.1.2.3:5060;rport;branch=z9hG4bKrb", "rport=" + port},
	}
	for i, test := range tests {
		w.send(strings.Replace(request("OPTIONS", "sip:x@{there}", "", fmt.Sprint("rec", i), 1, "", ""),
			"{here};branch={branch};rport", test.via, 1))
		via := field(w.get("SIP/2.0 200"), "Via")
		if !strings.Contains(via, test.want) || strings.Contains(via, "192.0.2.1") {
			t.Errorf("%s: answered with %s", test.via, via)
		}
	}
	w.send(strings.Replace(request("OPTIONS", "sip:x@{there}", "", "same", 1, "", ""), ";rport", "", 1))
	if via := field(w.get("SIP/2.0 200"), "Via"); strings.Contains(via, "received") {
		t.Errorf("received where it says the same: %s", via)
	}
}
