package dialplan

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"

	"frontdesk/pbx/cause"
	"frontdesk/pbx/input"
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
		if !Digits(strings.TrimPrefix(e164, "+"), 1, 17) {
			t.Errorf("%q: %q", raw, e164)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantField(t *testing.T, field string, err error) {
	t.Helper()
	var bad *input.Invalid
	if !errors.As(err, &bad) || bad.Field != field {
		t.Errorf("error %v, want one about %s", err, field)
	}
}

func testPlan() *Plan {
	user := func(id string) Destination { return Destination{Kind: "user", User: id, Seconds: 25} }
	return New(Tables{Region: "RO",
		Trunks: []Trunk{{ID: "office", Kind: PBX, Prefix: "7"}, {ID: "plant", Kind: PBX, Prefix: "77"},
			{ID: "c1", Kind: Carrier, Register: true, Username: "frontdesk-1", CallerID: "+40311000001"},
			{ID: "c2", Kind: Carrier, Format: "digits"}},
		Numbers: []Number{{E164: "+40311000001", Trunk: "c1",
			Destination: Destination{Kind: "group", Users: []string{"bob", "cal"}, Responsible: true, Seconds: 25}}},
		Extensions: []Extension{{Number: "101", Destination: user("ana")}, {Number: "1010", Destination: user("ana")},
			{Number: "102", Destination: user("bob")},
			{Number: "300", Destination: Destination{Kind: "meeting", Meeting: "m1"}}},
		Devices: map[string][]string{"ana": {"d1"}}, Meetings: map[string]string{"m1": "Standup"}, Codes: UsualCodes(),
		Policy: OutboundPolicy{Countries: []string{"RO", "US"}, Short: []string{"112"}}})
}

// describe is the way of a call that nobody takes.
func describe(first Step) string {
	switch s := first.(type) {
	case Refuse:
		return string(s.Cause)
	case Join:
		return "meeting " + s.Meeting
	}
	var steps []string
	for _, s := range untaken(first) {
		steps = append(steps, describe1(s))
	}
	return strings.Join(steps, " ")
}

func describe1(s Step) string {
	switch s := s.(type) {
	case Dial:
		return s.Trunk + ":" + s.Number
	case Ring:
		return strings.Join(s.Users, "+")
	}
	return fmt.Sprintf("%T", s)
}

// untaken are the steps of a call that no trunk gets through and nobody takes.
func untaken(first Step) (steps []Step) {
	w := NewWalk(first)
	for s, ok := w.Next(""); ok; s, ok = w.Next(Failed) {
		steps = append(steps, s)
	}
	return steps
}

func TestRoute(t *testing.T) {
	browser, phone := Party{Kind: Browser, User: "ana"}, Party{Kind: Phone, User: "ana", Device: "d1"}
	carrier, office := Party{Kind: Outside, Trunk: "c1", Number: "0722123456"},
		Party{Kind: Outside, Trunk: "office", Number: "55"}
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
		{"a carrier of which no number leads anywhere yet", Party{Kind: Outside, Trunk: "c2", Number: "0722123456"}, "+40311000009", nil, "unavailable", "in"},
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
			if got := describe(p.Route(in, Facts{Hint: Hint{Users: c.hint}}, time.Time{})); got != c.want ||
				in.Direction != c.kind {
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
		{Party{Kind: Outside, Trunk: "c1", Number: "0722123456"}, "+40722123456"},
		{Party{Kind: Outside, Trunk: "c1", Number: "Anonymous"}, ""},
		{Party{Kind: Outside, Trunk: "c1", Number: "12"}, "12"},
		{Party{Kind: Outside, Trunk: "office", Number: "12"}, "712"},
		{Party{Kind: Outside, Trunk: "office", Number: "+40722123456"}, "+40722123456"},
		{Party{Kind: Outside, Trunk: "c1", Number: "0722123456", Private: true}, ""},
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
	for _, s := range []string{"101", "meet:m1", "+40722999888", "755", "0", "\x00", "*97#", "+999999999999999999999",
		"tel:", "112"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(2))
	}
	p := testPlan()
	parties := []Party{{Kind: Browser, User: "ana"}, {Kind: Phone, User: "x"},
		{Kind: Outside, Trunk: "c1", Number: "1"},
		{Kind: Outside, Trunk: "office", Number: "5"}, {Kind: Outside, Trunk: "gone"}}
	f.Fuzz(func(t *testing.T, dialled string, who uint8) {
		party := parties[int(who)%len(parties)]
		in := p.Inbound("call", party, dialled)
		r := p.Route(in, Facts{Hint: Hint{Users: []string{"bob"}}}, time.Time{})
		if len(in.To) > maxDialled && in.Direction != "meeting" {
			t.Errorf("To has %d bytes", len(in.To))
		}
		for _, s := range untaken(r) {
			switch s := s.(type) {
			case Ring:
				if len(s.Users) == 0 || s.Seconds <= 0 {
					t.Errorf("%+v", s)
				}
			case Dial:
				if s.Seconds <= 0 || s.Trunk == "" {
					t.Errorf("%+v", s)
				}
				if party.Kind == Outside {
					t.Errorf("%s lets an outsider out", dialled)
				}
				if number, err := phonenumbers.Parse(s.Number, "RO"); s.Trunk == "c1" && s.Number != "112" &&
					(err != nil || !strings.Contains("RO US", phonenumbers.GetRegionCodeForNumber(number))) {
					t.Errorf("%s goes to %s", dialled, s.Number)
				}
			case Refuse:
				if s.Cause == cause.None {
					t.Errorf("%s is Refused for nothing", dialled)
				}
			case Join:
				if s.Meeting == "" && in.To != "" {
					t.Errorf("%s leads to no meeting", dialled)
				}
			case Code:
				if party.Kind == Outside {
					t.Errorf("%s lets an outsider use a feature code", dialled)
				}
			default:
				t.Errorf("%s leads to %T", dialled, s)
			}
		}
	})
}

// What the far end itself says ends the walk, whatever would follow; what failed on the way leads on. Who is to be
// found elsewhere is looked for there first.
func TestWalk(t *testing.T) {
	ring := func(user string, then Step) Step { return (&Plan{}).Ring([]string{user}, 25, then) }
	trunks := Dial{Trunk: "a", Final: HangUp{}, Next: Dial{Trunk: "b", Final: HangUp{}}}
	for name, c := range map[string]struct {
		first    Step
		inserted []Step // at the first step
		outcomes []Outcome
		want     string
	}{
		"a trunk that fails":             {trunks, nil, []Outcome{Failed, Failed}, "a: b:"},
		"a far end that is busy":         {trunks, nil, []Outcome{Busy}, "a:"},
		"nobody takes it":                {ring("ana", ring("bob", nil)), nil, []Outcome{NoAnswer, Busy}, "ana bob"},
		"elsewhere, then on":             {ring("ana", ring("bob", nil)), []Step{ring("cal", nil), ring("dan", nil)}, []Outcome{Declined, NoAnswer, NoAnswer, Busy}, "ana cal dan bob"},
		"elsewhere is final":             {ring("ana", ring("bob", nil)), []Step{trunks, ring("dan", nil)}, []Outcome{Offline, Declined}, "ana a:"},
		"a final outcome drops the rest": {trunks, []Step{ring("cal", nil)}, []Outcome{NoAnswer}, "a:"},
		"one outcome has its own way":    {Ring{Users: []string{"ana"}, Busy: ring("bob", nil)}, nil, []Outcome{Busy, NoAnswer}, "ana bob"},
		"and another does not":           {Ring{Users: []string{"ana"}, Busy: ring("bob", nil)}, nil, []Outcome{NoAnswer}, "ana"},
	} {
		w := NewWalk(c.first)
		s, ok := w.Next("")
		steps := []string{describe1(s)}
		w.Insert(c.inserted...)
		for _, o := range c.outcomes {
			if !ok {
				t.Fatalf("%s: over before %s", name, o)
			}
			if s, ok = w.Next(o); ok {
				steps = append(steps, describe1(s))
			}
		}
		if got := strings.Join(steps, " "); got != c.want || ok {
			t.Errorf("%s: %s, more %v; want %s", name, got, ok, c.want)
		}
	}
}

// Trunks that do not answer come last.
func TestDownTrunksComeLast(t *testing.T) {
	p := testPlan()
	in := p.Inbound("call", Party{Kind: Browser, User: "ana"}, "112")
	down := func(trunk string) bool { return trunk == "c1" || trunk == "office" }
	if got := describe(p.Route(in, Facts{Down: down}, time.Time{})); got != "c2:112 plant:112 c1:112 office:112" {
		t.Error(got)
	}
}

func BenchmarkRoute(b *testing.B) {
	p := testPlan()
	for b.Loop() {
		p.Route(p.Inbound("call", Party{Kind: Outside, Trunk: "c1", Number: "0722123456"}, "+40311000001"), Facts{},
			time.Time{})
	}
}
