package ledger

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/pbx/cause"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// told are steps for people.
func told(steps []Step) (all []string) {
	for _, s := range steps {
		all = append(all, fmt.Sprintf("%s %v%s%s %s %s %v", s.Kind, s.Users, s.Trunk, s.Number, s.Outcome, s.AnsweredBy,
			!s.Ended.IsZero()))
	}
	return all
}

func wantSteps(t *testing.T, l *Ledger, call string, want ...string) {
	t.Helper()
	r, err := l.Record(t.Context(), call)
	if err != nil || fmt.Sprint(told(r.Steps)) != fmt.Sprint(want) {
		t.Errorf("%q, want %q; %v", told(r.Steps), want, err)
	}
}

// The steps of a call are written while it goes on, each once, and those that go on at its end end with it.
func TestSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		r := Record{ID: store.NewID(), Direction: "in", Started: time.Now()}
		e := l.Entry()
		e.Begin(r)
		first := r.Begin(Step{Kind: Ring, Users: []string{"ana"}})
		e.Step(r)
		r.End(first, string(cause.NoAnswer), "")
		r.End(first, Answered, "late")
		second := r.Begin(Step{Kind: Dial, Trunk: "t", Number: "0722"})
		e.Step(r)
		e.settle()
		wantSteps(t, l, r.ID, "ring [ana] no_answer  true", "dial []t0722   false")
		r.End(second, Answered, "")
		r.Begin(Step{Kind: Ring, Users: []string{"bob", "cal"}})
		r.Ended, r.Cause = time.Now(), cause.Cancelled
		<-e.Conclude(r)
		wantSteps(t, l, r.ID, "ring [ana] no_answer  true", "dial []t0722 answered  true",
			"ring [bob cal] cancelled  true")
		if page, _, err := l.Records(t.Context(), Filter{}); err != nil || page[0].Steps != nil {
			t.Errorf("the list has %+v, %v", page[0].Steps, err)
		}
		for range 2 * maxSteps {
			r.End(r.Begin(Step{Kind: Ring}), "busy", "")
		}
		if len(r.Steps) != maxSteps {
			t.Errorf("%d steps", len(r.Steps))
		}
	})
}

// What a dead process had written of a call stays, and ends with it; so does what a node writes that was counted out.
func TestStepsOfACutOffCall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		r := Record{ID: store.NewID(), Direction: "in", Started: time.Now()}
		e := begin(t, l, r)
		r.End(r.Begin(Step{Kind: Ring, Users: []string{"ana"}}), string(cause.Busy), "")
		r.Begin(Step{Kind: Ring, Users: []string{"bob"}})
		e.Step(r)
		e.settle()
		must(t, l.Recover(t.Context(), l.config.Node, l.config.Epoch))
		wantSteps(t, l, r.ID, "ring [ana] busy  true", "ring [bob] cut_off  true")
		r.Begin(Step{Kind: Ring, Users: []string{"cal"}})
		r.Ended = time.Now()
		e.Step(r)
		<-e.Conclude(r)
		wantSteps(t, l, r.ID, "ring [ana] busy  true", "ring [bob] cut_off  true", "ring [cal] cut_off  true")
	})
}
