package sip

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

func TestRulesOfRequests(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Ring(false) }, loopback())
	tests := []struct{ name, message, answer, has string }{
		{"unknown method", request("DANCE", "sip:{there}", "", "c1", 1, "", ""), "SIP/2.0 501", "Allow: INVITE"},
		{"method not served", request("PUBLISH", "sip:{there}", "", "c2", 1, "", ""), "SIP/2.0 405", "Allow: INVITE"},
		{"extension not known", request("INVITE", "sip:100@{there}", "", "c3", 1, "Require: 100rel, magic\n", offer), "SIP/2.0 420", "Unsupported: magic"},
		{"for proxies alone", request("OPTIONS", "sip:{there}", "", "c19", 1, "Proxy-Require: privacy\n", ""), "SIP/2.0 200", "Accept: application/sdp"},
		{"no hops left", strings.Replace(request("INVITE", "sip:100@{there}", "", "c4", 1, "", offer), "Max-Forwards: 70", "Max-Forwards: 0", 1), "SIP/2.0 483", ""},
		{"unknown dialog", request("BYE", "sip:100@{there}", ";tag=nobody", "c5", 1, "", ""), "SIP/2.0 481", ""},
		{"unmatched CANCEL", request("CANCEL", "sip:100@{there}", "", "c6", 1, "", ""), "SIP/2.0 481", ""},
		{"other scheme", request("OPTIONS", "tel:+40312345678", "", "c7", 1, "", ""), "SIP/2.0 416", ""},
		{"other version", strings.Replace(request("OPTIONS", "sip:{there}", "", "c8", 1, "", ""), " SIP/2.0\n", " SIP/7.0\n", 1), "SIP/2.0 505", ""},
		{"CSeq of another method", strings.Replace(request("OPTIONS", "sip:{there}", "", "c9", 1, "", ""), "1 OPTIONS", "1 INVITE", 1), "SIP/2.0 400", ""},
		{"no From tag", strings.Replace(request("OPTIONS", "sip:{there}", "", "c10", 1, "", ""), ";tag=a1", "", 1), "SIP/2.0 400", ""},
		{"two Call-IDs", request("OPTIONS", "sip:{there}", "", "c11", 1, "Call-ID: other\n", ""), "SIP/2.0 400", ""},
		{"broken SDP", request("INVITE", "sip:100@{there}", "", "c12", 1, "", "v=0\r\nm=audio x\r\n"), "SIP/2.0 400", "Warning: "},
		{"no common codec", request("INVITE", "sip:100@{there}", "", "c13", 1, "", strings.Replace(offer, "AVP 8", "AVP 18", 1)), "SIP/2.0 488", "Warning: 305"},
		{"only video", request("INVITE", "sip:100@{there}", "", "c14", 1, "", strings.Replace(offer, "audio", "video", 1)), "SIP/2.0 488", "Warning: 304"},
		{"other body", strings.Replace(request("INVITE", "sip:100@{there}", "", "c15", 1, "", "x"), "application/sdp", "text/plain", 1), "SIP/2.0 415", "Accept: application/sdp"},
		{"encoded body", request("INVITE", "sip:100@{there}", "", "c16", 1, "Content-Encoding: gzip\n", offer), "SIP/2.0 415", "Accept-Encoding: identity"},
		{"unparsable", "OPTIONS sip:{there} SIP/2.0\nVia: SIP/2.0/UDP {here};branch={branch};rport\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: c17\nCSeq: zzz OPTIONS\n\n", "SIP/2.0 400", ";rport="},
		{"options", request("OPTIONS", "sip:{there}", "", "c18", 1, "", ""), "SIP/2.0 200", "Accept: application/sdp"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWire(t, b.addr("udp"))
			w.send(test.message)
			got := w.get(test.answer)
			if !strings.Contains(got, test.has) {
				t.Errorf("%q is missing in\n%s", test.has, got)
			}
			if !strings.Contains(field(got, "To"), ";tag=") && test.name != "unparsable" && field(got, "To") != "" {
				t.Errorf("no To tag in\n%s", got)
			}
		})
	}
}

func TestSequenceAndGlare(t *testing.T) {
	ring := make(chan *guest, 1)
	b := newBed(t, nil, func(g *guest) {
		if g.dialled == "100" && len(ring) == 0 && cap(ring) == 1 {
			g.Answer(media.PCMA())
		}
	}, loopback())
	w := newWire(t, b.addr("udp"))
	tag := w.answered("s1", 10)
	g := b.arrival()
	w.send(request("INFO", "sip:100@{there}", tag, "s1", 5, "", ""))
	w.get("SIP/2.0 500")
	w.send(request("BYE", "sip:100@{there}", ";tag=other", "s1", 11, "", ""))
	w.get("SIP/2.0 481")
	w.send(strings.Replace(request("BYE", "sip:100@{there}", tag, "s1", 11, "", ""), "tag=a1", "tag=thief", 1))
	w.get("SIP/2.0 481")
	w.send(request("BYE", "sip:100@{there}", tag, "s1", 11, "", ""))
	w.get("SIP/2.0 200")
	expect[pbx.Gone](t, g)
}

// A re-INVITE before the first INVITE is answered, and the same INVITE by another way.
func TestPendingAndMerged(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Ring(false) }, loopback())
	w := newWire(t, b.addr("udp"))
	w.send(request("INVITE", "sip:100@{there}", "", "m1", 1, "", offer))
	_, tag, _ := strings.Cut(field(w.get("SIP/2.0 180"), "To"), ">")
	w.send(request("INVITE", "sip:100@{there}", "", "m1", 1, "", offer)) // another branch
	w.get("SIP/2.0 482")
	w.send(request("INVITE", "sip:100@{there}", tag, "m1", 2, "", offer))
	if got := w.get("SIP/2.0 500"); field(got, "Retry-After") == "" {
		t.Errorf("no Retry-After in\n%s", got)
	}
	g := b.arrival()
	g.Hangup(pbx.CauseBusy)
	w.get("SIP/2.0 486")
}

// A re-INVITE while our own INVITE has no answer yet is glare.
func TestGlareIs491(t *testing.T) {
	peer, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	peer.Close()
	b := newBed(t, nil, nil, directory.Trunk{Name: "x", Kind: dialplan.PBX, Host: peer.LocalAddr().String(),
		Transport: "udp"})
	at := peer.LocalAddr().(*net.UDPAddr)
	server, _ := net.ResolveUDPAddr("udp", b.addr("udp"))
	conn, err := net.DialUDP("udp", at, server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	w := &wire{t: t, conn: conn, to: server.String()}
	list, _ := b.dir.Trunks(context.Background())
	leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: list[0].ID, Number: "100"},
		pbx.Request{Number: "1", Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	g := watch(leg)
	invite := w.get("INVITE")
	w.send(fmt.Sprintf("SIP/2.0 180 Ringing\nVia: %s\nFrom: %s\nTo: %s;tag=b\nCall-ID: %s\nCSeq: 1 INVITE\n"+
		"Contact: <sip:x@{here}>\nContent-Length: 0\n\n",
		field(invite, "Via"), field(invite, "From"), field(invite, "To"), field(invite, "Call-ID")))
	expect[pbx.Ringing](t, g)
	w.send(fmt.Sprintf("INVITE sip:x@{there} SIP/2.0\nVia: SIP/2.0/UDP {here};branch={branch}\nFrom: %s;tag=b\n"+
		"To: %s\nCall-ID: %s\nCSeq: 7 INVITE\nMax-Forwards: 70\nContact: <sip:x@{here}>\nContent-Length: 0\n\n",
		field(invite, "To"), field(invite, "From"), field(invite, "Call-ID")))
	w.get("SIP/2.0 491")
}

// All places where a phone is registered ring; when one answers, the others are cancelled as "completed elsewhere".
func TestFirstOfTwoPlacesWins(t *testing.T) {
	b := newBed(t, nil, nil)
	device := b.device("desk1", "secret-one")
	var places []*wire
	for i := range 2 {
		w := newWire(t, b.addr("udp"))
		id := fmt.Sprint("place", i)
		w.send(registerAs("desk1", id, 1, ""))
		w.send(registerAs("desk1", id, 2, sign(t, w.get("SIP/2.0 401"), "REGISTER", "sip:"+w.to, "desk1", "secret-one")+
			"Contact: <sip:desk1@10.0.0."+fmt.Sprint(i)+">\nExpires: 300\n"))
		w.get("SIP/2.0 200")
		places = append(places, w)
	}
	leg, err := b.server.Dial(context.Background(), pbx.Target{Device: device.ID},
		pbx.Request{Number: "+40722000111", Name: `An"a`, Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	g := watch(leg)
	first, second := places[0].get("INVITE"), places[1].get("INVITE")
	if from := field(first, "From"); !strings.HasPrefix(from, `"Ana" <sip:+40722000111@`) {
		t.Errorf("caller shown as %s", from)
	}
	places[0].reply(first, "180 Ringing", "", "")
	places[1].reply(second, "180 Ringing", "", "")
	expect[pbx.Ringing](t, g)
	places[1].reply(second, "200 OK", "", offer)
	if e := expect[pbx.Answered](t, g); !e.Codec.Is(media.PCMA()) {
		t.Errorf("answered with %s", e.Codec.Name)
	}
	places[1].get("ACK")
	cancel := places[0].get("CANCEL")
	if !strings.Contains(field(cancel, "Reason"), "cause=200") {
		t.Errorf("no reason in\n%s", cancel)
	}
	places[0].reply(cancel, "200 OK", "", "")
	places[0].reply(first, "487 Request Terminated", "", "")
	places[0].get("ACK")
	g.Hangup(pbx.CauseNormal)
	places[1].reply(places[1].get("BYE"), "200 OK", "", "")
}

// A key pressed as telephone-event reaches a phone that takes none by INFO.
func TestKeysGoByInfo(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	w.answered("info", 1)
	g := b.arrival()
	expect[pbx.TrackAdded](t, g)
	track := media.NewTrack("k", media.PCMA(), nil)
	g.Play(track)
	packet := &media.Packet{Event: true, Payload: []byte{5, 10, 0, 160}}
	packet.Header.SSRC = 1
	eventually(t, "played", func() bool {
		packet.Header.Timestamp += 8000
		track.WriteRTP(packet)
		w.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		buf := make([]byte, 4000)
		n, _ := w.conn.Read(buf)
		text := string(buf[:n])
		if !strings.HasPrefix(text, "INFO ") {
			return false
		}
		if !strings.Contains(text, "Signal=5") {
			t.Errorf("got\n%s", text)
		}
		w.reply(text, "200 OK", "", "")
		return true
	})
}

// A long route set: the answer is over 1300 bytes and goes over UDP all the same, and our BYE follows the routes in
// their order to the Contact of the last target refresh.
func TestRouteSetAndLargeAnswer(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	routes := "Record-Route: <sip:{here};lr>\n"
	for i := range 20 {
		routes += fmt.Sprintf("Record-Route: <sip:proxy%d.example.net;lr;token=%s>\n", i, strings.Repeat("x", 60))
	}
	w.send(request("INVITE", "sip:100@{there}", "", "long", 1, routes, offer))
	got := w.get("SIP/2.0 200")
	if len(got) < 1500 {
		t.Errorf("the answer has %d bytes only", len(got))
	}
	_, tag, _ := strings.Cut(field(got, "To"), ">")
	w.send(request("ACK", "sip:100@{there}", tag, "long", 1, "", ""))
	w.send(strings.Replace(request("UPDATE", "sip:100@{there}", tag, "long", 2, "", ""), "Contact: <sip:ana@{here}>",
		"Contact: <sip:moved@192.0.2.77>", 1))
	w.get("SIP/2.0 200")
	b.arrival().Hangup(pbx.CauseNormal)
	bye := w.get("BYE sip:moved@192.0.2.77 ")
	var order []string
	for line := range strings.Lines(bye) {
		if v, ok := strings.CutPrefix(line, "Route: "); ok {
			order = append(order, strings.TrimSpace(v))
		}
	}
	if len(order) != 21 || !strings.Contains(order[1], "proxy0.") || !strings.Contains(order[20], "proxy19.") {
		t.Errorf("routes %q", order)
	}
	w.reply(bye, "200 OK", "", "")
}
