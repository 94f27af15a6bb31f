package directory

import (
	"strings"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"

	"frontdesk/pbx/cause"
)

func TestNormalise(t *testing.T) {
	cases := map[string]string{
		"0722 123 456":                       "+40722123456",
		"0722-123.456":                       "+40722123456",
		"021/123 45 67":                      "+40211234567",
		"+40 (21) 123 45 67":                 "+40211234567",
		"0040722123456":                      "+40722123456",
		"40722123456":                        "+40722123456", // carriers leave the plus out
		"tel:+40-722-123456;phone-context=x": "+40722123456",
		"sip:+4930123456@192.0.2.1":          "+4930123456",
		"201":                                "", // Parse alone takes it for +40201
		"112":                                "",
		"":                                   "",
		"ana":                                "",
		"+":                                  "",
		"+1":                                 "",
		strings.Repeat("1", 100):             "",
	}
	for raw, want := range cases {
		if got, ok := Normalise(raw, "RO"); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", raw, got, ok, want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"0722123456", "+40 21 123", "tel:1;x", "00", "+++", "7\u00a01", "sip:@", "(((0)))"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		e164, ok := Normalise(raw, "RO")
		if ok != (e164 != "") {
			t.Fatalf("%q: %q, %v", raw, e164, ok)
		}
		if !ok {
			return
		}
		if again, ok := Normalise(e164, "RO"); !ok || again != e164 {
			t.Errorf("%q: %q, which becomes %q", raw, e164, again)
		}
		if !digits(strings.TrimPrefix(e164, "+"), 1, 17) {
			t.Errorf("%q: %q", raw, e164)
		}
	})
}

func testPlan() *Plan {
	user := func(id string) Destination { return Destination{Kind: "user", User: id, Seconds: 25} }
	return newPlan("RO",
		[]Trunk{
			{ID: "office", Kind: PBX, Prefix: "7", Active: true}, {ID: "plant", Kind: PBX, Prefix: "77", Active: true},
			{ID: "c1", Kind: Carrier, Active: true, Register: true, Username: "frontdesk-1", CallerID: "+40311000001"}, {ID: "off", Kind: Carrier}, {ID: "c2", Kind: Carrier, Active: true, Format: "digits"},
		},
		[]Number{{E164: "+40311000001", Trunk: "c1", Destination: Destination{Kind: "group", Users: []string{"bob", "cal"}, Responsible: true, Seconds: 25}}},
		[]Extension{{"101", user("ana")}, {"1010", user("ana")}, {"102", user("bob")}, {"300", Destination{Kind: "meeting", Meeting: "m1"}}},
		[]Device{{ID: "d1", User: "ana"}}, map[string]string{"m1": "Standup"},
		OutboundPolicy{Countries: []string{"RO", "US"}, Short: []string{"112"}})
}

func describe(r Route) string {
	if r.Cause != cause.None {
		return string(r.Cause)
	}
	if r.Meeting != "" {
		return "meeting " + r.Meeting
	}
	var steps []string
	for _, s := range r.Steps {
		if s.Trunk != "" {
			steps = append(steps, s.Trunk+":"+s.Number)
			continue
		}
		steps = append(steps, strings.Join(s.Users, "+"))
	}
	return strings.Join(steps, " ")
}

func TestRoute(t *testing.T) {
	browser, phone := Party{Kind: Browser, User: "ana"}, Party{Kind: Phone, User: "ana", Device: "d1"}
	carrier, office := Party{Kind: Line, Trunk: "c1", Number: "0722123456"}, Party{Kind: Line, Trunk: "office", Number: "55"}
	cases := []struct {
		name    string
		party   Party
		dialled string
		hint    []string
		want    string
		kind    string
	}{
		{"DID", carrier, "+40311000001", nil, "bob+cal", "in"},
		{"DID in national form", carrier, "0311000001", nil, "bob+cal", "in"},
		{"DID without plus", carrier, "40311000001", nil, "bob+cal", "in"},
		{"the trunk's user name stands for its only number", carrier, "frontdesk-1", nil, "bob+cal", "in"},
		{"responsible first", carrier, "+40311000001", []string{"ana"}, "ana bob+cal", "in"},
		{"responsible, then who else the CRM names", carrier, "+40311000001", []string{"ana", "dan"}, "ana dan bob+cal", "in"},
		{"the same twice rings once", carrier, "+40311000001", []string{"bob", "cal"}, "bob cal bob+cal", "in"},
		{"outsider to an extension", carrier, "101", nil, "not_found", "in"},
		{"outsider to the outside", carrier, "+40722999888", nil, "not_found", "in"},
		{"a carrier of which no number leads anywhere yet", Party{Kind: Line, Trunk: "c2", Number: "0722123456"}, "+40311000009", nil, "unavailable", "in"},
		{"outsider to a meeting's id", carrier, "meet:m1", nil, "not_found", "in"},
		{"PBX to an extension", office, "101", nil, "ana", "in"},
		{"PBX to our number", office, "+40311000001", nil, "bob+cal", "in"},
		{"PBX to the outside", office, "+40722999888", nil, "not_found", "in"},
		{"PBX to another PBX", office, "7755", nil, "not_found", "in"},
		{"extension", browser, "102", nil, "bob", "internal"},
		{"extension with spaces", phone, "1 0 2", nil, "bob", "internal"},
		{"our number from inside", browser, "0311000001", nil, "bob+cal", "internal"},
		{"meeting by extension", phone, "300", nil, "meeting m1", "internal"},
		{"meeting", browser, "meet:m1", nil, "meeting m1", "meeting"},
		{"a meeting that only its id leads to", browser, "meet:m2", nil, "meeting m2", "meeting"},
		{"PBX prefix", browser, "755", nil, "office:55", "out"},
		{"the longest prefix", browser, "7755", nil, "plant:55", "out"},
		{"outside, in each trunk's form", browser, "0722 999 888", nil, "c1:+40722999888 c2:40722999888 office:+40722999888 plant:+40722999888", "out"},
		{"US is not Jamaica", browser, "+18765551234", nil, "forbidden", "out"},
		{"US", browser, "+12125551234", nil, "c1:+12125551234 c2:12125551234 office:+12125551234 plant:+12125551234", "out"},
		{"satellite", browser, "+881612345678", nil, "forbidden", "out"},
		{"emergency", browser, "112", nil, "c1:112 c2:112 office:112 plant:112", "out"},
		{"short code", browser, "1234", nil, "not_found", "out"},
		{"nothing", browser, "", nil, "not_found", "out"},
	}
	p := testPlan()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := p.Inbound("call", c.party, c.dialled)
			if got := describe(p.Route(in, Hint{Users: c.hint}, time.Time{})); got != c.want || in.Direction != c.kind {
				t.Errorf("%s %s, want %s %s", in.Direction, got, c.kind, c.want)
			}
		})
	}
}

func TestCaller(t *testing.T) {
	p := testPlan()
	cases := []struct {
		party Party
		want  string
	}{
		{Party{Kind: Browser, User: "ana"}, "101"},
		{Party{Kind: Phone, User: "nobody", Number: "999"}, "999"},
		{Party{Kind: Line, Trunk: "c1", Number: "0722123456"}, "+40722123456"},
		{Party{Kind: Line, Trunk: "c1", Number: "Anonymous"}, ""},
		{Party{Kind: Line, Trunk: "c1", Number: "12"}, "12"},
		{Party{Kind: Line, Trunk: "office", Number: "12"}, "712"},
		{Party{Kind: Line, Trunk: "office", Number: "+40722123456"}, "+40722123456"},
		{Party{Kind: Line, Trunk: "c1", Number: "0722123456", Private: true}, ""},
	}
	for _, c := range cases {
		if got := p.Inbound("call", c.party, "101").From; got != c.want {
			t.Errorf("%+v: %q, want %q", c.party, got, c.want)
		}
	}
}

func TestOwns(t *testing.T) {
	p := testPlan()
	if !p.Owns("+40311000001") || p.Owns("+40311000002") || p.Owns("") {
		t.Error("which numbers are ours?")
	}
}

// Whatever is dialled by whom, the route is a refusal or rings somebody, and no outsider reaches the outside.
func FuzzRoute(f *testing.F) {
	for _, s := range []string{"101", "meet:m1", "+40722999888", "755", "0", "\x00", "*97#", "+999999999999999999999", "tel:", "112"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(2))
	}
	p := testPlan()
	parties := []Party{{Kind: Browser, User: "ana"}, {Kind: Phone, User: "x"}, {Kind: Line, Trunk: "c1", Number: "1"}, {Kind: Line, Trunk: "office", Number: "5"}, {Kind: Line, Trunk: "gone"}}
	f.Fuzz(func(t *testing.T, dialled string, who uint8) {
		party := parties[int(who)%len(parties)]
		in := p.Inbound("call", party, dialled)
		r := p.Route(in, Hint{Users: []string{"bob"}}, time.Time{})
		if len(in.To) > maxDialled && in.Direction != "meeting" {
			t.Errorf("To has %d bytes", len(in.To))
		}
		if (r.Cause == cause.None) != (len(r.Steps) > 0 || r.Meeting != "") {
			t.Errorf("%+v", r)
		}
		for _, s := range r.Steps {
			if s.Seconds <= 0 || (s.Trunk == "") == (len(s.Users) == 0) {
				t.Errorf("%+v", s)
			}
			if s.Trunk != "" && party.Kind == Line {
				t.Errorf("%s lets an outsider out", dialled)
			}
			if number, err := phonenumbers.Parse(s.Number, "RO"); s.Trunk == "c1" && s.Number != "112" && (err != nil || !strings.Contains("RO US", phonenumbers.GetRegionCodeForNumber(number))) {
				t.Errorf("%s goes to %s", dialled, s.Number)
			}
		}
	})
}

func BenchmarkRoute(b *testing.B) {
	p := testPlan()
	for b.Loop() {
		p.Route(p.Inbound("call", Party{Kind: Line, Trunk: "c1", Number: "0722123456"}, "+40311000001"), Hint{}, time.Time{})
	}
}
