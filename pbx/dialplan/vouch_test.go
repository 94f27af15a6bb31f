package dialplan

import (
	"errors"
	"testing"
	"time"

	"frontdesk/pbx/cause"
	"frontdesk/pbx/input"
)

// A number leads elsewhere where the carrier does not vouch for the caller, as far as it was told to; what nobody is
// believed to say anything of goes its usual way.
func TestRouteByTheCarriersWord(t *testing.T) {
	p := testPlan()
	number := p.numbers["+40311000001"]
	for _, c := range []struct {
		of       string
		verified Verified
		want     string
		says     Outcome // "": nothing chose
	}{
		{"failed", Passed, "bob+cal", Vouched}, {"failed", Unverified, "bob+cal", Vouched},
		{"failed", Forged, string(cause.Unavailable), Doubted}, {"failed", "", "bob+cal", ""},
		{"unverified", Passed, "bob+cal", Vouched}, {"unverified", Unverified, string(cause.Unavailable), Doubted},
		{"unverified", Forged, string(cause.Unavailable), Doubted}, {"unverified", "", "bob+cal", ""},
		{"", Forged, "bob+cal", ""},
	} {
		if number.Doubts = nil; c.of != "" {
			number.Doubts = &Doubts{Of: c.of, To: Destination{Kind: Refused}}
			must(t, p.CheckNumber(&number))
		}
		p.numbers[number.E164] = number
		in := p.Inbound("c", Party{Kind: Outside, Trunk: "c1", Number: "0722123456", Verified: c.verified}, number.E164)
		passed, first := Decided(p.Route(in, Facts{}, time.Now()))
		if got := describe(first); got != c.want || (len(passed) == 1) != (c.says != "") ||
			c.says != "" && passed[0].Decides() != c.says {
			t.Errorf("%+v: %s after %+v", c, got, passed)
		}
	}
	number.Doubts = &Doubts{Of: "unverified", To: Destination{Kind: "user", User: "ana", Seconds: 20}}
	p.numbers[number.E164] = number
	if !number.Give("ana", "zoe") || number.Doubts.To.Users[0] != "zoe" {
		t.Errorf("given on: %+v", number.Doubts)
	}
	var wrong *input.Invalid
	for _, d := range []Doubts{{Of: "x", To: Destination{Kind: Refused}}, {Of: "failed",
		To: Destination{Kind: "meeting", Meeting: "none"}},
		{Of: "failed", To: Destination{Kind: ToQueue, Queue: "none"}}} {
		number.Doubts = &d
		if err := p.CheckNumber(&number); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}
