package hunt

import (
	"slices"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// Trail is the steps of a hunt, as they are noted in the record of its call.
type Trail struct {
	record *ledger.Record
	open   []int      // steps of the record that go on
	why    call.Cause // the most telling cause so far why nobody answered in them
}

// begins notes a step.
func (t *Trail) begins(s ledger.Step) {
	if at := t.record.Begin(s); at >= 0 {
		t.open = append(t.open, at)
	}
}

// passes notes what chose the way.
func (t *Trail) passes(c dialplan.Choice) {
	step := ledger.Step{Kind: ledger.Hours}
	switch c := c.(type) {
	case dialplan.Personal:
		step = ledger.Step{Kind: ledger.Personal, Users: []string{c.User}}
	case dialplan.Vouch:
		step.Kind = ledger.Vouch
	}
	t.record.End(t.record.Begin(step), string(c.Decides()), "")
}

// Users are those whom the steps that go on ring.
func (t *Trail) Users() (all []string) {
	for _, at := range t.open {
		all = append(all, t.record.Steps[at].Users...)
	}
	return all
}

// ComesTo notes the outcome of a step that is no ringing.
func (t *Trail) ComesTo(outcome string) {
	for _, at := range t.open {
		t.record.End(at, outcome, "")
	}
}

// PickedUp notes who took the call that rang, or waited for, others.
func (t *Trail) PickedUp(by string) {
	if len(t.open) > 0 {
		t.record.End(t.open[0], ledger.Answered, by)
	}
	t.ends(call.CauseElsewhere)
}

// ends notes why nobody took the call in the steps that go on.
func (t *Trail) ends(why call.Cause) {
	for _, at := range t.open {
		t.record.End(at, string(why), "")
	}
	t.open, t.why = nil, call.CauseNone
}

// answered notes who answered: of several steps that ring together the others end because of that.
func (t *Trail) answered(by call.Party) {
	for _, at := range t.open {
		s := t.record.Steps[at]
		if slices.Contains(s.Users, by.User) || s.Trunk != "" && s.Trunk == by.Trunk || s.Kind == ledger.Meeting {
			t.record.End(at, ledger.Answered, by.User)
		}
	}
	t.ends(call.CauseElsewhere)
}
