package dialplan

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pbx/cause"
)

// office works from Monday to Friday with a break, and at night from Friday to Saturday.
func office() Schedule {
	workdays := []string{"mon", "tue", "wed", "thu", "fri"}
	return Schedule{Name: "Office", Zone: "Europe/Bucharest",
		Hours: []WorkingHours{{workdays, Span{"09:00", "13:00"}}, {workdays, Span{"14:00", "18:00"}},
			{[]string{"fri"}, Span{"22:00", "02:30"}}, {[]string{"sun"}, Span{"03:15", "03:45"}}},
		Holidays: []Holiday{{"Christmas", "12-25", nil}, {"New Year's Eve", "12-31", []Span{{"10:00", "12:00"}}},
			{"Unification", "2026-01-23", nil}, {"Night fair", "2026-07-04", []Span{{"20:00", "04:00"}}},
			{"Christmas with a stall", "2027-12-25", []Span{{"00:00", "24:00"}}}}}
}

func TestOpen(t *testing.T) {
	s := office()
	must(t, s.Check())
	for at, want := range map[string]string{
		"2026-03-02T06:59:59Z": "closed", "2026-03-02T07:00:00Z": "open", // Monday 09:00 in winter …
		"2026-06-01T06:00:00Z": "open", "2026-06-01T05:59:59Z": "closed", // … and in summer
		"2026-03-02T10:59:59Z": "open", "2026-03-02T11:00:00Z": "closed", "2026-03-02T12:00:00Z": "open",
		"2026-03-02T16:00:00Z": "closed",
		// over midnight
		"2026-03-06T19:59:59Z": "closed", "2026-03-06T20:00:00Z": "open", "2026-03-07T00:29:59Z": "open",
		"2026-03-07T00:30:00Z": "closed", "2026-03-07T09:00:00Z": "closed",
		"2026-03-29T00:59:59Z": "closed", "2026-03-29T01:00:00Z": "closed", // 02:59:59, then 04:00: no 03:15 that day
		"2026-10-25T00:15:00Z": "open", "2026-10-25T00:45:00Z": "closed", // 03:15 the first time …
		"2026-10-25T01:15:00Z": "open", "2026-10-25T01:45:00Z": "closed", // … and the second
		"2026-12-25T10:00:00Z": "closed: Christmas", "2026-12-24T21:59:59Z": "closed",
		"2026-12-24T22:00:00Z": "closed: Christmas", // it begins at midnight there
		"2026-12-31T07:59:59Z": "closed: New Year's Eve", "2026-12-31T08:00:00Z": "open: New Year's Eve",
		"2026-12-31T13:00:00Z": "closed: New Year's Eve",
		"2026-01-23T10:00:00Z": "closed: Unification", "2026-01-24T00:00:00Z": "closed", // no night shift began
		"2027-01-22T10:00:00Z": "open",                                   // another year
		"2026-07-03T20:30:00Z": "open",                                   // Friday's night shift …
		"2026-07-03T21:30:00Z": "closed: Night fair",                     // … ends where the holiday begins
		"2026-07-05T00:59:59Z": "open", "2026-07-05T01:00:00Z": "closed", // the fair's own night does not
		"2027-12-25T21:59:59Z": "open: Christmas with a stall", // the year's own goes before that of every year
	} {
		moment, err := time.Parse(time.RFC3339, at)
		must(t, err)
		open, holiday := s.Open(moment)
		got := map[bool]string{true: "open", false: "closed"}[open]
		if holiday != "" {
			got += ": " + holiday
		}
		if got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	if s.Why(false, "") != "outside working hours (Mon-Fri 09:00-13:00, Mon-Fri 14:00-18:00, Fri 22:00-02:30, "+
		"Sun 03:15-03:45, Europe/Bucharest)" || s.Why(false, "Easter") != "holiday: Easter" {
		t.Error(s.Why(false, ""), s.Why(false, "Easter"))
	}
}

func TestScheduleInput(t *testing.T) {
	for _, c := range []struct {
		change func(*Schedule)
		field  string
		says   string
	}{
		{func(s *Schedule) { s.Name = " " }, "name", "name"},
		{func(s *Schedule) { s.Zone = "Europe/Bukarest" }, "zone", "Europe/Bucharest"},
		{func(s *Schedule) { s.Zone = "" }, "zone", "time zone"},
		{func(s *Schedule) { s.Zone = "Local" }, "zone", "time zone"},
		{func(s *Schedule) { s.Hours = nil }, "hours", "add the hours"},
		{func(s *Schedule) { s.Hours[0].Days = nil }, "hours[0].days", "at least one"},
		{func(s *Schedule) { s.Hours[0].Days = []string{"monday"} }, "hours[0].days", "write mon"},
		{func(s *Schedule) { s.Hours[0].Days = []string{"mon", "mon"} }, "hours[0]", "overlap"},
		{func(s *Schedule) { s.Hours[0].From = "24:00" }, "hours[0].from", "23:59"},
		{func(s *Schedule) { s.Hours[0].To = "25:00" }, "hours[0].to", "24:00"},
		{func(s *Schedule) { s.Hours[0].To = "9:00" }, "hours[0].to", "24:00"},
		{func(s *Schedule) { s.Hours[0].To = "13:60" }, "hours[0].to", "24:00"},
		{func(s *Schedule) { s.Hours[0].To = s.Hours[0].From }, "hours[0].to", "00:00 to 24:00"},
		{func(s *Schedule) { s.Hours[0].To = "14:01" }, "hours[1]", "overlap"},
		{func(s *Schedule) { s.Hours[3] = WorkingHours{[]string{"sat"}, Span{"02:00", "03:00"}} }, "hours[3]", "overlap"},
		{func(s *Schedule) { s.Hours[3] = WorkingHours{[]string{"sat"}, Span{"23:00", "01:00"}} }, "", ""},
		{func(s *Schedule) { s.Hours = append(s.Hours, WorkingHours{[]string{"sat"}, Span{"20:00", "19:00"}}) },
			"hours[3]", "overlap"}, // over the end of the week into Sunday's
		{func(s *Schedule) { s.Holidays[0].Name = "" }, "holidays[0].name", "name"},
		{func(s *Schedule) { s.Holidays[0].Date = "02-30" }, "holidays[0].date", "12-24"},
		{func(s *Schedule) { s.Holidays[0].Date = "02-29" }, "", ""},
		{func(s *Schedule) { s.Holidays[2].Date = "2026-02-29" }, "holidays[2].date", "12-24"},
		{func(s *Schedule) { s.Holidays[1].Date = "12-25" }, "holidays[1].date", "twice"},
		{func(s *Schedule) { s.Holidays[1].Hours[0].To = "10:00" }, "holidays[1].hours[0].to", "24:00"},
	} {
		s := office()
		c.change(&s)
		err := s.Check()
		if c.field == "" {
			must(t, err)
			continue
		}
		wantField(t, c.field, err)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v does not say %q", err, c.says)
		}
	}
}

// Whatever a schedule holds, whether it is open can be asked; one that was checked is open within each of its spans.
func FuzzOpen(f *testing.F) {
	f.Add("Europe/Bucharest", "mon", "09:00", "18:00", "12-25", int64(1774746000))
	f.Add("", "", "99:99", ":", "2026-12-25", int64(-1)<<60)
	f.Add("America/St_Johns", "sat", "23:59", "00:00", "02-29", int64(1)<<60)
	f.Fuzz(func(t *testing.T, zone, weekday, from, to, date string, at int64) {
		span := Span{from, to}
		s := Schedule{Name: "x", Zone: zone, Hours: []WorkingHours{{[]string{weekday}, span}},
			Holidays: []Holiday{{"y", date, []Span{span}}}}
		moment := time.Unix(at, 0)
		open, holiday := s.Open(moment)
		_ = s.Why(open, holiday)
		if s.Check() != nil || holiday != "" {
			return
		}
		local := moment.In(s.zone())
		clock, day := local.Format("15:04"), weekdays[local.Weekday()]
		if within := from <= clock && (clock < to || to < from); day == weekday && within && !open {
			t.Errorf("closed at %s on %s: %+v", clock, day, s)
		}
	})
}

// A number with hours leads elsewhere outside of them; the other way is drawn, too, and rehearsed as a call walks.
func TestRouteByHours(t *testing.T) {
	p := testPlan()
	s := office()
	s.ID = "s"
	p.schedules["s"] = &s
	number := p.numbers["+40311000001"]
	number.Timed = Timed{"s", &Destination{Kind: "meeting", Meeting: "m1"}}
	p.numbers[number.E164] = number
	extension := p.extensions["101"]
	extension.Timed = Timed{"s", &Destination{Kind: Refused}}
	p.extensions["101"] = extension
	route := func(party Party, dialled, at string) Step {
		moment, err := time.Parse(time.RFC3339, at)
		must(t, err)
		return p.Route(p.Inbound("c", party, dialled), Facts{}, moment)
	}
	client, colleague := Party{Kind: Outside, Trunk: "c1", Number: "0722123456"}, Party{Kind: Browser, User: "bob"}
	for _, c := range []struct {
		party             Party
		dialled, at, want string
		says              Outcome
	}{
		{client, "+40311000001", "2026-03-02T07:00:00Z", "bob+cal", Opened},
		{client, "+40311000001", "2026-03-02T06:00:00Z", "meeting m1", Closed},
		{client, "+40311000001", "2026-12-25T07:00:00Z", "meeting m1", OffDay},
		{colleague, "101", "2026-03-02T07:00:00Z", "ana", Opened},
		{colleague, "101", "2026-03-02T06:00:00Z", string(cause.Unavailable), Closed},
	} {
		passed, first := Decided(route(c.party, c.dialled, c.at))
		if got := describe(first); got != c.want || len(passed) != 1 || passed[0].Decides() != c.says {
			t.Errorf("%s at %s: %s, %+v, want %s", c.dialled, c.at, got, passed, c.want)
		}
	}
	if OnlyUser(route(colleague, "101", "2026-03-02T07:00:00Z")) != "ana" {
		t.Error("who is rung alone?")
	}
	chart, way := Rehearse(route(client, "+40311000001", "2026-03-02T06:00:00Z"),
		func(s Step) Outcome { return NoAnswer })
	want := map[Outcome]int{Opened: 1, Closed: 2, OffDay: 2}
	if len(chart) != 3 || !reflect.DeepEqual(chart[0].Next, want) || len(chart[1].Next) != 0 ||
		!slices.Equal(way, []Visit{{0, Closed}, {2, NoAnswer}}) {
		t.Errorf("%+v, %+v", chart, way)
	}
	if describe1(untaken(route(client, "+40311000001", "2026-03-02T07:00:00Z"))[0]) != "dialplan.Hours" {
		t.Error("the hours are no step")
	}
}
