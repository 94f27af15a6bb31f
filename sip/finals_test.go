package sip

import (
	"strings"
	"testing"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
)

// What a final response means survives, whatever its number.
func TestFinalsKeepTheirMeaning(t *testing.T) {
	for code, want := range map[int]pbx.Cause{486: pbx.CauseBusy, 600: pbx.CauseBusy, 603: pbx.CauseDeclined,
		607: pbx.CauseDeclined, 608: pbx.CauseDeclined, 699: pbx.CauseDeclined,
		604: pbx.CauseNotFound, 606: pbx.CauseNoCodec, 433: pbx.CauseForbidden, 416: pbx.CauseNotFound,
		504: pbx.CauseUnavailable, 503: pbx.CauseOverload, 500: pbx.CauseFailed} {
		if got := causeOf(proto.NewResponse(code, "x")); got != want {
			t.Errorf("%d is %s, not %s", code, got, want)
		}
	}
}

// A number may be called by a tel URI (RFC 3966).
func TestTelURI(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Hangup(pbx.CauseBusy) }, loopback())
	w := newWire(t, b.addr("udp"))
	m := strings.NewReplacer("<sip:ana@{here}>;tag=a1", "<tel:+40722000111>;tag=a1", "<sip:100@{there}>",
		"<tel:+40312345678>").Replace(request("INVITE", "tel:+40312345678;phone-context=x", "", "tel1", 1, "", offer))
	w.send(m)
	if got := w.get("SIP/2.0 486"); !strings.Contains(field(got, "To"), "tel:+40312345678>;tag=") {
		t.Errorf("answered\n%s", got)
	}
	if g := b.arrival(); g.dialled != "+40312345678" || g.Party().Number != "+40722000111" {
		t.Errorf("dialled %q by %+v", g.dialled, g.Party())
	}
}
