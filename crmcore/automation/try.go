package automation

import (
	"context"
	"errors"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Foreseen is what a rule would do with a record now.
type Foreseen struct {
	Matches bool                `json:"matches"`
	Why     string              `json:"why"`
	Would   []timeline.RuleDeed `json:"would" doc:"What it would do"`
	Problem string              `json:"problem,omitempty" doc:"Why it could not"`
}

var errBack = errors.New("tried: nothing stays of it")

// Try does what a rule, kept or not, would do with a record, and takes all of it back; admins only.
func (a *Automation) Try(ctx context.Context, actor people.User, r Routine, id string) (t Foreseen, err error) {
	if err := people.OnlyAdmins(actor); err != nil {
		return t, err
	}
	if err := a.check(ctx, a.db, &r); err != nil {
		return t, err
	}
	ctx = timeline.Through(ctx, timeline.ByRule)
	err = a.db.Tx(ctx, func(tx *store.Tx) error {
		t = Foreseen{Would: []timeline.RuleDeed{}}
		f, err := a.factsOf(ctx, tx, r.Kind.Ref(id), true)
		if err != nil {
			return err
		}
		if t.Matches, t.Why = r.When.Holds(f); !t.Matches {
			return errBack
		}
		d := &doing{Automation: a, tx: tx, rule: r, f: f}
		did, err := d.all(ctx)
		var bad *input.Invalid
		switch {
		case errors.As(err, &bad):
			t.Problem = err.Error()
		case err != nil:
			return err
		default:
			t.Would = did
		}
		return errBack
	})
	if errors.Is(err, errBack) {
		err = nil
	}
	return t, err
}

// tested is how many records a condition is asked of.
const tested = 100

// Test is how many of the newest records a condition holds for.
type Test struct {
	Of      int            `json:"of" doc:"Records that were asked: the newest, at most 100"`
	Matched int            `json:"matched"`
	Records []record.Named `json:"records" doc:"Those it holds for"`
}

// Test asks a condition of the newest records of a kind; admins only. Errors: *input.Invalid.
func (a *Automation) Test(ctx context.Context, actor people.User, kind record.Kind,
	when rules.Condition) (t Test, err error) {
	t.Records = []record.Named{}
	if err := people.OnlyAdmins(actor); err != nil {
		return t, err
	}
	r := Routine{Name: "x", Kind: kind, On: Trigger{What: made}, When: when,
		Then: []Effect{{Do: notify, Title: "x", To: &Whom{Who: admin}}}}
	if err := a.check(ctx, a.db, &r); err != nil {
		return t, err
	}
	ids, err := query.All(ctx, a.db, query.Text, query.New("SELECT id FROM "+string(kind)+" ORDER BY id DESC LIMIT ?",
		tested))
	if err != nil {
		return t, err
	}
	for _, id := range ids {
		f, err := a.factsOf(ctx, a.db, kind.Ref(id), false)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return t, err
		}
		t.Of++
		if holds, _ := when.Holds(f); holds {
			t.Matched++
			t.Records = append(t.Records, f.Named)
		}
	}
	return t, nil
}
