package sip

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/testwait"
)

// wire is a peer that writes SIP by hand over UDP.
type wire struct {
	t         testing.TB
	conn      net.Conn
	to        string
	seq       int
	transport string // TCP; empty: UDP
}

func newWire(t testing.TB, server string) *wire { return newWireAt(t, server, "") }

// newWireAt is a wire from an address of its own; empty: any.
func newWireAt(t testing.TB, server, ip string) *wire {
	t.Helper()
	at, err := net.ResolveUDPAddr("udp", server)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.ParseIP(ip)}, at)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, conn: conn, to: server}
	t.Cleanup(func() { w.conn.Close() })
	return w
}

// send writes text with its lines ended by CRLF. {here}, {there} and {branch} are filled in.
func (w *wire) send(text string) {
	w.t.Helper()
	w.seq++
	text = strings.NewReplacer("\r\n", "\r\n", "\n", "\r\n", "{here}", w.conn.LocalAddr().String(), "{there}", w.to,
		"{branch}", "z9hG4bK-"+w.conn.LocalAddr().String()[10:]+"-"+
			strconv.Itoa(w.seq)).Replace(strings.TrimLeft(text, "\n"))
	if w.transport != "" {
		text = strings.Replace(text, "SIP/2.0/UDP", "SIP/2.0/"+w.transport, 1)
	}
	if _, err := w.conn.Write([]byte(text)); err != nil {
		w.t.Fatal(err)
	}
}

// get reads messages until one begins with prefix.
func (w *wire) get(prefix string) string {
	w.t.Helper()
	buf := make([]byte, 65536)
	w.conn.SetReadDeadline(time.Now().Add(testwait.Limit))
	for {
		n, err := w.conn.Read(buf)
		if err != nil {
			w.t.Fatalf("waiting for %q: %v", prefix, err)
		}
		if text := string(buf[:n]); strings.HasPrefix(text, prefix) {
			return text
		} else if strings.HasPrefix(text, "SIP/2.0") && !strings.HasPrefix(text, "SIP/2.0 1") {
			w.t.Fatalf("waiting for %q, got\n%s", prefix, text)
		}
	}
}

// silent fails when anything comes within a moment.
func (w *wire) silent() {
	w.t.Helper()
	buf := make([]byte, 65536)
	w.conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, err := w.conn.Read(buf); err == nil {
		w.t.Fatalf("nothing expected, got\n%s", buf[:n])
	}
}

// fields are all values of a header.
func fields(message, name string) (all []string) {
	for line := range strings.Lines(message) {
		if v, ok := strings.CutPrefix(line, name+": "); ok {
			all = append(all, strings.TrimSpace(v))
		}
	}
	return all
}

// move makes the wire talk to another node, from the same address.
func (w *wire) move(server string) {
	w.t.Helper()
	from := w.conn.LocalAddr().(*net.UDPAddr)
	w.conn.Close()
	at, err := net.ResolveUDPAddr("udp", server)
	if err == nil {
		w.conn, err = net.DialUDP("udp", from, at)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.to = server
}

func field(message, name string) string {
	for line := range strings.Lines(message) {
		if v, ok := strings.CutPrefix(line, name+": "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"

// request is a message with what every request has; extra lines end with \n.
func request(method, uri, to, callID string, cseq int, extra, body string) string {
	if body != "" {
		extra += "Content-Type: application/sdp\n"
	}
	return fmt.Sprintf("%s %s SIP/2.0\nVia: SIP/2.0/UDP {here};branch={branch};rport\nFrom: <sip:ana@{here}>;tag=a1\n"+
		"To: <sip:100@{there}>%s\n"+
		"Call-ID: %s\nCSeq: %d %s\nMax-Forwards: 70\nContact: <sip:ana@{here}>\n%sContent-Length: %d\n\n%s", method,
		uri, to, callID, cseq, method, extra, len(body), body)
}

// answered sets up a call by hand and returns the To field of its dialog.
func (w *wire) answered(callID string, cseq int) string {
	w.t.Helper()
	w.send(request("INVITE", "sip:100@{there}", "", callID, cseq, "", offer))
	to := field(w.get("SIP/2.0 200"), "To")
	_, tag, _ := strings.Cut(to, ">")
	w.send(request("ACK", "sip:100@{there}", tag, callID, cseq, "", ""))
	return tag
}

// reply answers a request that came over the wire.
func (w *wire) reply(request, status, extra, body string) {
	w.t.Helper()
	if body != "" {
		extra += "Content-Type: application/sdp\n"
	}
	to := field(request, "To")
	if !strings.Contains(to, ";tag=") {
		to += ";tag=w" + w.conn.LocalAddr().String()[10:]
	}
	if !strings.Contains(extra, "Contact: ") {
		extra += "Contact: <sip:w@{here}>\n"
	}
	for _, name := range []string{"Via", "Record-Route"} {
		for _, v := range fields(request, name) {
			extra += name + ": " + v + "\n"
		}
	}
	w.send(fmt.Sprintf("SIP/2.0 %s\nFrom: %s\nTo: %s\nCall-ID: %s\nCSeq: %s\n%sContent-Length: %d\n\n%s", status,
		field(request, "From"), to, field(request, "Call-ID"), field(request, "CSeq"), extra, len(body), body))
}

// any reads the next message.
func (w *wire) any() string {
	w.t.Helper()
	buf := make([]byte, 65536)
	w.conn.SetReadDeadline(time.Now().Add(testwait.Limit))
	n, err := w.conn.Read(buf)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(buf[:n])
}

// closed waits until the peer has closed the connection.
func (w *wire) closed() {
	w.t.Helper()
	w.conn.SetReadDeadline(time.Now().Add(testwait.Limit))
	for {
		if _, err := w.conn.Read(make([]byte, 4096)); err != nil {
			if os.IsTimeout(err) {
				w.t.Fatal("the connection stays open")
			}
			return
		}
	}
}
