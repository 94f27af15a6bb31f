package sip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"frontdesk/pbx"
)

// seeds are messages as peers send them, to be spoilt.
func seeds() []string {
	auth := `Authorization: Digest username="desk1", realm="test", nonce="00", uri="sip:{there}", response="00", algorithm=MD5, qop=auth, nc=00000001, cnonce="x"` + "\n"
	answer := "SIP/2.0 200 OK\nVia: SIP/2.0/UDP {there};branch=z9hG4bKx;rport=5060;received=127.0.0.1\n" +
		"From: \"a\" <sip:a@{there}>;tag=1\nTo: <sip:b@{here}>;tag=2\nCall-ID: x\nCSeq: 1 INVITE\n" +
		"Record-Route: <sip:p@nowhere.test;lr>, <sip:q@[::1]:5070;transport=tcp>\n" +
		"Contact: <sip:b@nowhere.test:5060;transport=tcp>;expires=60\nContent-Length: 0\n\n"
	return []string{
		request("INVITE", "sip:100@{there}", "", "r1", 1,
			"Record-Route: <sip:p@nowhere.test;lr>\nP-Asserted-Identity: \"J\xfcrgen\" <sip:+40722@x>\n", offer),
		request("INVITE", "sip:100@{there}", "", "r2", 1,
			"Require: 100rel\nSupported: timer\nSession-Expires: 1800;refresher=uac\nReplaces: a;to-tag=b;from-tag=c\n",
			offer+"a=rtpmap:8 PCMA/8000\r\na=fmtp:101 0-15\r\n"),
		registerAs("desk1", "r3", 1,
			auth+"Contact: <sip:desk1@{here}>;q=0.5;expires=60, *\nPath: <sip:x;lr>\nExpires: 60\n"),
		request("OPTIONS", "sip:{there}", "", "r4", 1, "Route: <sip:flow.AAAA@{there};lr>\n", ""),
		request("BYE", "sip:100@{there}", ";tag=x", "r1", 2, "", ""),
		request("CANCEL", "sip:100@{there}", "", "r1", 1, "", ""),
		request("ACK", "sip:100@{there}", ";tag=x", "r1", 1, "", ""),
		request("REFER", "sip:100@{there}", ";tag=x", "r1", 3, "Refer-To: <sip:1@x?Replaces=a%3Bto-tag%3Db>\n", ""),
		request("INFO", "sip:100@{there}", ";tag=x", "r1", 4, "", "Signal=5\nDuration=160\n"),
		request("PRACK", "sip:100@{there}", ";tag=x", "r1", 5, "RAck: 1 1 INVITE\n", ""),
		answer, strings.Replace(answer, "200 OK", "302 Moved", 1), strings.Replace(answer, "200 OK", "401 No", 1),
	}
}

// spoil changes some bytes of a message, as seed says: bits, pieces left out, doubled or from elsewhere, numbers out of
// range, an end too early.
func spoil(r *rand.Rand, all []string) string {
	m := []byte(all[r.IntN(len(all))])
	odd := []string{"\x00", "\xff\xfe", "\r\n\r\n", "99999999999999999999", "-1", ";;", "<<<", `"`, "%", "%zz", "@",
		"[::", "\t ", strings.Repeat("a", 3000), "Content-Length: 7\n", "Via: \n", "sip:", "tel:", "*", "\n "}
	for range 1 + r.IntN(6) {
		at := r.IntN(len(m))
		end := min(len(m), at+1+r.IntN(40))
		switch r.IntN(6) {
		case 0:
			m[at] ^= 1 << r.IntN(8)
		case 1:
			m = append(m[:at:at], m[end:]...)
		case 2:
			m = append(m[:end:end], m[at:]...)
		case 3, 4:
			m = append(m[:at:at], append([]byte(odd[r.IntN(len(odd))]), m[at:]...)...)
		default:
			other := all[r.IntN(len(all))]
			m = append(m[:at:at], other[r.IntN(len(other)):]...)
		}
		if len(m) == 0 {
			m = []byte{0}
		}
	}
	if r.IntN(8) == 0 {
		m = m[:1+r.IntN(len(m))]
	}
	return string(m)
}

// Several hundred spoilt messages over real sockets: nothing falls over, nothing stays behind, and calls, registrations
// and questions are served as before.
func TestSpoiltMessagesDoNoHarm(t *testing.T) {
	nobody := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil,
			errors.New("no name server")
	}}
	b := newBed(t, func(c *Config) { c.Shield.Burst, c.Resolver, c.T1 = 100_000, nobody, time.Millisecond },
		func(g *guest) { g.Ring(false); g.Hangup(pbx.CauseBusy) }, loopback())
	b.device("desk1", "secret-one")
	before := runtime.NumGoroutine()
	r, all := rand.New(rand.NewPCG(7, 7)), seeds()
	for range 20 {
		w := newWire(t, b.addr("udp"))
		for range 40 {
			w.send(spoil(r, all))
		}
		w.conn.Close()
	}
	for range 40 {
		w := overTCP(t, b)
		stream := spoil(r, all) + spoil(r, all) + spoil(r, all)
		for len(stream) > 0 {
			n := 1 + r.IntN(len(stream))
			if _, err := fmt.Fprint(w.conn, stream[:n]); err != nil {
				break // hung up on us
			}
			stream = stream[n:]
		}
		w.conn.Close()
	}
	w := newWire(t, b.addr("udp"))
	w.send(request("OPTIONS", "sip:{there}", "", "alive", 1, "", ""))
	w.get("SIP/2.0 200")
	w.register("desk1", "secret-one")
	w.send(request("INVITE", "sip:100@{there}", "", "well", 1, "", offer))
	w.send(request("INVITE", "sip:100@{there}", "", "well", 2,
		sign(t, w.get("SIP/2.0 401"), "INVITE", "sip:100@"+w.to, "desk1", "secret-one"), offer))
	w.get("SIP/2.0 486")
	w.send(request("ACK", "sip:100@{there}", "", "well", 2, "", ""))
	eventually(t, "no leg is left", func() bool { return b.server.Legs() == 0 })
	eventually(t, fmt.Sprint("no goroutine is left of those beyond ", before),
		func() bool { return runtime.NumGoroutine() <= before+3 })
}
