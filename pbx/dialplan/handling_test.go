package dialplan

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// handled is the test plan with how people want to be called.
func handled(of map[string]Handling) *Plan {
	p := testPlan()
	p.handlings = of
	p.trunk("c2").ShowsCaller = true
	return p
}

// way is what becomes of a call in which each step has the same outcome, in words.
func way(first Step, come Outcome) string {
	chart, visits := Rehearse(first, func(Step) Outcome { return come })
	var steps []string
	for _, v := range visits {
		switch s := chart[v.Node].Step.(type) {
		case Personal:
			steps = append(steps, fmt.Sprintf("%s %s", s.User, s.Says))
		case Dial:
			steps = append(steps, fmt.Sprintf("%s:%s as %q for %s", s.Trunk, s.Number, s.CallerID, s.For))
		case Refuse:
			steps = append(steps, string(s.Cause))
		default:
			steps = append(steps, describe1(s))
		}
	}
	return strings.Join(steps, ", ")
}

func TestHandling(t *testing.T) {
	to := func(user string) *Forward { return &Forward{Kind: "user", User: user} }
	out := &Forward{Kind: "number", Number: "+40722000111", Confirm: true}
	client, colleague := Party{Kind: Outside, Trunk: "c1", Number: "0722123456"}, Party{Kind: Browser, User: "zoe"}
	withheld := Party{Kind: Outside, Trunk: "c1", Number: "0722123456", Private: true}
	monday := &PersonalHours{Zone: "Europe/Bucharest", Closed: to("bob"),
		Hours: []WorkingHours{{Days: []string{"mon"}, Span: Span{"09:00", "18:00"}}}}
	cases := []struct {
		name    string
		of      map[string]Handling
		party   Party
		dialled string
		come    Outcome
		want    string
	}{
		{"nothing set", nil, colleague, "102", NoAnswer, "bob"},
		{"all calls to a colleague", map[string]Handling{"ana": {Always: to("bob")}}, colleague, "101", NoAnswer,
			"ana forwarded, bob"},
		{"to a mobile by the next trunk, which shows the client", map[string]Handling{"bob": {Always: out}}, client,
			"+40311000001", Failed, `ana, bob forwarded, c1:+40722000111 as "+40311000001" for bob, c2:40722000111 as "+40722123456" for bob, office:+40722000111 as "" for bob, plant:+40722000111 as "" for bob, cal`},
		{"whoever withholds his number is not shown", map[string]Handling{"bob": {Always: out}}, withheld,
			"+40311000001", Failed, `ana, bob forwarded, c1:+40722000111 as "+40311000001" for bob, c2:40722000111 as "" for bob, office:+40722000111 as "" for bob, plant:+40722000111 as "" for bob, cal`},
		{"nobody takes it at the mobile", map[string]Handling{"bob": {NoAnswer: out}}, client, "+40311000001", NoAnswer,
			`ana, bob, c1:+40722000111 as "+40311000001" for bob, cal+bob`},
		{"busy", map[string]Handling{"ana": {Busy: to("bob"), NoAnswer: out}}, colleague, "101", Busy, "ana, bob"},
		{"declines", map[string]Handling{"ana": {Busy: to("bob")}}, colleague, "101", Declined, "ana, bob"},
		{"no answer has no way", map[string]Handling{"ana": {Busy: to("bob")}}, colleague, "101", NoAnswer, "ana"},
		{"offline to a group", map[string]Handling{"ana": {Offline: &Forward{Kind: "extension", Number: "200"}}},
			colleague,
			"101", Offline, "ana, bob+cal"},
		{"an extension that is gone", map[string]Handling{"ana": {Offline: &Forward{Kind: "extension", Number: "999"}}},
			colleague, "101", Offline, "ana"},
		{"do not disturb", map[string]Handling{"ana": {DND: true}}, colleague, "101", NoAnswer, "ana do_not_disturb, busy"},
		{"do not disturb, to a colleague", map[string]Handling{"ana": {DND: true, Busy: to("bob")}}, colleague, "101",
			NoAnswer, "ana do_not_disturb, bob"},
		{"outside of his hours", map[string]Handling{"ana": {Hours: monday}}, colleague, "101", NoAnswer, "ana closed, bob"},
		{"his own hours are in no way of a colleague", map[string]Handling{"ana": {Hours: monday}}, colleague, "102",
			NoAnswer, "bob"},
		{"a circle of two: the last one rings",
			map[string]Handling{"ana": {Always: to("bob")}, "bob": {Always: to("ana")}},
			colleague, "101", NoAnswer, "ana forwarded, bob"},
		{"no further than three", map[string]Handling{"ana": {Always: to("bob")}, "bob": {Always: to("cal")},
			"cal": {Always: to("dan")}, "dan": {Always: to("eve")}}, colleague, "101", NoAnswer,
			"ana forwarded, bob forwarded, cal forwarded, dan"},
		{"through an extension back to himself", map[string]Handling{"ana": {Always: &Forward{Kind: "extension",
			Number: "102"}}, "bob": {Always: &Forward{Kind: "extension", Number: "101"}}}, colleague, "101", NoAnswer,
			"ana forwarded, bob forwarded, unavailable"},
		{"to our own number comes back inside, and not to himself", map[string]Handling{"bob": {Always: &Forward{
			Kind: "number", Number: "+40311000001"}}}, colleague, "102", NoAnswer, "bob forwarded, cal"},
		{"a country that is not allowed any more: his phones ring", map[string]Handling{"ana": {Always: &Forward{
			Kind: "number", Number: "+4930123456"}}}, colleague, "101", NoAnswer, "ana"},
		{"a group leaves out who does not want to be rung", map[string]Handling{"bob": {DND: true}}, colleague, "200",
			NoAnswer, "cal"},
		{"a group of nobody", map[string]Handling{"bob": {DND: true}, "cal": {Always: out}}, colleague, "200", NoAnswer, ""},
	}
	for _, c := range cases {
		p := handled(c.of)
		p.extensions["200"] = Extension{Number: "200",
			Destination: Destination{Kind: "group", Users: []string{"bob", "cal"},
				Seconds: 25}}
		n := p.numbers["+40311000001"]
		n.Destination.Users = []string{"cal", "bob"}
		p.numbers["+40311000001"] = n
		in := p.Inbound("c", c.party, c.dialled)
		facts := Facts{Hint: Hint{Users: []string{"ana", "bob"}}}
		if c.party.Kind != Outside {
			facts = Facts{}
		}
		sunday := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		if got := way(p.Route(in, facts, sunday), c.come); got != c.want {
			t.Errorf("%s: %s; want %s", c.name, got, c.want)
		}
	}
}

func TestHandlingInput(t *testing.T) {
	p := New(Tables{Region: "RO", Policy: OutboundPolicy{Countries: []string{"RO"}, Short: []string{"112"}},
		Extensions: []Extension{{Number: "101", Destination: Destination{Kind: "user", User: "ana"}}}})
	week := []WorkingHours{{Days: []string{"mon"}, Span: Span{"09:00", "18:00"}}}
	for field, bad := range map[string]Handling{
		"seconds":              {Seconds: 3},
		"always.kind":          {Always: &Forward{Kind: "fax"}},
		"busy.user":            {Busy: &Forward{Kind: "user", User: "ana"}},
		"no_answer.user":       {NoAnswer: &Forward{Kind: "user"}},
		"offline.number":       {Offline: &Forward{Kind: "extension", Number: "999"}},
		"always.number":        {Always: &Forward{Kind: "extension", Number: "101"}},
		"hours.closed.number":  {Hours: &PersonalHours{Zone: "UTC", Hours: week, Closed: &Forward{Kind: "number", Number: "+4930123456"}}},
		"hours.zone":           {Hours: &PersonalHours{Zone: "Mars", Hours: week}},
		"hours.hours":          {Hours: &PersonalHours{Zone: "UTC"}},
		"hours.hours[0].days":  {Hours: &PersonalHours{Zone: "UTC", Hours: []WorkingHours{{Span: Span{"09:00", "18:00"}}}}},
		"busy.number":          {Busy: &Forward{Kind: "number", Number: "112"}},
		"offline.number ":      {Offline: &Forward{Kind: "number", Number: "mobile"}},
		"no_answer.number":     {NoAnswer: &Forward{Kind: "number", Number: "+40906123456"}},
		"always.number (none)": {Always: &Forward{Kind: "number"}},
	} {
		field, _, _ = strings.Cut(field, " ")
		wantField(t, field, p.CheckHandling("ana", &bad))
	}
}

func TestCodes(t *testing.T) {
	p := testPlan()
	for dialled, want := range map[string]Code{"*8": {PickUp, ""}, "*8101": {PickUp, "101"}, "*68": {Park, ""},
		"*6812": {Park, "12"}, "*78": {DNDOn, ""}, "*72+40722000111": {ForwardOn, "+40722000111"},
		"*72 102": {ForwardOn, "102"},
		"101":     {}, "*9": {}} {
		in := p.Inbound("", Party{Kind: Phone, User: "ana"}, dialled)
		if code, _ := p.Route(in, Facts{}, time.Now()).(Code); code != want ||
			want != (Code{}) && in.Direction != "internal" {
			t.Errorf("%s: %+v, %s", dialled, code, in.Direction)
		}
		outside := p.Inbound("", Party{Kind: Outside, Trunk: "office", Number: "55"}, dialled)
		if code, is := p.Route(outside, Facts{}, time.Now()).(Code); is {
			t.Errorf("from outside: %+v", code)
		}
	}
	p.groups["g"] = HuntGroup{Members: []string{"ana", "dan"}}
	for _, c := range []struct {
		user string
		rung []string
		may  bool
	}{{"ana", []string{"ana"}, true}, {"ana", []string{"bob"}, false}, {"bob", []string{"zoe", "cal"}, true},
		{"dan", []string{"ana"}, true}, {"", []string{""}, false}, {"ana", nil, false}} {
		if p.MayPickUp(c.user, c.rung) != c.may {
			t.Errorf("%+v", c)
		}
	}
}
