package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/guard"
	"frontdesk/media"
	"frontdesk/pbx"
)

// flooder logs a phone in; the function sends requests with these credentials, each with a Call-ID of its own, and
// reads no answer.
func (w *wire) flooder(method, uri, user, password string) (flood func(n int)) {
	w.t.Helper()
	uri = strings.ReplaceAll(uri, "{there}", w.to)
	first := func(id, auth string) string {
		if method == "REGISTER" {
			return registerAs(user, id, 1, auth+"Contact: <sip:"+user+"@{here}>\nExpires: 300\n")
		}
		return request(method, uri, "", id, 1, auth, offer)
	}
	w.send(first("challenged"+method, ""))
	auth := sign(w.t, w.get("SIP/2.0 401"), method, uri, user, password)
	return func(n int) {
		for i := range n {
			w.send(first(fmt.Sprint(method, w.conn.LocalAddr(), i), auth))
		}
	}
}

// finals reads until n requests have their final answers, and counts those with the code; last is one of them.
func (w *wire) finals(n int, code string) (refused int, last string) {
	w.t.Helper()
	seen := map[string]bool{}
	for len(seen) < n {
		text := w.any()
		id := field(text, "Call-ID")
		if strings.HasPrefix(text, "SIP/2.0 1") || strings.HasPrefix(id, "challenged") || seen[id] {
			continue
		}
		seen[id] = true
		if strings.HasPrefix(text, "SIP/2.0 "+code) {
			refused, last = refused+1, text
		}
	}
	return refused, last
}

// Who knows the password gets no more registrations and calls than his account may have: the rest is told to come
// later. His neighbours behind the same address, and another phone in a call, notice nothing.
func TestPaceOfAnAccount(t *testing.T) {
	b := newBed(t, func(c *Config) { c.Shield.Account = guard.Rate{Burst: 3, Every: time.Hour} },
		func(g *guest) { g.Answer(media.PCMA()) })
	b.device("mad", "secret-mad")
	b.device("desk1", "secret-one")
	mad, neighbour := newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	tag := neighbour.callsAs("desk1", "secret-one", "running")
	for method, uri := range map[string]string{"REGISTER": "sip:{there}", "INVITE": "sip:100@{there}"} {
		mad.flooder(method, uri, "mad", "secret-mad")(8)
		n, last := mad.finals(8, "503")
		if n != 5 || field(last, "Retry-After") == "" {
			t.Errorf("%s: of 8 with the right password %d are refused, not 5\n%s", method, n, last)
		}
	}
	neighbour.register("desk1", "secret-one")
	neighbour.bye("running", tag)
	expect[pbx.Gone](t, b.arrival())
}

// In a network where phones logged in a flood is bounded by its socket: it takes nothing from the sockets beside it,
// though the network is no stranger.
func TestPaceOfASocket(t *testing.T) {
	b := newBed(t, func(c *Config) {
		c.Shield.Rate, c.Shield.Burst, c.Shield.Socket = 0.001, 4, guard.Rate{Burst: 10, Every: time.Hour}
	}, func(g *guest) { g.Answer(media.PCMA()) })
	b.device("mad", "secret-mad")
	b.device("desk1", "secret-one")
	mad, neighbour := newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	mad.register("mad", "secret-mad")
	tag := mad.callsAs("mad", "secret-mad", "own")
	for i := range 30 {
		mad.send(request("OPTIONS", "sip:{there}", "", fmt.Sprint("o", i), 1, "", ""))
	}
	dropped := b.server.Dropped("shield")
	eventually(t, "of 30 those are dropped that are too many beside the two of the call",
		func() bool { return counted(t, dropped) == 22 })
	neighbour.register("desk1", "secret-one")
	mad.bye("own", tag)
}

// A phone registers with the right password as fast as it can: others register, call and hang up meanwhile.
func TestFloodWithTheRightPassword(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) })
	mad := b.device("mad", "secret-mad")
	b.device("desk1", "secret-one")
	flood, phone := newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	tag := phone.callsAs("desk1", "secret-one", "running")
	send, flooded := flood.flooder("REGISTER", "sip:{there}", "mad", "secret-mad"), make(chan struct{})
	go func() { defer close(flooded); send(400) }()
	for i := range 5 {
		newWire(t, b.addr("udp")).register("desk1", "secret-one")
		phone.send(request("INFO", "sip:100@{there}", tag, "running", 3+i, "", ""))
		phone.get("SIP/2.0 200")
	}
	phone.bye("running", tag)
	<-flooded
	eventually(t, "the flood is registered once", registered(b, mad))
}
