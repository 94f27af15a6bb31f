package sip

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx"
)

// peersMessage is a message out of testdata/cases as a peer at w sends it: its address is that of the wire, and its
// length is right.
func (w *wire) peersMessage(file string) string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "cases", file))
	if err != nil {
		w.t.Fatal(err)
	}
	head, body, _ := strings.Cut(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n\n")
	body = strings.ReplaceAll(body, "\n", "\r\n")
	before, after, found := strings.Cut(head, "Content-Length: ")
	if !found {
		w.t.Fatalf("%s has no length", file)
	}
	_, after, _ = strings.Cut(after, "\n")
	head = before + "Content-Length: " + strconv.Itoa(len(body)) + "\n" + after
	return strings.NewReplacer("127.0.0.3:5060", w.conn.LocalAddr().String(), "z9hG4bKr1", "{branch}", "z9hG4bKr8",
		"{branch}", "repro", file).Replace(
		strings.TrimRight(head, "\n")) + "\n\n" + body
}

// Messages of real peers that were answered wrongly once.
func TestPeersMessages(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Ring(false); g.Answer(media.PCMA()) }, loopback())
	for _, c := range []struct{ file, answer, has string }{
		{"m1-multipart-sdp-isup.sip", "SIP/2.0 200", "m=audio"},
		{"m3-require-100rel.sip", "SIP/2.0 180", "RSeq: "},
		{"m4-sdp-c-fqdn.sip", "SIP/2.0 200", "m=audio"},
		{"m5-sdes-srtp.sip", "SIP/2.0 200", "RTP/SAVP 8 101"},
		{"m8-via-without-received.sip", "SIP/2.0 200", "received=127.0.0.3"},
	} {
		t.Run(c.file, func(t *testing.T) {
			w := newWireAt(t, b.addr("udp"), "127.0.0.3")
			message := w.peersMessage(c.file)
			if strings.Contains(message, "10.1.2.3") { // the answer goes to the port in Via, which is ours
				message = strings.Replace(message, "10.1.2.3:5060", "10.1.2.3:"+w.port(), 1)
			}
			w.send(message)
			if got := w.get(c.answer); !strings.Contains(got, c.has) {
				t.Errorf("%q is missing in\n%s", c.has, got)
			}
		})
	}
}

func (w *wire) port() string {
	_, port, _ := strings.Cut(w.conn.LocalAddr().String(), ":")
	return port
}

// A 302 of a carrier leads to the number in its Contact, which the exchange dials within its policy.
func TestPeersRedirection(t *testing.T) {
	_, w, g, invite := called(t, nil, media.PCMA())
	w.reply(invite, "302 Moved Temporarily", field302(w.peersMessage("m10-302.sip")), "")
	if e := expect[pbx.Gone](t, g); len(e.Moved) != 1 || e.Moved[0] != "0721550123" {
		t.Errorf("gone: %+v", e)
	}
}

// field302 is the Contact line of a message.
func field302(message string) string { return "Contact: " + field(message, "Contact") + "\n" }
