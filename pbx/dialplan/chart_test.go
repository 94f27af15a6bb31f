package dialplan

import (
	"slices"
	"testing"
	"time"

	"frontdesk/pbx/cause"
)

// A program is drawn with each step once and every outcome's way, and rehearsed by the walk that a call takes.
func TestRehearse(t *testing.T) {
	p := testPlan()
	calls := func(party Party, dialled string, hint Hint) Step {
		return p.Route(p.Inbound("c", party, dialled), Facts{Hint: hint}, time.Now())
	}
	client := Party{Kind: Outside, Trunk: "carrier", Number: "0722123456"}
	noAnswer := func(Step) Outcome { return NoAnswer }

	first := p.Ring([]string{"ana"}, 10, p.Ring([]string{"bob", "cal"}, 10, nil))
	chart, way := Rehearse(first, noAnswer)
	if len(chart) != 2 || !slices.Equal(way, []Visit{{0, NoAnswer}, {1, NoAnswer}}) {
		t.Errorf("%+v, %+v", chart, way)
	}
	for _, o := range []Outcome{NoAnswer, Busy, Declined, Offline} {
		if chart[0].Next[o] != 1 {
			t.Errorf("%s leads to %d", o, chart[0].Next[o])
		}
	}
	if len(chart[1].Next) != 0 {
		t.Errorf("after the last: %v", chart[1].Next)
	}

	if chart, way := Rehearse(calls(client, "+40999999999", Hint{}), noAnswer); len(chart) != 1 ||
		chart[0].Step != Step(Refuse{Cause: cause.NotFound}) || len(way) != 1 {
		t.Errorf("no number of ours: %+v, %+v", chart, way)
	}

	out := Dial{Trunk: "one", Next: Dial{Trunk: "two", Final: HangUp{}}, Final: HangUp{}}
	chart, way = Rehearse(out, func(s Step) Outcome {
		if d, ok := s.(Dial); ok && d.Trunk == "one" {
			return Failed
		}
		return Busy
	})
	if _, goesOn := chart[0].Next[Busy]; len(chart) != 2 || chart[0].Next[Failed] != 1 || goesOn ||
		len(chart[1].Next) != 0 {
		t.Errorf("%+v", chart)
	}
	if len(way) != 2 || chart[way[1].Node].Step.(Dial).Trunk != "two" {
		t.Errorf("%+v", way)
	}
}
