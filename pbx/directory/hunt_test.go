package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/pbx/cause"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestArrange(t *testing.T) {
	team := []string{"a", "b", "c"}
	now := time.Now()
	for _, c := range []struct {
		strategy Strategy
		turn     Turn
		want     string
	}{
		{Together, Turn{}, "[[a b c]]"},
		{InOrder, Turn{Number: 7}, "[[a] [b] [c]]"},
		{RoundRobin, Turn{}, "[[a] [b] [c]]"},
		{RoundRobin, Turn{Number: 4}, "[[b] [c] [a]]"},
		{RoundRobin, Turn{Number: -1}, "[[a] [b] [c]]"},
		{LongestIdle, Turn{}, "[[a] [b] [c]]"},
		{LongestIdle, Turn{Talked: map[string]time.Time{"a": now, "c": now.Add(-time.Minute)}}, "[[b] [c] [a]]"},
	} {
		if got := fmt.Sprint(Arrange(c.strategy, team, c.turn)); got != c.want {
			t.Errorf("%s: %s, want %s", c.strategy, got, c.want)
		}
	}
	firsts := map[string]bool{}
	for chance := range uint64(100) {
		order := slices.Concat(Arrange(Random, team, Turn{Chance: chance})...)
		firsts[order[0]] = true
		if slices.Sort(order); !slices.Equal(order, team) {
			t.Fatalf("by chance: %v", order)
		}
	}
	if len(firsts) != 3 || len(Arrange(InOrder, nil, Turn{})) != 0 || fmt.Sprint(team) != "[a b c]" {
		t.Error(firsts, team)
	}
}

// A number that leads to a hunt group rings the responsible user, then the group, then whoever comes after it.
func TestRouteToAHuntGroup(t *testing.T) {
	p := testPlan()
	p.groups["sales"] = HuntGroup{ID: "sales", Name: "Sales", Strategy: InOrder, Members: []string{"ana", "bob"},
		Seconds: 15, Otherwise: &Destination{Kind: toGroup, HuntGroup: "all"}}
	p.groups["all"] = HuntGroup{ID: "all", Strategy: Together, Members: []string{"bob", "cal"}, Seconds: 10}
	number := p.numbers["+40311000001"]
	number.Destination = Destination{Kind: toGroup, HuntGroup: "sales", Responsible: true, Seconds: 25}
	p.numbers[number.E164] = number
	in := p.Inbound("c", Party{Kind: Line, Trunk: "c1", Number: "0722123456"}, "+40311000001")
	way := untaken(p.Route(in, Facts{Hint: Hint{Users: []string{"cal"}}}, time.Now()))
	if len(way) != 3 || describe1(way[0]) != "cal" {
		t.Fatalf("%+v", way)
	}
	rings := way[1].(Hunt).Rings(Turn{})
	first := rings[0].(Ring)
	if len(rings) != 2 || describe1(first) != "ana" || first.Seconds != 15 || !slices.Equal(first.Devices["ana"], []string{"d1"}) {
		t.Errorf("%+v", rings)
	}
	if after := way[2].(Hunt).Rings(Turn{}); len(after) != 1 || describe1(after[0]) != "bob+cal" {
		t.Errorf("%+v", after)
	}

	all := p.groups["all"]
	all.Otherwise = &Destination{Kind: toGroup, HuntGroup: "sales"}
	p.groups["all"] = all
	if circle := untaken(p.Route(in, Facts{}, time.Now())); len(circle) > 2*maxChained {
		t.Errorf("%d steps", len(circle))
	}
	number.Destination.HuntGroup = "gone"
	p.numbers[number.E164] = number
	if got := describe(p.Route(in, Facts{}, time.Now())); got != string(cause.Unavailable) {
		t.Error(got)
	}
}

func TestHuntGroups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d, changes := directory(t, db)
		ctx := context.Background()
		trunk := Trunk{Name: "Carrier", Host: "192.0.2.1", Active: true}
		must(t, d.SaveTrunk(ctx, &trunk))
		sales := HuntGroup{Name: " Sales ", Strategy: RoundRobin, Members: []string{"ana", "bob"}, Seconds: 20}
		must(t, d.SaveHuntGroup(ctx, &sales))
		after := HuntGroup{Name: "After", Strategy: Together, Members: []string{"cal"}, Seconds: 20,
			Otherwise: &Destination{Kind: toGroup, HuntGroup: sales.ID}}
		must(t, d.SaveHuntGroup(ctx, &after))
		for field, change := range map[string]func(*HuntGroup){
			"name":                 func(g *HuntGroup) { g.Name = "After" },
			"strategy":             func(g *HuntGroup) { g.Strategy = "loudest" },
			"members":              func(g *HuntGroup) { g.Members = []string{"ana", "bob", "ana"} },
			"seconds":              func(g *HuntGroup) { g.Seconds = 80 }, // two people, one after another
			"otherwise.hunt_group": func(g *HuntGroup) { g.Otherwise = &Destination{Kind: toGroup, HuntGroup: after.ID} },
			"otherwise.user":       func(g *HuntGroup) { g.Otherwise = &Destination{Kind: "user"} },
		} {
			bad := sales
			change(&bad)
			wantField(t, field, d.SaveHuntGroup(ctx, &bad))
		}
		wantField(t, "destination.hunt_group", d.SaveExtension(ctx, &Extension{Number: "200",
			Destination: Destination{Kind: toGroup, HuntGroup: "none"}}))
		must(t, d.SaveExtension(ctx, &Extension{Number: "200", Destination: Destination{Kind: toGroup, HuntGroup: sales.ID}}))
		before := *changes
		for number := range int64(3) {
			if peek, err := d.Turn(ctx, sales.ID); err != nil || peek != number {
				t.Errorf("the next turn is %d, %v", peek, err)
			}
			if got, err := d.NextTurn(ctx, sales.ID); err != nil || got != number {
				t.Errorf("turn %d is %d, %v", number, got, err)
			}
		}
		if *changes != before {
			t.Error("a call changed the plan")
		}
		sales.Seconds = 10
		must(t, d.SaveHuntGroup(ctx, &sales))
		if all, err := d.HuntGroups(ctx); err != nil || len(all) != 2 || all[1].Name != "Sales" || all[1].Seconds != 10 ||
			all[0].Otherwise.HuntGroup != sales.ID {
			t.Errorf("%+v, %v", all, err)
		}
		if leading, err := d.Leading(ctx, "ana"); err != nil || !slices.Equal(leading, []string{"Sales"}) {
			t.Error(leading, err)
		}
		must(t, db.Tx(ctx, func(tx *store.Tx) error { return d.HandOver(ctx, tx, "ana", "cal") }))
		must(t, db.Tx(ctx, func(tx *store.Tx) error { return d.HandOver(ctx, tx, "bob", "cal") }))
		if all, err := d.HuntGroups(ctx); err != nil || !slices.Equal(all[1].Members, []string{"cal"}) {
			t.Errorf("%+v, %v", all, err)
		}
		if err := d.DeleteHuntGroup(ctx, sales.ID); !errors.Is(err, ErrInUse) || err.Error() !=
			"200, After: let it lead elsewhere first: still in use" {
			t.Error(err)
		}
		must(t, d.DeleteExtension(ctx, "200"))
		must(t, d.DeleteHuntGroup(ctx, after.ID))
		must(t, d.DeleteHuntGroup(ctx, sales.ID))
		if err := d.DeleteHuntGroup(ctx, sales.ID); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}
