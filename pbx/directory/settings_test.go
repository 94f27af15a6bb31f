package directory

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Routes are kept in their order; what they lead over can't be taken away from under them.
func TestOutboundRoutesAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		team := map[string][]string{"ana": {"field", "sales"}}
		d := New(Config{Node: "n", Departments: func(context.Context) (map[string][]string, error) {
			return team, nil
		}}, db, nil)
		trunk := Trunk{Name: "carrier", Host: "192.0.2.1", Active: true}
		if err := d.SaveTrunk(ctx, &trunk); err != nil {
			t.Fatal(err)
		}
		hours := dialplan.Schedule{Name: "day", Zone: "UTC", Hours: office().Hours}
		if err := d.SaveSchedule(ctx, &hours); err != nil {
			t.Fatal(err)
		}
		for field, r := range map[string]dialplan.OutboundRoute{
			"routes[0].name":      {Trunks: []string{trunk.ID}},
			"routes[0].trunks":    {Name: "a", Trunks: []string{"gone"}},
			"routes[0].prefixes":  {Name: "a", Trunks: []string{trunk.ID}, Prefixes: []string{"x"}},
			"routes[0].countries": {Name: "a", Trunks: []string{trunk.ID}, Countries: []string{"ZZ"}},
			"routes[0].schedule":  {Name: "a", Trunks: []string{trunk.ID}, Schedule: "gone"},
			"routes[0].caller_id": {Name: "a", Trunks: []string{trunk.ID}, CallerID: "x"},
		} {
			var invalid *input.Invalid
			if err := d.SaveOutboundRoutes(ctx, []dialplan.OutboundRoute{r}); !errors.As(err, &invalid) ||
				invalid.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		want := []dialplan.OutboundRoute{{Name: "b", Trunks: []string{trunk.ID}, Schedule: hours.ID,
			Countries: []string{"ro"}},
			{Name: "a", Trunks: []string{trunk.ID}, Prefixes: []string{"+40 21"},
				Departments: []string{"sales"}, CallerID: "0311000001"}}
		if err := d.SaveOutboundRoutes(ctx, want); err != nil {
			t.Fatal(err)
		}
		got, err := d.OutboundRoutes(ctx)
		if err != nil || len(got) != 2 || got[0].Name != "b" || got[0].Countries[0] != "RO" ||
			got[1].Prefixes[0] != "+4021" || got[1].CallerID != "+40311000001" {
			t.Errorf("%+v, %v", got, err)
		}
		if err := d.DepartmentUnused(ctx, "sales"); !errors.Is(err, ErrInUse) {
			t.Errorf("the department of a route is taken away: %v", err)
		}
		must(t, d.DepartmentUnused(ctx, "field"))
		if err := d.DeleteTrunk(ctx, trunk.ID); !errors.Is(err, ErrInUse) {
			t.Errorf("the trunk of a route is taken away: %v", err)
		}
		if err := d.DeleteSchedule(ctx, hours.ID); !errors.Is(err, ErrInUse) {
			t.Errorf("the hours of a route are taken away: %v", err)
		}
		plan, err := d.Plan(ctx)
		must(t, err)
		in := plan.Inbound("", dialplan.Party{Kind: dialplan.Browser, User: "ana"}, "+40214000000")
		monday := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
		for at, want := range map[time.Time]string{monday: "b", monday.Add(12 * time.Hour): "a"} {
			if name := plan.WayOut(in, at); name != want {
				t.Errorf("a call to Bucharest at %v goes out by %q, not %q", at, name, want)
			}
		}
		team = map[string][]string{"ana": {"office"}}
		d.Announce()
		plan, err = d.Plan(ctx)
		must(t, err)
		if name := plan.WayOut(in, monday.Add(12*time.Hour)); name != "" {
			t.Errorf("who left the department calls out by %q", name)
		}
	})
}

func TestSaveCodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d, _ := directory(t, db)
		ctx := t.Context()
		must(t, d.SaveCodes(ctx, dialplan.Codes{dialplan.PickUp: "*7", dialplan.Park: ""}))
		codes, err := d.Codes(ctx)
		must(t, err)
		if codes[dialplan.PickUp] != "*7" || codes[dialplan.Park] != "" || codes[dialplan.DNDOn] != "*78" {
			t.Errorf("%v", codes)
		}
		wantField(t, "pickup", d.SaveCodes(ctx, dialplan.Codes{dialplan.PickUp: "8"}))
		wantField(t, "dnd_on", d.SaveCodes(ctx, dialplan.Codes{dialplan.DNDOn: "*"}))
		wantField(t, "fly", d.SaveCodes(ctx, dialplan.Codes{"fly": "*1"}))
		wantField(t, "take_here", d.SaveCodes(ctx, dialplan.Codes{dialplan.TakeHere: "*78"}))
	})
}
