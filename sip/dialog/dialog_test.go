package dialog_test

import (
	"errors"
	"strings"
	"testing"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/sip/dialog"
)

func message(t *testing.T, text string) proto.Message {
	t.Helper()
	m, err := proto.ParseMessage([]byte(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const invite = "INVITE sip:100@198.51.100.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\n" +
	"From: Ana <sip:ana@192.0.2.9>;tag=a\n" +
	"To: <sip:100@198.51.100.1>\nCall-ID: c1\nCSeq: 7 INVITE\nAllow: INVITE, INFO\n"

// Where the requests of a dialog go: to the peer's Contact, to its first proxy, or behind the NAT that it sits behind.
func TestWhereADialogLeads(t *testing.T) {
	for name, c := range map[string]struct{ headers, source, hop string }{
		"the contact":         {"Contact: <sip:ana@192.0.2.9:5070>\n", "192.0.2.9:5060", "192.0.2.9:5070"},
		"behind NAT":          {"Contact: <sip:ana@10.0.0.3:5070>\n", "192.0.2.9:40000", "192.0.2.9:40000"},
		"a proxy in between":  {"Contact: <sip:ana@203.0.113.3>\n", "192.0.2.9:5060", "203.0.113.3:5060"},
		"a route":             {"Contact: <sip:ana@10.0.0.3>\nRecord-Route: <sip:192.0.2.8:5080;lr>\n", "192.0.2.8:5060", "192.0.2.8:5080"},
		"a name":              {"Contact: <sip:ana@nowhere.test>\n", "192.0.2.9:5062", "192.0.2.9:5062"},
		"a name with a port":  {"Contact: <sip:ana@nowhere.test:5071>\n", "192.0.2.9:5062", "192.0.2.9:5071"},
		"none, so who called": {"", "192.0.2.9:5060", "192.0.2.9:5060"},
	} {
		req := message(t, invite+c.headers).(*proto.Request)
		req.SetTransport("UDP")
		req.SetSource(c.source)
		d := dialog.FromRequest(req, "us")
		if hop := d.NextHop(); hop != c.hop || d.RemoteSeq != 7 || d.Remote.Tag != "a" || d.Local.Tag != "us" ||
			d.Allow != "INVITE, INFO" {
			t.Errorf("%s: %s, want %s; %+v", name, hop, c.hop, d)
		}
	}
}

// The routes of a call of ours are those of its answer, the other way round.
func TestRoutesOfOurCall(t *testing.T) {
	res := message(t,
		"SIP/2.0 200 OK\nVia: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK1\nFrom: <sip:us@198.51.100.1>;tag=us\n"+
			"To: <sip:ana@192.0.2.9>;tag=a\n"+
			"Call-ID: c1\nCSeq: 3 INVITE\nContact: <sip:ana@192.0.2.9>\nRecord-Route: <sip:192.0.2.1;lr>\n"+
			"Record-Route: <sip:192.0.2.2;lr>\n").(*proto.Response)
	if !dialog.Complete(res) {
		t.Fatal("it lacks nothing")
	}
	d := dialog.FromResponse(res)
	if len(d.Routes) != 2 || d.Routes[0].Host != "192.0.2.2" || d.LocalSeq != 3 || d.Local.Tag != "us" ||
		d.Remote.Tag != "a" {
		t.Errorf("%+v", d)
	}
	res.RemoveHeader("To")
	if dialog.Complete(res) {
		t.Error("whose dialog is it?")
	}
}

func TestTable(t *testing.T) {
	size := prometheus.NewGauge(prometheus.GaugeOpts{Name: "x"})
	all := dialog.NewTable[*int](1, size)
	one, other := new(int), new(int)
	first, second := dialog.Key("c1", "a"), dialog.Key("c1", "b")
	if err := all.Enter(first, one); err != nil {
		t.Fatal(err)
	}
	if err := all.Enter(dialog.Key("c2", "a"), other); !errors.Is(err, dialog.ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	all.Know(second, one)
	if l, ok := all.Find(second); l != one || !ok || !all.Runs("c1") || all.Runs("c2") || all.Now() != 1 {
		t.Error("a further dialog is not known")
	}
	if !all.Unmerged("m") || all.Unmerged("m") {
		t.Error("the same INVITE by another way is served")
	}
	all.Leave([]string{first, second}, "m")
	if _, ok := all.Find(first); ok || all.Runs("c1") || all.Now() != 0 || !all.Unmerged("m") {
		t.Error("what left is still there")
	}
	if err := all.Enter(first, one); err != nil {
		t.Fatal(err)
	}
	if left := all.Close(); len(left) != 1 || left[0] != one {
		t.Errorf("%d are left", len(left))
	}
	if err := all.Enter(second, other); !errors.Is(err, dialog.ErrFull) {
		t.Errorf("after the end: %v", err)
	}
}
