package sip

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
)

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
	number := dialplan.Number{E164: "+40312345678", Trunk: b.trunk().ID,
		Destination: dialplan.Destination{Kind: "user", User: desk.User}}
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

// A node that carries as many calls as it may refuses the next with 503, so that the caller tries another, also where
// the called one talks and would be busy; the call that runs notices nothing, and its end makes room.
func TestNodeLimit(t *testing.T) {
	b := officeOf(t, pbx.Config{MaxCalls: 1}, nil, loopback())
	desk := b.extension("201", "secret-one")
	phone, first, second := newWire(t, b.addr("udp")), newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	phone.register("201", "secret-one")
	number := dialplan.Number{E164: "+40312345678", Trunk: b.trunk().ID,
		Destination: dialplan.Destination{Kind: "user", User: desk.User}}
	if err := b.dir.SaveNumber(t.Context(), &number); err != nil {
		t.Fatal(err)
	}
	const to = "sip:+40312345678@{there}"
	first.send(request("INVITE", to, "", "n1", 1, "", offer))
	phone.reply(phone.get("INVITE"), "200 OK", "", offer)
	phone.get("ACK")
	_, tag, _ := strings.Cut(field(first.get("SIP/2.0 200"), "To"), ">")
	first.send(request("ACK", to, tag, "n1", 1, "", ""))
	for _, id := range []string{"n2", "n3"} {
		second.send(request("INVITE", to, "", id, 1, "", offer))
		if got := second.get("SIP/2.0 "); !strings.HasPrefix(got, "SIP/2.0 503") || field(got, "Retry-After") == "" {
			t.Fatalf("past the limit:\n%s", got)
		}
	}
	first.send(request("OPTIONS", to, tag, "n1", 2, "", ""))
	first.get("SIP/2.0 200")
	if calls := b.exchange.Calls(); len(calls) != 1 || len(calls[0].Legs) != 2 {
		t.Errorf("calls: %+v", calls)
	}
	first.send(request("BYE", to, tag, "n1", 3, "", ""))
	first.get("SIP/2.0 200")
	phone.reply(phone.get("BYE"), "200 OK", "", "")
	eventually(t, "there is room", func() bool { return len(b.exchange.Calls()) == 0 })
	second.send(request("INVITE", to, "", "n4", 1, "", offer))
	phone.reply(phone.get("INVITE"), "486 Busy Here", "", "")
	second.get("SIP/2.0 486")
}
