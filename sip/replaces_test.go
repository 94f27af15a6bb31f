package sip

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx"
)

func referTo(tag, callID string, cseq int, replaces string) string {
	return request("REFER", "sip:100@{there}", tag, callID, cseq, "Refer-To: <sip:100@{there}?Replaces="+replaces+">\n",
		"")
}

func replacing(callID, toTag, fromTag string) string {
	return strings.NewReplacer(";", "%3B", "=",
		"%3D").Replace(fmt.Sprintf("%s;to-tag=%s;from-tag=%s", callID, toTag, fromTag))
}

// A phone with two calls joins them: the exchange is asked, and the phone hears the result before its calls end.
func TestReferWithReplaces(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	first, asked := w.answered("r1", 1), b.arrival()
	second, with := w.answered("r2", 1), b.arrival()
	w.send(referTo(first, "r1", 2, replacing("r2", strings.TrimPrefix(second, ";tag="), "a1")))
	w.get("SIP/2.0 202")
	e := expect[pbx.TransferAsked](t, asked)
	if e.With != with.ID() {
		t.Fatalf("asked for %+v, not leg %s", e, with.ID())
	}
	w.reply(w.get("NOTIFY"), "200 OK", "", "")
	e.Done(pbx.CauseNone)
	asked.Hangup(pbx.CauseNormal)
	notify := w.get("NOTIFY") // not BYE
	if !strings.Contains(notify, "SIP/2.0 200 OK") ||
		!strings.HasPrefix(field(notify, "Subscription-State"), "terminated") {
		t.Errorf("told\n%s", notify)
	}
	w.reply(notify, "200 OK", "", "")
	w.reply(w.get("BYE"), "200 OK", "", "")
}

// A dialog that is not there, or whose tags only somebody else knows, is told to be missing.
func TestReferToUnknownDialog(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	first, second := w.answered("u1", 1), w.answered("u2", 1)
	tag := strings.TrimPrefix(second, ";tag=")
	for i, value := range []string{replacing("u3", tag, "a1"), replacing("u2", tag, "guess"),
		replacing("u2", "guess", "a1"), "u2"} {
		w.send(referTo(first, "u1", 2+i, value))
		w.get("SIP/2.0 202")
		var told []string
		for range 2 {
			notify := w.get("NOTIFY")
			_, body, _ := strings.Cut(notify, "\r\n\r\n")
			told = append(told, strings.TrimSpace(body))
			w.reply(notify, "200 OK", "", "")
		}
		if told[1] != "SIP/2.0 481 Call/Transaction Does Not Exist" {
			t.Errorf("%s: told %q", value, told)
		}
	}
}
