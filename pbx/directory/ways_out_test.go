package directory

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Over which trunks calls go out: the first route that fits decides, in its order, and a short number gets through
// whatever its route says.
func TestWaysOut(t *testing.T) {
	p := testPlan()
	p.schedules["day"] = &Schedule{ID: "day", Zone: "UTC", location: time.UTC, Hours: officeHours()}
	p.routes = []OutboundRoute{
		{Name: "Maria's", Users: []string{"maria"}, Countries: []string{"RO"}, Trunks: []string{"c2"}, CallerID: "+40311000009"},
		{Name: "America by day", Countries: []string{"US"}, Schedule: "day", Trunks: []string{"c2", "c1"}},
		{Name: "Bucharest", Prefixes: []string{"+4021"}, Trunks: []string{"c2"}},
		{Name: "Help", Prefixes: []string{"112"}, Trunks: []string{"c2"}},
		{Name: "Nowhere", Prefixes: []string{"+40744"}, Trunks: []string{"off"}},
	}
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		user, number string
		at           time.Time
		down         string
		route, want  string
	}{
		{"ana", "0722000111", noon, "", "", "c1:+40722000111 c2:40722000111 office:+40722000111 plant:+40722000111"},
		{"maria", "0722000111", noon, "", "Maria's", "c2:40722000111"},
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

func officeHours() []WorkingHours {
	return []WorkingHours{{Days: []string{"mon", "tue"}, Span: Span{From: "09:00", To: "18:00"}}}
}

// Routes are kept in their order; what they lead over can't be taken away from under them.
func TestOutboundRoutesAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		d := New(Config{Node: "n"}, db, nil)
		trunk := Trunk{Name: "carrier", Host: "192.0.2.1", Active: true}
		if err := d.SaveTrunk(ctx, &trunk); err != nil {
			t.Fatal(err)
		}
		hours := Schedule{Name: "day", Zone: "UTC", Hours: officeHours()}
		if err := d.SaveSchedule(ctx, &hours); err != nil {
			t.Fatal(err)
		}
		for field, r := range map[string]OutboundRoute{
			"routes[0].name":      {Trunks: []string{trunk.ID}},
			"routes[0].trunks":    {Name: "a", Trunks: []string{"gone"}},
			"routes[0].prefixes":  {Name: "a", Trunks: []string{trunk.ID}, Prefixes: []string{"x"}},
			"routes[0].countries": {Name: "a", Trunks: []string{trunk.ID}, Countries: []string{"ZZ"}},
			"routes[0].schedule":  {Name: "a", Trunks: []string{trunk.ID}, Schedule: "gone"},
			"routes[0].caller_id": {Name: "a", Trunks: []string{trunk.ID}, CallerID: "x"},
		} {
			var invalid *Invalid
			if err := d.SaveOutboundRoutes(ctx, []OutboundRoute{r}); !errors.As(err, &invalid) || invalid.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		want := []OutboundRoute{{Name: "b", Trunks: []string{trunk.ID}, Schedule: hours.ID, Countries: []string{"ro"}},
			{Name: "a", Trunks: []string{trunk.ID}, Prefixes: []string{"+40 21"}, CallerID: "0311000001"}}
		if err := d.SaveOutboundRoutes(ctx, want); err != nil {
			t.Fatal(err)
		}
		got, err := d.OutboundRoutes(ctx)
		if err != nil || len(got) != 2 || got[0].Name != "b" || got[0].Countries[0] != "RO" ||
			got[1].Prefixes[0] != "+4021" || got[1].CallerID != "+40311000001" {
			t.Errorf("%+v, %v", got, err)
		}
		if err := d.DeleteTrunk(ctx, trunk.ID); !errors.Is(err, ErrInUse) {
			t.Errorf("the trunk of a route is taken away: %v", err)
		}
		if err := d.DeleteSchedule(ctx, hours.ID); !errors.Is(err, ErrInUse) {
			t.Errorf("the hours of a route are taken away: %v", err)
		}
		plan, err := d.Plan(ctx)
		if err != nil || len(plan.routes) != 2 {
			t.Errorf("the plan has %d routes, %v", len(plan.routes), err)
		}
	})
}
