package sip

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
)

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
