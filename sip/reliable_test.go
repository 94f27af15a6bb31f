package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
)

// A caller who requires reliable provisional responses gets them, repeated until confirmed, and the answer only then
// (RFC 3262).
func TestReliableRinging(t *testing.T) {
	b := newBed(t, func(c *Config) { c.T1 = 50 * time.Millisecond }, nil, loopback())
	w := newWire(t, b.addr("udp"))
	w.send(request("INVITE", "sip:100@{there}", "", "rel", 1, "Require: 100rel\nSupported: 100rel\n", offer))
	g := b.arrival()
	g.Ring(false)
	first, again := w.get("SIP/2.0 180"), w.get("SIP/2.0 180")
	if !strings.Contains(field(first, "Require"), "100rel") || field(first, "RSeq") == "" ||
		field(first, "RSeq") != field(again, "RSeq") {
		t.Fatalf("not reliable, or repeated with another number:\n%s\n%s", first, again)
	}
	g.Answer(media.PCMA())
	w.get("SIP/2.0 180") // still: no 200 before the PRACK
	_, tag, _ := strings.Cut(field(first, "To"), ">")
	w.send(request("PRACK", "sip:100@{there}", tag, "rel", 2, "RAck: 77 1 INVITE\n", ""))
	w.get("SIP/2.0 481")
	w.send(request("PRACK", "sip:100@{there}", tag, "rel", 3, "RAck: "+field(first, "RSeq")+" 1 INVITE\n", ""))
	w.get("SIP/2.0 200") // to the PRACK
	if got := w.get("SIP/2.0 200"); field(got, "CSeq") != "1 INVITE" {
		t.Errorf("no answer after the PRACK:\n%s", got)
	}
	w.send(request("ACK", "sip:100@{there}", tag, "rel", 1, "", ""))
	w.send(request("BYE", "sip:100@{there}", tag, "rel", 4, "", ""))
	w.get("SIP/2.0 200")
}

// late calls without an offer and requires reliable provisional responses: the first brings the server's offer.
func (w *wire) late(id string) (tag, rseq string, got string) {
	w.t.Helper()
	w.send(request("INVITE", "sip:100@{there}", "", id, 1, "Require: 100rel\nSupported: 100rel\n", ""))
	got = w.get("SIP/2.0 180")
	if field(got, "RSeq") == "" || !strings.Contains(got, "m=audio") {
		w.t.Fatalf("not reliable, or without an offer:\n%s", got)
	}
	_, tag, _ = strings.Cut(field(got, "To"), ">")
	return tag, field(got, "RSeq"), got
}

// Whose INVITE has no offer gets ours with the first reliable response, and answers in its PRACK: the 200 has nothing
// to add (RFC 3262 §5).
func TestPrackBringsTheAnswer(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Ring(false) }, loopback())
	w, phone := newWire(t, b.addr("udp")), newEndpoint(t)
	tag, rseq, got := w.late("late")
	if !strings.Contains(got, "m=audio") || !strings.Contains(got, "RTP/AVP 8 0 9 101") &&
		!strings.Contains(got, "RTP/AVP 9 8 0 101") {
		t.Errorf("not all codecs are offered:\n%s", got)
	}
	g := b.arrival()
	g.Answer(media.PCMA())
	w.send(request("PRACK", "sip:100@{there}", tag, "late", 2, "RAck: "+rseq+" 1 INVITE\n",
		strings.Replace(described(phone.addr()), "AVP 8", "AVP 0", 1)))
	if got := w.get("SIP/2.0 200"); !strings.HasSuffix(field(got, "CSeq"), "PRACK") {
		t.Errorf("not to the PRACK:\n%s", got)
	}
	if got := w.get("SIP/2.0 200"); field(got, "CSeq") != "1 INVITE" || strings.Contains(got, "m=audio") {
		t.Errorf("the session is described again:\n%s", got)
	}
	w.send(request("ACK", "sip:100@{there}", tag, "late", 1, "", ""))
	track := expect[pbx.TrackAdded](t, g).Track
	heard := pitchOf(media.PCMA()) // the call's codec; the wire's is what the PRACK chose
	track.Attach(heard)
	there, back := media.NewPlayer("p", media.PCMU(), tone(440)), media.NewPlayer("q", media.PCMA(), tone(660))
	defer there.Close()
	defer back.Close()
	there.Track().Attach(&sender{to: g.Leg.(*Leg).sound.Local(), by: phone, pt: 0})
	eventually(t, "the caller is heard", func() bool { return heard.share(440) > 0.9 })
	g.Play(back.Track())
	answer := pitchOf(media.PCMU())
	eventually(t, "the caller hears", func() bool {
		p, ok := phone.packet()
		if ok && p.PayloadType == 0 {
			answer.WriteRTP(&media.Packet{Header: p.Header, Payload: p.Payload})
		}
		return answer.share(660) > 0.9
	})
	w.bye("late", tag)
}

// What is played before the answer is heard as soon as the PRACK says where.
func TestEarlyMediaAfterPrack(t *testing.T) {
	music := media.NewPlayer("m", media.PCMA(), tone(440))
	defer music.Close()
	b := newBed(t, nil, func(g *guest) { g.Play(music.Track()); g.Ring(true) }, loopback())
	w, phone := newWire(t, b.addr("udp")), newEndpoint(t)
	tag, rseq, _ := w.late("sung")
	w.send(request("PRACK", "sip:100@{there}", tag, "sung", 2, "RAck: "+rseq+" 1 INVITE\n", described(phone.addr())))
	w.get("SIP/2.0 200")
	heard := pitchOf(media.PCMA())
	eventually(t, "it is heard", func() bool {
		if p, ok := phone.packet(); ok && p.PayloadType == 8 {
			heard.WriteRTP(&media.Packet{Header: p.Header, Payload: p.Payload})
		}
		return heard.share(440) > 0.9
	})
	b.arrival().Hangup(pbx.CauseBusy)
	w.get("SIP/2.0 486")
}

// A PRACK that brings no answer, or none that we can speak, confirms; the call is refused.
func TestPrackWithoutAnswer(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Ring(false) }, loopback())
	for id, body := range map[string]string{"none": "", "g729": strings.Replace(offer, "AVP 8", "AVP 18", 1),
		"broken": "v=0\r\nm=audio x\r\n"} {
		w := newWire(t, b.addr("udp"))
		tag, rseq, _ := w.late(id)
		w.send(request("PRACK", "sip:100@{there}", tag, id, 2, "RAck: "+rseq+" 1 INVITE\n", body))
		w.get("SIP/2.0 200")
		w.get("SIP/2.0 488")
		if e := expect[pbx.Gone](t, b.arrival()); e.Cause != pbx.CauseNoCodec {
			t.Errorf("%s: gone for %s", id, e.Cause)
		}
	}
}

// Who answers with reliable provisional responses gets each confirmed once.
func TestPrack(t *testing.T) {
	_, w, g, invite := called(t, nil, media.PCMA())
	if !strings.Contains(field(invite, "Supported"), "100rel") {
		t.Error("100rel is not offered")
	}
	ringing := func(rseq int) { w.reply(invite, "180 Ringing", fmt.Sprintf("Require: 100rel\nRSeq: %d\n", rseq), "") }
	ringing(900)
	prack := w.get("PRACK")
	if field(prack, "RAck") != "900 1 INVITE" {
		t.Errorf("RAck in\n%s", prack)
	}
	w.reply(prack, "200 OK", "", "")
	ringing(900) // late
	ringing(902) // 901 is lost
	ringing(901)
	if prack = w.get("PRACK"); field(prack, "RAck") != "901 1 INVITE" {
		t.Errorf("RAck in\n%s", prack)
	}
	w.reply(prack, "200 OK", "", "")
	w.reply(invite, "200 OK", "", offer)
	w.get("ACK")
	expect[pbx.Answered](t, g)
	g.Hangup(pbx.CauseNormal)
	bye := w.get("BYE")
	if seq, last := number(bye), number(prack); seq <= last {
		t.Errorf("BYE has number %d after PRACK %d", seq, last)
	}
	w.reply(bye, "200 OK", "", "")
}

func number(message string) (n int) {
	fmt.Sscan(field(message, "CSeq"), &n)
	return n
}

// The answer to our offer may come with a reliable response, and the 200 without any.
func TestReliableAnswer(t *testing.T) {
	_, w, g, invite := called(t, nil, media.PCMA())
	w.reply(invite, "183 Session Progress", "Require: 100rel\nRSeq: 1\n", offer)
	w.reply(w.get("PRACK"), "200 OK", "", "")
	expect[pbx.TrackAdded](t, g)
	w.reply(invite, "200 OK", "", "")
	w.get("ACK")
	if e := expect[pbx.Answered](t, g); !e.Codec.Is(media.PCMA()) {
		t.Errorf("answered in %s", e.Codec.Name)
	}
	g.Hangup(pbx.CauseNormal)
	w.reply(w.get("BYE"), "200 OK", "", "")
}
