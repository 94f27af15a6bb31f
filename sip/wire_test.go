package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
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
	w.conn.SetReadDeadline(time.Now().Add(patience))
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
	return fmt.Sprintf("%s %s SIP/2.0\nVia: SIP/2.0/UDP {here};branch={branch};rport\nFrom: <sip:ana@{here}>;tag=a1\nTo: <sip:100@{there}>%s\n"+
		"Call-ID: %s\nCSeq: %d %s\nMax-Forwards: 70\nContact: <sip:ana@{here}>\n%sContent-Length: %d\n\n%s", method,
		uri, to, callID, cseq, method, extra, len(body), body)
}

func TestRulesOfRequests(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Ring(false) }, loopback())
	tests := []struct{ name, message, answer, has string }{
		{"unknown method", request("DANCE", "sip:{there}", "", "c1", 1, "", ""), "SIP/2.0 501", "Allow: INVITE"},
		{"method not served", request("SUBSCRIBE", "sip:{there}", "", "c2", 1, "", ""), "SIP/2.0 405", "Allow: INVITE"},
		{"extension not known", request("INVITE", "sip:100@{there}", "", "c3", 1, "Require: 100rel, magic\n", offer), "SIP/2.0 420", "Unsupported: magic"},
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

// answered sets up a call by hand and returns the To field of its dialog.
func (w *wire) answered(callID string, cseq int) string {
	w.t.Helper()
	w.send(request("INVITE", "sip:100@{there}", "", callID, cseq, "", offer))
	to := field(w.get("SIP/2.0 200"), "To")
	_, tag, _ := strings.Cut(to, ">")
	w.send(request("ACK", "sip:100@{there}", tag, callID, cseq, "", ""))
	return tag
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
	b := newBed(t, nil, nil, directory.Trunk{Name: "x", Kind: directory.PBX, Host: peer.LocalAddr().String(),
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
	w.send(fmt.Sprintf("SIP/2.0 180 Ringing\nVia: %s\nFrom: %s\nTo: %s;tag=b\nCall-ID: %s\nCSeq: 1 INVITE\nContact: <sip:x@{here}>\nContent-Length: 0\n\n",
		field(invite, "Via"), field(invite, "From"), field(invite, "To"), field(invite, "Call-ID")))
	expect[pbx.Ringing](t, g)
	w.send(fmt.Sprintf("INVITE sip:x@{there} SIP/2.0\nVia: SIP/2.0/UDP {here};branch={branch}\nFrom: %s;tag=b\nTo: %s\nCall-ID: %s\nCSeq: 7 INVITE\nMax-Forwards: 70\nContact: <sip:x@{here}>\nContent-Length: 0\n\n",
		field(invite, "To"), field(invite, "From"), field(invite, "Call-ID")))
	w.get("SIP/2.0 491")
}

// RFC 4475: every message of its collection is answered as it should be, or dropped; the server lives on.
func TestTorture(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Burst = 10_000 }, func(g *guest) { g.Hangup(pbx.CauseBusy) }, loopback())
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "sip", "testdata", "torture")
	want := map[string]string{ // "" is no answer: a response, an ACK-like fragment, or nothing to answer to
		"badinv01": "400", "clerr": "400", "ncl": "400", "scalar02": "400", "ltgtruri": "400", "lwsruri": "400",
		"lwsstart": "400", "trws": "400", "escruri": "400",
		"mismatch01": "400", "mismatch02": "400 501", "multi01": "400", "badvers": "505", "unkscm": "416",
		"novelsc": "400 416", "bext01": "420",
		"insuf": "400", "zeromf": "", "esc02": "501", "quotbal": "400", "bigcode": "", "scalarlg": "", "bcast": "",
		"intmeth": "501 400", "invut": "415", "mcl01": "400",
		"wsinv": "400", // the library takes no spaces around the = of a parameter
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "*.dat"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d torture messages, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			newWire(t, b.addr("udp")).conn.Write(data)
			got := verdictOn(data)
			if codes, listed := want[name]; listed && !(codes == "" && got == "") &&
				(codes == "" || !strings.Contains(" "+codes+" ", " "+got+" ")) {
				t.Errorf("answered %q, not %q", got, codes)
			}
			t.Logf("%s: %s", name, got)
		})
	}
	w := newWire(t, b.addr("udp"))
	w.send(request("OPTIONS", "sip:{there}", "", "alive", 1, "", ""))
	w.get("SIP/2.0 200")
}

// verdictOn is the code that data is refused with, "" when it is served or dropped.
func verdictOn(data []byte) string {
	m, err := proto.ParseMessage(data)
	if err != nil {
		if edge.BadRequest(data, netip.MustParseAddrPort("127.0.0.1:5060")) != nil {
			return "400"
		}
		return ""
	}
	req, ok := m.(*proto.Request)
	if !ok {
		return ""
	}
	if r, bad := edge.Validate(req); bad {
		return strconv.Itoa(r.Code)
	}
	return ""
}

// Garbage from many addresses must not stay in memory: sipgo keeps every source address of a listener.
func TestGarbageLeavesNothing(t *testing.T) {
	b := newBed(t, nil, nil)
	for i := range 3000 {
		conn, err := net.Dial("udp", b.addr("udp"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "garbage %d\r\n\r\n", i)
		conn.Close()
	}
	w := newWire(t, b.addr("udp"))
	w.send(request("OPTIONS", "sip:{there}", "", "g1", 1, "", ""))
	w.get("SIP/2.0 200")
	if n := b.server.Net.Pool("udp").Size(); n > 3 {
		t.Errorf("%d addresses kept", n)
	}
}

// Many real sources: the listener is renewed on the same socket, and nobody notices.
func TestListenerRenewed(t *testing.T) {
	b := newBed(t, nil, nil)
	const sources = edge.Generation + 500
	for i := range sources {
		w := &wire{t: t, to: b.addr("udp")}
		at, _ := net.ResolveUDPAddr("udp", b.addr("udp"))
		conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 9, byte(i>>8), byte(i))}, at)
		if err != nil {
			t.Fatal(err)
		}
		w.conn = conn
		w.send(request("OPTIONS", "sip:{there}", "", fmt.Sprint("r", i), 1, "", ""))
		w.get("SIP/2.0 200")
		conn.Close()
	}
	eventually(t, "old addresses forgotten", func() bool { return b.server.Net.Pool("udp").Size() < 1000 })
}

func TestScannersGetSilence(t *testing.T) {
	b := newBed(t, nil, nil)
	w := newWire(t, b.addr("udp"))
	w.send(request("OPTIONS", "sip:100@{there}", "", "x1", 1, "User-Agent: friendly-scanner\n", ""))
	w.silent()
}

// sign answers the challenge in a 401.
func sign(t testing.TB, challenge, method, uri, user, password string) string {
	t.Helper()
	for line := range strings.Lines(challenge) {
		v, ok := strings.CutPrefix(line, "WWW-Authenticate: ")
		if !ok || !strings.Contains(v, "MD5") {
			continue
		}
		ch, err := digest.ParseChallenge(strings.TrimSpace(v))
		if err != nil {
			t.Fatal(err)
		}
		cred, err := digest.Digest(ch, digest.Options{Method: method, URI: uri, Username: user, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		return "Authorization: " + cred.String() + "\n"
	}
	t.Fatalf("no MD5 challenge in\n%s", challenge)
	return ""
}

// device makes a phone's account.
func (b *bed) device(username, password string) directory.Device {
	b.t.Helper()
	d := directory.Device{User: "u-" + username, Username: username, Label: username}
	if err := b.dir.SaveDevice(context.Background(), &d, password); err != nil {
		b.t.Fatal(err)
	}
	return d
}

// trunk is the only one there is.
func (b *bed) trunk() directory.Trunk {
	b.t.Helper()
	list, err := b.dir.Trunks(context.Background())
	if err != nil || len(list) != 1 {
		b.t.Fatalf("trunks %+v, %v", list, err)
	}
	return list[0]
}

// register puts the wire's phone into the registrar; extra are more lines of the REGISTER. It returns the 200.
func (w *wire) register(user, password string, extra ...string) string {
	w.t.Helper()
	contact := "Contact: <sip:" + user + "@{here}>\nExpires: 300\n" + strings.Join(extra, "")
	id := fmt.Sprint("reg-", w.conn.LocalAddr(), "-", w.seq)
	w.send(registerAs(user, id, 1, contact))
	w.send(registerAs(user, id, 2, sign(w.t, w.get("SIP/2.0 401"), "REGISTER", "sip:"+w.to, user, password)+contact))
	return w.get("SIP/2.0 200")
}

func registerAs(user, callID string, cseq int, extra string) string {
	m := request("REGISTER", "sip:{there}", "", callID, cseq, extra, "")
	m = strings.Replace(m, "Contact: <sip:ana@{here}>\n", "", 1)
	return strings.Replace(strings.Replace(m, "sip:ana@", "sip:"+user+"@", 1), "sip:100@", "sip:"+user+"@", 1)
}

func TestRegistrar(t *testing.T) {
	b := newBed(t, func(c *Config) { c.NonceLife = time.Minute }, nil)
	device := b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	seq := 0
	send := func(t *testing.T, user, password, extra, answer string) string {
		t.Helper()
		seq++
		w.send(registerAs(user, "reg", seq, extra))
		uri := "sip:" + w.to
		auth := sign(t, w.get("SIP/2.0 401"), "REGISTER", uri, user, password)
		seq++
		w.send(registerAs(user, "reg", seq, auth+extra))
		return w.get(answer)
	}
	contact := "Contact: <sip:desk1@10.0.0.9:5060>\n"
	got := send(t, "desk1", "secret-one", contact+"Expires: 300\n", "SIP/2.0 200")
	if !strings.Contains(got, "<sip:desk1@10.0.0.9:5060>;expires=300") {
		t.Errorf("contact is missing in\n%s", got)
	}
	list, err := b.dir.Bindings(context.Background(), device.ID, time.Now())
	if err != nil || len(list) != 1 || list[0].Received != "udp:"+w.conn.LocalAddr().String() {
		t.Fatalf("bindings %+v, %v", list, err)
	}
	if got := send(t, "desk1", "secret-one", "Contact: <sip:two@10.0.0.8>;expires=10\n", "SIP/2.0 423"); field(got,
		"Min-Expires") != "60" {
		t.Errorf("no Min-Expires in\n%s", got)
	}
	if got := send(t, "desk1", "secret-one", "Contact: <sip:two@10.0.0.8>;expires=90000\n",
		"SIP/2.0 200"); strings.Count(got, "Contact: ") != 2 || !strings.Contains(got, "expires=3600") {
		t.Errorf("two contacts expected, the new one for an hour, in\n%s", got)
	}
	if got := send(t, "desk1", "secret-one", "", "SIP/2.0 200"); strings.Count(got, "Contact: ") != 2 {
		t.Errorf("a query lists both, but\n%s", got)
	}
	send(t, "desk1", "secret-one", "Contact: *\nExpires: 5\n", "SIP/2.0 400")
	if got := send(t, "desk1", "secret-one", "Contact: *\nExpires: 0\n", "SIP/2.0 200"); strings.Contains(got,
		"Contact: ") {
		t.Errorf("contacts left in\n%s", got)
	}
	send(t, "desk1", "wrong-one", contact, "SIP/2.0 401")
	send(t, "nobody", "whatever-1", contact, "SIP/2.0 401")
}

// Unknown users and wrong passwords can't be told apart.
func TestNoUserEnumeration(t *testing.T) {
	b := newBed(t, nil, nil)
	b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	shape := func(user string) string {
		w.send(registerAs(user, "e-"+user, 1, ""))
		first := w.get("SIP/2.0 401")
		w.send(registerAs(user, "e-"+user, 2, sign(t, first, "REGISTER", "sip:"+w.to, user, "guess-guess")))
		second := w.get("SIP/2.0 401")
		names := ""
		for line := range strings.Lines(second) {
			name, _, _ := strings.Cut(line, ":")
			names += strings.TrimSpace(name) + ";"
		}
		return names
	}
	if a, b := shape("desk1"), shape("ghost"); a != b {
		t.Errorf("known: %s\nunknown: %s", a, b)
	}
}

func TestStaleNonce(t *testing.T) {
	b := newBed(t, func(c *Config) { c.NonceLife = time.Nanosecond }, nil)
	b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.send(registerAs("desk1", "st", 1, ""))
	w.send(registerAs("desk1", "st", 2, sign(t, w.get("SIP/2.0 401"), "REGISTER", "sip:"+w.to, "desk1", "secret-one")))
	if got := w.get("SIP/2.0 401"); !strings.Contains(got, "stale=true") {
		t.Errorf("not stale:\n%s", got)
	}
}

// A call from an address that is no trunk's needs a phone's password.
func TestStrangersAreChallenged(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) })
	b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.send(request("INVITE", "sip:100@{there}", "", "i1", 1, "", offer))
	challenge := w.get("SIP/2.0 401")
	w.send(request("INVITE", "sip:100@{there}", "", "i1", 2,
		sign(t, challenge, "INVITE", "sip:100@"+w.to, "desk1", "secret-one"), offer))
	w.get("SIP/2.0 486")
	if g := b.arrival(); g.Party().Kind != pbx.Phone || g.Party().User != "u-desk1" || g.dialled != "100" {
		t.Errorf("arrived %+v", g.Party())
	}
}

// The ways a caller is told: asserted identity first, privacy honoured.
func TestCallerIdentity(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) }, loopback())
	tests := []struct {
		extra, number string
		private       bool
	}{
		{"", "ana", false},
		{"P-Asserted-Identity: \"Ana\" <sip:+40722000111@carrier>\n", "+40722000111", false},
		{"P-Asserted-Identity: <tel:+40722000112>\n", "+40722000112", false},
		{"P-Asserted-Identity: <sip:+40722000111@carrier>\nPrivacy: id\n", "", true},
	}
	for i, test := range tests {
		w := newWire(t, b.addr("udp"))
		w.send(request("INVITE", "sip:%2B40312345678@{there}", "", fmt.Sprint("p", i), 1, test.extra, offer))
		w.get("SIP/2.0 486")
		if g := b.arrival(); g.Party().Number != test.number || g.Party().Private != test.private ||
			g.dialled != "+40312345678" {
			t.Errorf("%q: party %+v, dialled %q", test.extra, g.Party(), g.dialled)
		}
	}
}

func TestAnonymousTestCall(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) }, loopback())
	res, err := PlaceCall(context.Background(), CallOptions{Server: b.addr("udp"), To: "+40312345678"}, nil)
	if err != nil || res.Cause != pbx.CauseBusy {
		t.Errorf("%+v, %v", res, err)
	}
	if p := b.arrival().Party(); p.Number != "" || !p.Private {
		t.Errorf("arrived %+v", p)
	}
}

func TestDrainRefuses(t *testing.T) {
	b := newBed(t, nil, nil, loopback())
	b.server.Drain()
	w := newWire(t, b.addr("udp"))
	w.send(request("INVITE", "sip:100@{there}", "", "d1", 1, "", offer))
	if got := w.get("SIP/2.0 503"); field(got, "Retry-After") == "" {
		t.Errorf("no Retry-After in\n%s", got)
	}
}

// A node that does not reach the database sends calls and phones to another.
func TestWithoutDatabaseTryAnother(t *testing.T) {
	b := newBed(t, nil, nil, loopback())
	b.device("desk1", "secret-one")
	w := newWire(t, b.addr("udp"))
	w.send(registerAs("desk1", "away", 1, "Contact: <sip:desk1@{here}>\n"))
	auth := sign(t, w.get("SIP/2.0 401"), "REGISTER", "sip:"+w.to, "desk1", "secret-one")
	b.db.Close()
	w.send(registerAs("desk1", "away", 2, auth+"Contact: <sip:desk1@{here}>\n"))
	if got := w.get("SIP/2.0 503"); field(got, "Retry-After") == "" {
		t.Errorf("no Retry-After in\n%s", got)
	}
	w.send(request("INVITE", "sip:100@{there}", "", "away2", 1, "", offer))
	w.get("SIP/2.0 503")
}

// Nothing that comes by datagram may crash the checks of a message.
func FuzzValidate(f *testing.F) {
	f.Add([]byte(strings.ReplaceAll(request("INVITE", "sip:100@x", "", "c", 1, "Require: a\n", offer), "\n", "\r\n")))
	f.Add([]byte("OPTIONS sip:x SIP/2.0\r\nVia: x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		edge.LooksLikeSIP(data)
		edge.Scanner(data)
		edge.BadRequest(data, edge.SourceOf(&proto.Request{}))
		m, err := proto.ParseMessage(data)
		if err != nil {
			return
		}
		if req, ok := m.(*proto.Request); ok {
			if _, bad := edge.Validate(req); bad {
				return
			}
			callerOf("t", req)
			referTarget(req)
			tooBrief(req)
			dialogFromRequest(req, "t")
		}
		if res, ok := m.(*proto.Response); ok && complete(res) {
			dialogFromResponse(res)
			causeOf(res)
			stack.Choose(res)
		}
	})
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

// A trunk that must give a password is let in with the right one alone.
func TestTrunkProvesItself(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) })
	trunk := loopback()
	trunk.Active, trunk.InUsername, trunk.InHA1 = true, "carrier", b.dir.HA1("carrier", "carrier-secret")
	if err := b.dir.SaveTrunk(context.Background(), &trunk); err != nil {
		t.Fatal(err)
	}
	b.server.Reload()
	eventually(t, "the trunk is known", func() bool { return len(b.server.TrunkStatus()) == 1 })
	w := newWire(t, b.addr("udp"))
	for i, password := range []string{"wrong", "carrier-secret"} {
		id := fmt.Sprint("proof", i)
		w.send(request("INVITE", "sip:100@{there}", "", id, 1, "", offer))
		challenge := w.get("SIP/2.0 401")
		w.send(request("INVITE", "sip:100@{there}", "", id, 2,
			sign(t, challenge, "INVITE", "sip:100@"+w.to, "carrier", password), offer))
		w.get([]string{"SIP/2.0 401", "SIP/2.0 486"}[i])
	}
	if g := b.arrival(); g.Party().Trunk != trunk.ID {
		t.Errorf("arrived %+v", g.Party())
	}
}

// A line takes no more calls than it may: the exchange refuses the next one, which is told to come again later. The
// status counts.
func TestTrunkLimit(t *testing.T) {
	line := loopback()
	line.MaxCalls = 1
	b := newOffice(t, nil, line)
	desk := b.extension("201", "secret-one")
	phone, w := newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	phone.register("201", "secret-one")
	number := directory.Number{E164: "+40312345678", Trunk: b.trunk().ID,
		Destination: directory.Destination{Kind: "user", User: desk.User}}
	if err := b.dir.SaveNumber(context.Background(), &number); err != nil {
		t.Fatal(err)
	}
	to := "sip:+40312345678@{there}"
	w.send(request("INVITE", to, "", "l1", 1, "", offer))
	invite := phone.get("INVITE")
	phone.reply(invite, "180 Ringing", "", "")
	w.get("SIP/2.0 180")
	if n := b.server.TrunkStatus()[0].Calls; n != 1 {
		t.Errorf("%d calls counted", n)
	}
	w.send(request("INVITE", to, "", "l2", 1, "", offer))
	if got := w.get("SIP/2.0 503"); field(got, "Retry-After") == "" ||
		!strings.Contains(field(got, "Reason"), "cause=42") {
		t.Errorf("no Retry-After, or no reason, in\n%s", got)
	}
	phone.reply(invite, "486 Busy Here", "", "")
	eventually(t, "the place is free", func() bool { return b.server.TrunkStatus()[0].Calls == 0 })
}

// Idle TCP connections don't keep others out: a call comes through beside them, and beyond the limit new ones are
// closed.
func TestIdleConnections(t *testing.T) {
	b := newBed(t, func(c *Config) { c.MaxConns = 5 }, echo, loopback())
	for range 4 {
		conn, err := net.Dial("tcp", b.addr("tcp"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	res, err := PlaceCall(context.Background(),
		CallOptions{Server: b.addr("tcp"), From: "1", To: "2", Transport: "tcp", Duration: 100 * time.Millisecond}, nil)
	if err != nil || !res.Answered {
		t.Fatalf("%+v, %v", res, err)
	}
	eventually(t, "one too many is closed", func() bool {
		conn, err := net.Dial("tcp", b.addr("tcp"))
		if err != nil {
			return false
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, err = conn.Read(make([]byte, 1))
		return err != nil && !os.IsTimeout(err)
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

// any reads the next message.
func (w *wire) any() string {
	w.t.Helper()
	buf := make([]byte, 65536)
	w.conn.SetReadDeadline(time.Now().Add(patience))
	n, err := w.conn.Read(buf)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(buf[:n])
}

// closed waits until the peer has closed the connection.
func (w *wire) closed() {
	w.t.Helper()
	w.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		if _, err := w.conn.Read(make([]byte, 4096)); err != nil {
			if os.IsTimeout(err) {
				w.t.Fatal("the connection stays open")
			}
			return
		}
	}
}
