package sip

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	packet "github.com/pion/rtp"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/sip/rtp"
)

// typed is a message whose body has another type than SDP.
func typed(message, contentType string) string {
	return strings.Replace(message, "Content-Type: application/sdp", "Content-Type: "+contentType, 1)
}

// Bodies as carriers and old PBXs send them: each is served by its description, or refused with the reason.
func TestBodies(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(g.Offer()[0]) }, loopback())
	w := newWire(t, b.addr("udp"))
	mixed := "--b\r\nContent-Type: application/isup;version=itu-t92+\r\n" +
		"Content-Disposition: signal;handling=optional\r\n\r\nxx\r\n" +
		"--b\r\nContent-Type: application/sdp\r\n\r\n" + offer + "\r\n--b--\r\n"
	nested := "--c\r\nContent-Type: multipart/alternative; boundary=\"b\"\r\n\r\n" + mixed + "\r\n--c--\r\n"
	encrypted := strings.Replace(offer, "RTP/AVP 8", "RTP/SAVP 8", 1) +
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
	hosted := func(name string) string { return strings.Replace(offer, "c=IN IP4 127.0.0.1", "c=IN IP4 "+name, 1) }
	for i, c := range []struct{ kind, body, answer, has string }{
		{"multipart/mixed;boundary=b", mixed, "SIP/2.0 200", "m=audio"},
		{"multipart/mixed;boundary=c", nested, "SIP/2.0 200", "m=audio"},
		{"multipart/mixed;boundary=x", mixed, "SIP/2.0 415", "Accept: application/sdp"},
		{"multipart/mixed;boundary=b", "--b\r\nContent-Type: application/isup\r\n\r\nxx\r\n--b--\r\n", "SIP/2.0 415", "Accept: "},
		{"application/sdp", hosted("localhost"), "SIP/2.0 200", "m=audio"},
		{"application/sdp", hosted("nowhere.invalid"), "SIP/2.0 488", "Warning: 301"},
		{"application/sdp", encrypted, "SIP/2.0 200", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"},
		{"application/sdp", strings.Replace(encrypted, "a=crypto", "a=x", 1), "SIP/2.0 488", "Warning: 302"},
	} {
		id := "body" + strconv.Itoa(i)
		w.send(typed(request("INVITE", "sip:100@{there}", "", id, 1, "", c.body), c.kind))
		got := w.get(c.answer)
		if !strings.Contains(got, c.has) {
			t.Errorf("%s: %q is missing in\n%s", c.body, c.has, got)
		}
		_, tag, _ := strings.Cut(field(got, "To"), ">")
		w.send(request("ACK", "sip:100@{there}", tag, id, 1, "", ""))
	}
}

// The name of a caller is shown as it was meant, whatever alphabet it came in.
func TestCallerName(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) }, loopback())
	w := newWire(t, b.addr("udp"))
	for i, c := range []struct{ raw, name string }{
		{`"J` + "\xfc" + `rgen"`, "Jürgen"},
		{`"Jürgen"`, "Jürgen"},
		{`"Ion ` + "\x8aerban\x85" + `"`, "Ion Šerban…"},
		{`"An\"a \\ Co"`, `An"a \ Co`},
		{`Ana Pop`, "Ana Pop"},
		{`"=?utf-8?q?Ana?="`, "=?utf-8?q?Ana?="}, // SIP knows no encoded words
	} {
		m := request("INVITE", "sip:100@{there}", "", fmt.Sprint("name", i), 1, "", offer)
		w.send(strings.Replace(m, "From: <", "From: "+c.raw+" <", 1))
		w.get("SIP/2.0 486")
		if p := b.arrival().Party(); p.Name != c.name {
			t.Errorf("%q is shown as %q, not %q", c.raw, p.Name, c.name)
		}
		w.send(request("INVITE", "sip:100@{there}", "", fmt.Sprint("asserted", i), 1,
			"P-Asserted-Identity: "+c.raw+" <sip:+40722000111@carrier>\n", offer))
		w.get("SIP/2.0 486")
		if p := b.arrival().Party(); p.Name != c.name {
			t.Errorf("asserted %q is shown as %q, not %q", c.raw, p.Name, c.name)
		}
	}
}

// called is a trunk's end by hand, and the INVITE of a call that the server makes to it.
func called(t *testing.T, edit func(*Config), codecs ...media.Codec) (*bed, *wire, *guest, string) {
	t.Helper()
	holder := newEndpoint(t)
	at := holder.addr()
	holder.conn.Close()
	b := newBed(t, edit, nil, directory.Trunk{Name: "x", Kind: dialplan.PBX, Host: at.String(), Transport: "udp"})
	server, _ := net.ResolveUDPAddr("udp", b.addr("udp"))
	conn, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(at), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	w := &wire{t: t, conn: conn, to: server.String()}
	leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: b.trunk().ID, Number: "100"},
		pbx.Request{Number: "1", Codecs: codecs})
	if err != nil {
		t.Fatal(err)
	}
	return b, w, watch(leg), w.get("INVITE")
}

// A silent peer is asked before its call is ended: who answers stays, who does not know the call, or answers nothing,
// is let go.
func TestSilenceIsAsked(t *testing.T) {
	b := newBed(t, func(c *Config) { c.MediaTimeout, c.T1 = 200*time.Millisecond, 20*time.Millisecond },
		func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	w.answered("muted", 1)
	g := b.arrival()
	for range 3 {
		w.reply(w.get("OPTIONS"), "200 OK", "", "")
	}
	w.reply(w.get("OPTIONS"), "481 Call/Transaction Does Not Exist", "", "")
	if e := expect[pbx.Gone](t, g); e.Cause != pbx.CauseMediaLost {
		t.Errorf("gone: %s", e.Cause)
	}
	w.reply(w.get("BYE"), "481 Call/Transaction Does Not Exist", "", "")
	// nothing is to be heard from these, or need be
	for _, direction := range []string{"sendonly", "inactive", "recvonly"} {
		w.answered("still-"+direction, 1)
		g := b.arrival().Leg.(*Leg)
		tag := ";tag=" + g.dialog.Local.Tag
		w.send(request("INVITE", "sip:100@{there}", tag, "still-"+direction, 2, "", offer+"a="+direction+"\r\n"))
		w.get("SIP/2.0 200")
		w.send(request("ACK", "sip:100@{there}", tag, "still-"+direction, 2, "", ""))
		w.silentFor(t, "OPTIONS", 3*b.server.cfg.MediaTimeout)
		w.send(request("BYE", "sip:100@{there}", tag, "still-"+direction, 3, "", ""))
		w.get("SIP/2.0 200")
	}
}

// silentFor fails when a message with that prefix comes meanwhile.
func (w *wire) silentFor(t *testing.T, prefix string, d time.Duration) {
	t.Helper()
	buf := make([]byte, 65536)
	w.conn.SetReadDeadline(time.Now().Add(d))
	for {
		n, err := w.conn.Read(buf)
		if err != nil {
			return
		}
		if bytes.HasPrefix(buf[:n], []byte(prefix)) {
			t.Errorf("got\n%s", buf[:n])
		}
	}
}

// Sound in any of the codecs of a call is taken, though the answer named one; and who is spoken to in another gets it.
func TestOtherCodecs(t *testing.T) {
	phone, beside := newEndpoint(t), newEndpoint(t)
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	w.send(request("INVITE", "sip:100@{there}", "", "other", 1, "",
		strings.Replace(described(phone.addr()), "AVP 8", "AVP 8 0 9", 1)))
	g := b.arrival()
	_, tag, _ := strings.Cut(field(w.get("SIP/2.0 200"), "To"), ">")
	w.send(request("ACK", "sip:100@{there}", tag, "other", 1, "", ""))
	track := expect[pbx.TrackAdded](t, g).Track
	port := g.Leg.(*Leg).sound.Local()
	for pt, codec := range map[uint8]media.Codec{0: media.PCMU(), 9: media.G722()} {
		heard := pitchOf(media.PCMA())
		track.Attach(heard)
		player := media.NewPlayer("p", codec, tone(440))
		out := &sender{to: port, by: phone, pt: pt}
		player.Track().Attach(out)
		eventually(t, codec.Name+" is heard", func() bool { return heard.share(440) > 0.9 })
		player.Close()
		track.Detach(heard)
	}
	w.send(request("INVITE", "sip:100@{there}", tag, "other", 2, "",
		strings.Replace(described(beside.addr()), "AVP 8", "AVP 0", 1)))
	if got := w.get("SIP/2.0 200"); !strings.Contains(got, "RTP/AVP 0\r\n") {
		t.Errorf("another codec is not taken:\n%s", got)
	}
	w.send(request("ACK", "sip:100@{there}", tag, "other", 2, "", ""))
	player := media.NewPlayer("q", media.PCMA(), tone(660))
	defer player.Close()
	g.Play(player.Track())
	back := pitchOf(media.PCMU())
	eventually(t, "it is spoken in that codec", func() bool {
		p, ok := beside.packet()
		if ok && p.PayloadType == 0 {
			back.WriteRTP(&media.Packet{Header: p.Header, Payload: p.Payload})
		}
		return back.share(660) > 0.9
	})
	w.bye("other", tag)
}

// bye ends a call by hand.
func (w *wire) bye(callID, tag string) {
	w.t.Helper()
	w.send(request("BYE", "sip:100@{there}", tag, callID, 99, "", ""))
	w.get("SIP/2.0 200")
}

// sender is a sink that sends what it gets from an endpoint.
type sender struct {
	to netip.AddrPort
	by *endpoint
	pt uint8
}

func (s *sender) WriteRTP(p *media.Packet) { s.by.send(s.to, s.pt, p.Payload) }

// packet is the next one within a moment.
func (e *endpoint) packet() (p packet.Packet, ok bool) {
	buf := make([]byte, 2000)
	e.conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	n, err := e.conn.Read(buf)
	return p, err == nil && p.Unmarshal(buf[:n]) == nil
}

// Who holds and plays music is told to play it; who only sends silence is not.
func TestHoldersMusic(t *testing.T) {
	phone := newEndpoint(t)
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	w.send(request("INVITE", "sip:100@{there}", "", "music", 1, "", described(phone.addr())))
	_, tag, _ := strings.Cut(field(w.get("SIP/2.0 200"), "To"), ">")
	w.send(request("ACK", "sip:100@{there}", tag, "music", 1, "", ""))
	g := b.arrival()
	leg := g.Leg.(*Leg)
	w.send(request("INVITE", "sip:100@{there}", tag, "music", 2, "", described(phone.addr())+"a=sendonly\r\n"))
	w.get("SIP/2.0 200")
	w.send(request("ACK", "sip:100@{there}", tag, "music", 2, "", ""))
	if e := expect[pbx.Held](t, g); !e.On || e.Music {
		t.Errorf("%+v", e)
	}
	heard := &spoken{}
	leg.sound.Current().Attach(heard)
	for range 10 {
		phone.send(leg.sound.Local(), 8, bytes.Repeat([]byte{0xD5}, 160))
	}
	eventually(t, "the silence came", func() bool { return len(heard.all()) == 10 })
	if len(g.events) != 0 {
		t.Error("silence is taken for music")
	}
	player := media.NewPlayer("p", media.PCMA(), tone(440))
	defer player.Close()
	player.Track().Attach(&sender{to: leg.sound.Local(), by: phone, pt: 8})
	if e := expect[pbx.Held](t, g); !e.On || !e.Music {
		t.Errorf("%+v", e)
	}
	w.bye("music", tag)
}

// lineAndPhone are those of a PBX with a line, a number and a phone that it rings, both by hand.
func lineAndPhone(t *testing.T) (b *bed, line, phone *wire) {
	t.Helper()
	b = newOffice(t, nil, loopback())
	desk := b.extension("201", "secret-one")
	phone, line = newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	phone.register("201", "secret-one")
	number := dialplan.Number{E164: "+40312345678", Trunk: b.trunk().ID,
		Destination: dialplan.Destination{Kind: "user", User: desk.User}}
	if err := b.dir.SaveNumber(context.Background(), &number); err != nil {
		t.Fatal(err)
	}
	return b, line, phone
}

// What a phone plays before it answers is heard by the caller.
func TestEarlyMediaOfAPhone(t *testing.T) {
	_, line, phone := lineAndPhone(t)
	ear, mouth := newEndpoint(t), newEndpoint(t)
	line.send(request("INVITE", "sip:+40312345678@{there}", "", "early", 1, "", described(ear.addr())))
	invite := phone.get("INVITE")
	offered, err := rtp.Parse([]byte(invite[strings.Index(invite, "v=0"):]))
	if err != nil {
		t.Fatal(err)
	}
	phone.reply(invite, "183 Session Progress", "", described(mouth.addr()))
	if got := line.get("SIP/2.0 183"); !strings.Contains(got, "m=audio") {
		t.Fatalf("no description in\n%s", got)
	}
	eventually(t, "it is heard", func() bool {
		mouth.send(offered.Media[0].Addr, 8, []byte("sorry"))
		p, ok := ear.packet()
		return ok && string(p.Payload) == "sorry"
	})
	phone.reply(invite, "486 Busy Here", "", "")
	line.get("SIP/2.0 486")
}

// Keys of a phone that sends no sound, pressed by INFO in either form, arrive at the other side as telephone-events, in
// order.
func TestKeysOfASilentPhone(t *testing.T) {
	_, line, phone := lineAndPhone(t)
	ear := newEndpoint(t)
	events := "AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
	line.send(request("INVITE", "sip:+40312345678@{there}", "", "dtmf", 1, "",
		strings.Replace(described(ear.addr()), "AVP 8\r\n", events, 1)))
	invite := phone.get("INVITE")
	phone.reply(invite, "200 OK", "", offer)
	phone.get("ACK")
	_, tag, _ := strings.Cut(field(line.get("SIP/2.0 200"), "To"), ">")
	line.send(request("ACK", "sip:x@{there}", tag, "dtmf", 1, "", ""))
	for i, body := range []struct{ kind, text string }{
		{"application/dtmf-relay", "Signal=1\r\nDuration=160\r\n"}, {"application/dtmf", "7"},
		{"application/dtmf-relay", "Signal= 11\r\n"}, {"application/dtmf", "d=4"},
	} {
		info := strings.NewReplacer("sip:ana@{here}>;tag=a1",
			"sip:201@{here}>;tag=w"+phone.conn.LocalAddr().String()[10:]).Replace(
			typed(request("INFO", "sip:x@{there}", "", field(invite, "Call-ID"), i+1, "", body.text), body.kind))
		_, ours, _ := strings.Cut(field(invite, "From"), ">")
		phone.send(strings.Replace(info, "To: <sip:100@{there}>", "To: <sip:x@{there}>"+ours, 1))
		phone.get("SIP/2.0 200")
	}
	var detector media.Detector
	got := ""
	eventually(t, "all keys", func() bool {
		p, ok := ear.packet()
		if ok && p.PayloadType == 101 {
			if key, ok := detector.Detect(&media.Packet{Header: p.Header, Payload: p.Payload, Event: true}); ok {
				got += string(key)
			}
		}
		return len(got) == 4
	})
	if got != "17#4" {
		t.Errorf("keys %q", got)
	}
	line.bye("dtmf", tag)
	phone.reply(phone.get("BYE"), "200 OK", "", "")
}
