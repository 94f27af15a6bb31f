package intake

import (
	"log/slog"
	"testing"

	"frontdesk/pbx"
)

func TestMeetingMovesAreToldOnce(t *testing.T) {
	in := New(Deps{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(in.Close)
	a, b := pbx.LegView{Leg: "a", State: "active"}, pbx.LegView{Leg: "b", State: "active"}
	gone := pbx.LegView{Leg: "a", State: "gone"}
	out := func(leg, state string) pbx.LegView { return pbx.LegView{Leg: leg, Call: "c", State: state} }
	for i, step := range []struct {
		legs []pbx.LegView
		end  bool
		want string
	}{
		{legs: []pbx.LegView{a}, want: "a "},
		{legs: []pbx.LegView{a, b}, want: "b "},
		{legs: []pbx.LegView{a, b}},
		{legs: []pbx.LegView{gone, b}},
		{legs: []pbx.LegView{b}},
		{legs: []pbx.LegView{b, out("over one line", "ringing")}, want: "over one line "},
		{legs: []pbx.LegView{b, out("over the next", "ringing")}},
		{legs: []pbx.LegView{b, out("c", "failed")}},
		{legs: []pbx.LegView{b, out("once more", "ringing")}, want: "once more "},
		{legs: []pbx.LegView{b, out("once more", "active")}, want: "once more "},
		{legs: []pbx.LegView{b}},
		{end: true},
	} {
		view, got := pbx.View{Call: "m", Meeting: "r", Legs: step.legs}, ""
		if step.end {
			view.State = "ended"
		}
		for _, m := range in.moves(view) {
			got += m.leg.Leg + " "
		}
		if got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
	if len(in.running) != 0 {
		t.Error("the ended meeting is kept")
	}
}
