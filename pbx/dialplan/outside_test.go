package dialplan

import (
	"testing"
	"time"
)

// Over which trunks calls go out: the first route that fits decides, in its order, and a short number gets through
// whatever its route says.
func TestWaysOut(t *testing.T) {
	p := testPlan()
	p.schedules["day"] = &Schedule{ID: "day", Zone: "UTC", location: time.UTC, Hours: officeHours()}
	p.routes = []OutboundRoute{
		{Name: "Maria's", Users: []string{"maria"}, Countries: []string{"RO"}, Trunks: []string{"c2"}, CallerID: "+40311000009"},
		{Name: "Sales", Departments: []string{"sales"}, Users: []string{"otto"},
			Prefixes: []string{"+40755"}, Trunks: []string{"c1"}},
		{Name: "America by day", Countries: []string{"US"}, Schedule: "day", Trunks: []string{"c2", "c1"}},
		{Name: "Bucharest", Prefixes: []string{"+4021"}, Trunks: []string{"c2"}},
		{Name: "Help", Prefixes: []string{"112"}, Trunks: []string{"c2"}},
		{Name: "Nowhere", Prefixes: []string{"+40744"}, Trunks: []string{"off"}},
	}
	p.departments = map[string][]string{"bob": {"field", "sales"}, "ana": {"office"}}
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		user, number string
		at           time.Time
		down         string
		route, want  string
	}{
		{"ana", "0722000111", noon, "", "", "c1:+40722000111 c2:40722000111 office:+40722000111 plant:+40722000111"},
		{"maria", "0722000111", noon, "", "Maria's", "c2:40722000111"},
		{"bob", "0755000111", noon, "", "Sales", "c1:+40755000111"},
		{"otto", "0755000111", noon, "", "Sales", "c1:+40755000111"},
		{"ana", "0755000111", noon, "", "", "c1:+40755000111 c2:40755000111 office:+40755000111 plant:+40755000111"},
		{"ana", "+12125550100", noon, "", "America by day", "c2:12125550100 c1:+12125550100"},
		{"ana", "+12125550100", noon, "c2", "America by day", "c1:+12125550100 c2:12125550100"},
		{"ana", "+12125550100", noon.Add(9 * time.Hour), "", "", "c1:+12125550100 c2:12125550100 office:+12125550100 plant:+12125550100"},
		{"ana", "0214000000", noon, "", "Bucharest", "c2:40214000000"},
		{"ana", "112", noon, "", "Help", "c2:112 c1:112 office:112 plant:112"},
		{"ana", "0744000111", noon, "", "Nowhere", "unavailable"},
		{"maria", "+33140000000", noon, "", "", "forbidden"},
	} {
		in := p.Inbound("", Party{Kind: Browser, User: test.user}, test.number)
		first := p.Route(in, Facts{Down: func(trunk string) bool { return trunk == test.down }}, test.at)
		if got := describe(first); got != test.want {
			t.Errorf("%s calls %s at %s: %s", test.user, test.number, test.at.Format("15:04"), got)
		}
		if got := p.WayOut(in, test.at); got != test.route {
			t.Errorf("%s calls %s by %q", test.user, test.number, got)
		}
		if d, ok := first.(Dial); ok && test.user == "maria" && d.CallerID != "+40311000009" {
			t.Errorf("shows %s", d.CallerID)
		}
	}
}

// A test call goes over the trunk that is tried, whatever the routes say, and where a call may go.
func TestThrough(t *testing.T) {
	p := testPlan()
	p.routes = []OutboundRoute{{Name: "All", Trunks: []string{"c1"}}}
	for _, test := range [][3]string{
		{"0722000111", "c2", "c2:40722000111"},
		{"112", "c2", "c2:112"},
		{"+33140000000", "c2", "forbidden"},
		{"777", "c2", "not_found"},
		{"0722000111", "off", "unavailable"},
	} {
		in := p.Inbound("", Party{Kind: Browser, User: "ana"}, test[0])
		if got := describe(p.Through(in, test[1])); got != test[2] {
			t.Errorf("%s over %s: %s", test[0], test[1], got)
		}
	}
	if first := p.Route(p.Inbound("", Party{Kind: Browser}, "0722000111"), Facts{},
		time.Now()); describe(first) != "c1:+40722000111" {
		t.Errorf("calls go another way afterwards: %s", describe(first))
	}
}

func officeHours() []WorkingHours {
	return []WorkingHours{{Days: []string{"mon", "tue"}, Span: Span{From: "09:00", To: "18:00"}}}
}

// Where calls may go outside: to the countries that are named, and to no premium rate in them.
func TestPolicy(t *testing.T) {
	for country, numbers := range map[string]map[string]bool{
		"RO": {"+40722123456": true, "+4930123456": false},
		"DE": {"+4930550006": true, "+499001234567": false, "+4990012345678": false, "+49900123456789": false},
	} {
		p := OutboundPolicy{Countries: []string{country}}
		for number, want := range numbers {
			if p.allows(number) != want {
				t.Errorf("%s where %s is allowed: not %v", number, country, want)
			}
		}
	}
}
