package sip

import (
	"context"
	"strings"
	"testing"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
)

// company is an office with two phones, a carrier by hand, and a policy for calls out.
func company(t *testing.T, countries ...string) (b *bed, caller, called, carrier *wire) {
	t.Helper()
	carrier = newPeer(t, "127.0.0.31")
	b = newOffice(t, nil, directory.Trunk{Name: "x", Kind: dialplan.Carrier, Host: carrier.to, Transport: "udp",
		CallerID: "+40312345678", Codecs: []string{"PCMA"}})
	if err := b.dir.SavePolicy(context.Background(), dialplan.OutboundPolicy{Countries: countries}); err != nil {
		t.Fatal(err)
	}
	carrier.open(b)
	b.extension("201", "secret-one")
	b.extension("202", "secret-two")
	caller, called = newWire(t, b.addr("udp")), newWire(t, b.addr("udp"))
	caller.register("201", "secret-one")
	called.register("202", "secret-two")
	return b, caller, called, carrier
}

// dials calls as a phone, over the challenge.
func (w *wire) dials(user, password, number, id string) {
	w.t.Helper()
	uri := "sip:" + number + "@"
	w.send(request("INVITE", uri+"{there}", "", id, 1, "", offer))
	w.send(request("INVITE", uri+"{there}", "", id, 2,
		sign(w.t, w.get("SIP/2.0 401"), "INVITE", uri+w.to, user, password), offer))
}

// A phone that answers 302 is followed to where its owner may call, and no further; once.
func TestPhoneForwards(t *testing.T) {
	_, caller, called, carrier := company(t, "RO")
	caller.dials("201", "secret-one", "202", "fwd")
	called.reply(called.get("INVITE"), "302 Moved Temporarily", "Contact: <sip:0721550123@{there}>\n", "")
	called.get("ACK")
	invite := carrier.get("INVITE sip:+40721550123@")
	carrier.reply(invite, "200 OK", "", offer)
	carrier.get("ACK")
	to := field(caller.get("SIP/2.0 200"), "To")
	_, tag, _ := strings.Cut(to, ">")
	caller.send(request("ACK", "sip:202@{there}", tag, "fwd", 2, "", ""))
	caller.send(request("BYE", "sip:202@{there}", tag, "fwd", 3, "", ""))
	caller.get("SIP/2.0 200")
	carrier.reply(carrier.get("BYE"), "200 OK", "", "")

	caller.dials("201", "secret-one", "202", "again")
	called.reply(called.get("INVITE"), "302 Moved Temporarily",
		"Contact: <sip:201@{there}>;q=0.1, <sip:+40721550124@{there}>\n", "")
	called.get("ACK")
	invite = carrier.get("INVITE sip:+40721550124@")
	carrier.reply(invite, "302 Moved Temporarily", "Contact: <sip:+40721550125@{there}>\n", "") // not a second time
	carrier.get("ACK")
}

func TestForwardingKeepsThePolicy(t *testing.T) {
	_, caller, called, _ := company(t, "DE")
	caller.dials("201", "secret-one", "202", "fwd")
	called.reply(called.get("INVITE"), "302 Moved Temporarily", "Contact: <sip:0721550123@{there}>\n", "")
	called.get("ACK")
	caller.get("SIP/2.0 403")
}

// A carrier that answers 302 is followed with the caller's rights: to another number by the plan, and to another of its
// own servers at once.
func TestCarrierRedirects(t *testing.T) {
	b, caller, _, carrier := company(t, "RO")
	caller.dials("201", "secret-one", "0721550123", "moved")
	carrier.reply(carrier.get("INVITE sip:+40721550123@"), "301 Moved Permanently",
		"Contact: <sip:+40721550999@elsewhere.example>\n", "")
	carrier.get("ACK")
	carrier.reply(carrier.get("INVITE sip:+40721550999@"), "486 Busy Here", "", "")
	carrier.get("ACK")
	caller.get("SIP/2.0 486")
	caller.send(request("ACK", "sip:0721550123@{there}", ";tag=x", "moved", 2, "", ""))

	other := newPeer(t, "127.0.0.31")
	other.open(b)
	next := newWire(t, b.addr("udp"))
	next.register("201", "secret-one")
	next.dials("201", "secret-one", "0721550123", "server")
	carrier.reply(carrier.get("INVITE sip:+40721550123@"), "302 Moved Temporarily",
		"Contact: <sip:+40721550123@"+other.conn.LocalAddr().String()+">\n", "")
	carrier.get("ACK")
	other.reply(other.get("INVITE sip:+40721550123@"+other.conn.LocalAddr().String()), "486 Busy Here", "", "")
	other.get("ACK")
	next.get("SIP/2.0 486")
}

// The targets of a 3xx are tried in the order of their q.
func TestContactsByQ(t *testing.T) {
	res := proto.NewResponse(302, "x")
	for _, c := range []struct{ user, q string }{{"low", "0.2"}, {"best", ""}, {"mid", "0.5"}, {"odd", "x"}} {
		h := &proto.ContactHeader{Address: proto.Uri{Scheme: "sip", User: c.user, Host: "h"}}
		if c.q != "" {
			h.Params = proto.HeaderParams{{K: "q", V: c.q}}
		}
		res.AppendHeader(h)
	}
	var got []string
	for _, u := range edge.Contacts(res) {
		got = append(got, u.User)
	}
	if strings.Join(got, " ") != "best odd mid low" {
		t.Errorf("order %v", got)
	}
}
