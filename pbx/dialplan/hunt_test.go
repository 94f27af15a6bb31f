package dialplan

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/pbx/cause"
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
		Seconds: 15, Otherwise: &Destination{Kind: ToGroup, HuntGroup: "all"}}
	p.groups["all"] = HuntGroup{ID: "all", Strategy: Together, Members: []string{"bob", "cal"}, Seconds: 10}
	number := p.numbers["+40311000001"]
	number.Destination = Destination{Kind: ToGroup, HuntGroup: "sales", Responsible: true, Seconds: 25}
	p.numbers[number.E164] = number
	in := p.Inbound("c", Party{Kind: Outside, Trunk: "c1", Number: "0722123456"}, "+40311000001")
	way := untaken(p.Route(in, Facts{Hint: Hint{Users: []string{"cal"}}}, time.Now()))
	if len(way) != 3 || describe1(way[0]) != "cal" {
		t.Fatalf("%+v", way)
	}
	rings := way[1].(Hunt).Rings(Turn{})
	first := rings[0].(Ring)
	if len(rings) != 2 || describe1(first) != "ana" || first.Seconds != 15 ||
		!slices.Equal(first.Devices["ana"], []string{"d1"}) {
		t.Errorf("%+v", rings)
	}
	if after := way[2].(Hunt).Rings(Turn{}); len(after) != 1 || describe1(after[0]) != "bob+cal" {
		t.Errorf("%+v", after)
	}

	all := p.groups["all"]
	all.Otherwise = &Destination{Kind: ToGroup, HuntGroup: "sales"}
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
