package sip

import (
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx"
)

// A call that goes on for another one may go one hop less, so that a loop over others ends (RFC 7332 §4); one whose
// INVITE comes back as it was is told so at once (RFC 3261 §16.3), one to somebody else is a call.
func TestLoops(t *testing.T) {
	w, trunk := byHand(t)
	b := newBed(t, nil, func(g *guest) { g.Ring(false) }, trunk)
	w.open(b)
	leg, err := b.server.Dial(t.Context(), pbx.Target{Trunk: b.trunk().ID, Number: "200"},
		pbx.Request{Number: "1", From: pbx.Party{Hops: 10}, Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	g := watch(leg)
	invite := w.get("INVITE")
	if hops := field(invite, "Max-Forwards"); hops != "9" {
		t.Errorf("Max-Forwards: %s of a call that had 10", hops)
	}
	back := strings.ReplaceAll(invite, "\r\n", "\n")
	back = strings.Replace(back, "Via: ", "Via: SIP/2.0/UDP {here};branch={branch};rport\nVia: ", 1)
	back = strings.Replace(back, "Max-Forwards: 9", "Max-Forwards: 8", 1)
	w.send(back)
	w.get("SIP/2.0 482")
	w.send(strings.Replace(back, "INVITE sip:200@", "INVITE sip:300@", 1))
	if hops := b.arrival().Party().Hops; hops != 8 {
		t.Errorf("%d hops left", hops)
	}
	g.Hangup(pbx.CauseCancelled)
}

// Before the answer an UPDATE may bring a new offer only once the 183 with our answer was confirmed (RFC 3311 §5.2);
// afterwards at any time, and hold by UPDATE is told like any other (§5.1).
func TestUpdateBringsAnOffer(t *testing.T) {
	music := media.NewPlayer("m", media.PCMA(), tone(440))
	defer music.Close()
	b := newBed(t, nil, func(g *guest) { g.Play(music.Track()); g.Ring(true) }, loopback())
	w, early, later := newWire(t, b.addr("udp")), newEndpoint(t), newEndpoint(t)
	w.send(request("INVITE", "sip:100@{there}", "", "up", 1, "Require: 100rel\n", described(early.addr())))
	sung := w.get("SIP/2.0 183")
	_, tag, _ := strings.Cut(field(sung, "To"), ">")
	update := func(seq int, status, sdp string) string {
		w.send(request("UPDATE", "sip:100@{there}", tag, "up", seq, "", sdp))
		return w.get(status)
	}
	if refused := update(2, "SIP/2.0 500", described(later.addr())); field(refused, "Retry-After") == "" {
		t.Errorf("an offer too early is refused with\n%s", refused)
	}
	w.send(request("PRACK", "sip:100@{there}", tag, "up", 3, "RAck: "+field(sung, "RSeq")+" 1 INVITE\n", ""))
	w.get("SIP/2.0 200")
	if taken := update(4, "SIP/2.0 200", described(later.addr())); !strings.Contains(taken, "m=audio") {
		t.Errorf("no answer to an offer in\n%s", taken)
	}
	eventually(t, "the sound goes where the new offer says", func() bool { _, ok := later.packet(); return ok })
	g := b.arrival()
	g.Answer(media.PCMA())
	w.get("SIP/2.0 200")
	w.send(request("ACK", "sip:100@{there}", tag, "up", 1, "", ""))
	held := update(5, "SIP/2.0 200", described(later.addr())+"a=sendonly\r\n")
	if !strings.Contains(held, "a=recvonly") || !expect[pbx.Held](t, g).On {
		t.Errorf("held, answered with\n%s", held)
	}
	update(6, "SIP/2.0 200", described(later.addr()))
	if expect[pbx.Held](t, g).On {
		t.Error("still on hold")
	}
	update(7, "SIP/2.0 488", strings.Replace(described(later.addr()), "AVP 8", "AVP 18", 1))
	g.Hangup(pbx.CauseNormal)
	w.get("BYE")
}

// A request too large for UDP goes over TCP, and over UDP all the same to who takes no TCP (RFC 3261 §18.1.1).
func TestLargeRequestToWhoTakesNoTCP(t *testing.T) {
	w, trunk := byHand(t)
	b := newBed(t, nil, nil, trunk)
	w.open(b)
	leg, err := b.server.Dial(t.Context(), pbx.Target{Trunk: b.trunk().ID, Number: "200"},
		pbx.Request{Number: "1", Name: strings.Repeat("long ", 300), Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	g := watch(leg)
	invite := w.get("INVITE")
	if len(invite) < 1500 || !strings.Contains(field(invite, "Via"), "SIP/2.0/UDP") {
		t.Errorf("%d bytes by %s", len(invite), field(invite, "Via"))
	}
	w.reply(invite, "486 Busy Here", "", "")
	if e := expect[pbx.Gone](t, g); e.Cause != pbx.CauseBusy {
		t.Errorf("ended with %q", e.Cause)
	}
}
