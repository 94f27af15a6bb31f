package sip

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// tries registers with a password, over the challenge, and expects an answer.
func (w *wire) tries(user, password, answer string) string {
	w.t.Helper()
	w.seq += 2
	w.send(registerAs(user, "tries-"+user, w.seq, ""))
	w.send(registerAs(user, "tries-"+user, w.seq+1,
		sign(w.t, w.get("SIP/2.0 401"), "REGISTER", "sip:"+w.to, user, password)))
	return w.get(answer)
}

// Answers to challenges that we did not send there count for nothing, so nobody is locked out by forged ones: neither
// those with an invented nonce, nor with one that somebody else got, nor with an old one.
func TestForgedFailuresCountForNothing(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Failures = 3 }, nil,
		directory.Trunk{Name: "x", Kind: dialplan.Carrier, Host: "127.0.0.7:9", Transport: "udp"})
	b.device("desk1", "secret-one")
	elsewhere := newWireAt(t, b.addr("udp"), "127.0.0.9")
	elsewhere.send(registerAs("desk1", "theirs", 1, ""))
	theirs := elsewhere.get("SIP/2.0 401")
	invented := strings.Replace(theirs, "nonce=\"", "nonce=\"00", 1)
	w := newWire(t, b.addr("udp"))
	for i := range 20 {
		for _, challenge := range []string{theirs, invented} {
			w.send(registerAs("desk1", fmt.Sprint("forged", i), 1,
				sign(t, challenge, "REGISTER", "sip:"+w.to, "desk1", "wrong")))
			if got := w.get("SIP/2.0 401"); !strings.Contains(got, "stale=true") {
				t.Fatalf("whoever changed his address is not told to try again:\n%s", got)
			}
		}
	}
	w.tries("desk1", "secret-one", "SIP/2.0 200")
}

// Guessing is slowed down by account and network. A phone behind the same NAT with another account, and the very phone
// that was let in before, notice nothing.
func TestGuesserBesideOtherPhones(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Failures = 3 }, func(g *guest) { g.Answer(media.PCMA()) })
	b.device("desk1", "secret-one")
	b.device("desk2", "secret-two")
	phone, guesser, neighbour := newWire(t, b.addr("udp")), newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	phone.tries("desk1", "secret-one", "SIP/2.0 200")
	tag := phone.callsAs("desk1", "secret-one", "running")
	if from := "from=udp:" + phone.conn.LocalAddr().String(); !strings.Contains(b.log.String(), from) {
		t.Errorf("the log does not name %s, who called", from)
	}
	for range 3 {
		guesser.tries("desk1", "guess", "SIP/2.0 401")
	}
	if from := "from=udp:" + guesser.conn.LocalAddr().String(); !strings.Contains(b.log.String(), from) {
		t.Errorf("the log does not name %s, who guessed", from)
	}
	if got := guesser.tries("desk1", "guess", "SIP/2.0 503"); field(got, "Retry-After") == "" {
		t.Errorf("no Retry-After in\n%s", got)
	}
	guesser.tries("desk1", "secret-one", "SIP/2.0 503") // or he would know that he had guessed
	neighbour.tries("desk2", "secret-two", "SIP/2.0 200")
	phone.tries("desk1", "secret-one", "SIP/2.0 200")
	phone.send(request("BYE", "sip:100@{there}", tag, "running", 9, "", ""))
	phone.get("SIP/2.0 200")
}

// callsAs sets up a call of a phone and returns our tag.
func (w *wire) callsAs(user, password, id string) string {
	w.t.Helper()
	w.send(request("INVITE", "sip:100@{there}", "", id, 1, "", offer))
	w.send(request("INVITE", "sip:100@{there}", "", id, 2,
		sign(w.t, w.get("SIP/2.0 401"), "INVITE", "sip:100@"+w.to, user, password), offer))
	_, tag, _ := strings.Cut(field(w.get("SIP/2.0 200"), "To"), ">")
	w.send(request("ACK", "sip:100@{there}", tag, id, 2, "", ""))
	return tag
}

// A flood from the address of a phone that is in a call, over the rate, does not cut the call.
func TestFloodDoesNotCutCalls(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Rate, c.Shield.Burst = 0.001, 5 },
		func(g *guest) { g.Answer(media.PCMA()) })
	b.device("desk1", "secret-one")
	phone, flood := newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	tag := phone.callsAs("desk1", "secret-one", "flooded")
	for i := range 10 {
		flood.send(request("OPTIONS", "sip:{there}", "", fmt.Sprint("flood", i), 1, "", ""))
	}
	flood.send(request("OPTIONS", "sip:{there}", "", "dropped", 1, "", ""))
	phone.send(request("BYE", "sip:100@{there}", tag, "flooded", 9, "", ""))
	phone.get("SIP/2.0 200")
}

// Over TCP a nonce belongs to its connection, and one over which all guesses are wrong is closed; the others from the
// same address live on.
func TestGuesserOverTCP(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Failures = 3 }, nil)
	b.device("desk2", "secret-two")
	guesser, neighbour := overTCP(t, b), overTCP(t, b)
	neighbour.tries("desk2", "secret-two", "SIP/2.0 200")
	neighbour.send(registerAs("desk2", "first", 1, ""))
	first := neighbour.get("SIP/2.0 401")
	guesser.send(registerAs("desk2", "other", 1, sign(t, first, "REGISTER", "sip:"+guesser.to, "desk2", "secret-two")))
	if got := guesser.get("SIP/2.0 401"); !strings.Contains(got, "stale=true") {
		t.Errorf("a nonce of another connection counts:\n%s", got)
	}
	for i := range 3 {
		guesser.tries(fmt.Sprint("nobody", i), "guess", "SIP/2.0 401")
	}
	guesser.closed()
	neighbour.tries("desk2", "secret-two", "SIP/2.0 200")
}

// overTCP is a wire over a connection of its own.
func overTCP(t testing.TB, b *bed) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", b.addr("tcp"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &wire{t: t, conn: conn, to: b.addr("tcp"), transport: "TCP"}
}
