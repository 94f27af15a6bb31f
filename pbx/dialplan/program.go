package dialplan

import (
	"slices"

	"frontdesk/pbx/cause"
)

// Step is one thing that a call does on its way; what comes of it leads to the next. Each kind is a type of its own,
// that says which outcomes it has and where they lead: so a program is a value, made by the plan for one call.
type Step interface {
	// Outcomes are all that may come of it; none of a step that ends the program.
	Outcomes() []Outcome
	// After is the step that an outcome leads to; nil: this program ends.
	After(Outcome) Step
}

// Outcome is what came of a step.
type Outcome string

const (
	NoAnswer Outcome = "no_answer"   // it rang out
	Busy     Outcome = "busy"        //
	Declined Outcome = "declined"    // a person said no
	Offline  Outcome = "unavailable" // there is nothing that could ring
	Unknown  Outcome = "not_found"   // the far end has no such number
	Failed   Outcome = "failed"      // anything else: the far end was not reached
	Done     Outcome = "done"        // what was to be said has been said
)

// rings are the outcomes of ringing somebody.
func rings() []Outcome { return []Outcome{NoAnswer, Busy, Declined, Offline, Unknown, Failed} }

// OutcomeOf is the outcome of a step that ended for a cause.
func OutcomeOf(c cause.Cause) Outcome {
	switch c {
	case cause.NoAnswer, cause.Busy, cause.Declined, cause.Unavailable, cause.NotFound:
		return Outcome(c)
	}
	return Failed
}

// Choice is a step that nothing is done for: what comes of it is known as the program is made.
type Choice interface {
	Step
	Decides() Outcome
}

// Walk is the way of a call through its program. It is pure: it depends on the outcomes alone.
type Walk struct {
	at      Step   // nil before the first step
	detours []Step // programs that come before what follows the step
	rest    []Step // programs that come after it
}

// NewWalk begins before the first step.
func NewWalk(first Step) *Walk { return &Walk{rest: []Step{first}} }

// Next is the step that the outcome of the last one leads to, of none at the beginning; false: the walk is over.
func (w *Walk) Next(o Outcome) (Step, bool) {
	var next Step
	if w.at != nil {
		next = w.at.After(o)
	}
	if len(w.detours) > 0 && next != Step(HangUp{}) {
		w.rest = slices.Concat(w.detours[1:], []Step{next}, w.rest)
		next = w.detours[0]
	}
	for next == nil && len(w.rest) > 0 {
		next, w.rest = w.rest[0], w.rest[1:]
	}
	if next == Step(HangUp{}) {
		next, w.rest = nil, nil
	}
	w.at, w.detours = next, nil
	return next, next != nil
}

// Insert has programs follow the step that the walk is at, before what its outcome leads to, unless that hangs up.
func (w *Walk) Insert(programs ...Step) { w.detours = append(w.detours, programs...) }

// last is what steps have in common that nothing follows.
type last struct{}

// Outcomes of the last step are of no account.
func (last) Outcomes() []Outcome { return nil }

// After the last step comes nothing.
func (last) After(Outcome) Step { return nil }

// HangUp ends the whole walk, whatever would follow.
type HangUp struct{ last }

// Refuse says no.
type Refuse struct {
	last
	Cause cause.Cause
}

// Join leads into a meeting. Whether there is one, and who calls may come in, the exchange asks where he named the
// meeting himself.
type Join struct {
	last
	Meeting string
}

// Announce has a caller hear a prompt; he is answered for that where nobody has answered him yet.
type Announce struct {
	Prompt string
	Next   Step
}

// Outcomes of Announce.
func (Announce) Outcomes() []Outcome { return []Outcome{Done, Failed} }

// After Announce, whether the prompt could be read or not.
func (a Announce) After(Outcome) Step { return a.Next }

// What hours say.
const (
	Opened Outcome = "open"    // somebody works now
	Closed Outcome = "closed"  // nobody does
	OffDay Outcome = "holiday" // nobody does, because of a holiday
)

// Hours is where a schedule chooses the way. What it says of the call's moment is known already.
type Hours struct {
	Schedule string // id
	Says     Outcome
	Holiday  string // on which the moment is
	Why      string
	Open     Step
	Closed   Step
}

// Outcomes of Hours.
func (Hours) Outcomes() []Outcome { return []Outcome{Opened, Closed, OffDay} }

// After Hours.
func (h Hours) After(o Outcome) Step {
	switch o {
	case Opened:
		return h.Open
	case Closed, OffDay:
		return h.Closed
	}
	return nil
}

// Decides what comes of it.
func (h Hours) Decides() Outcome { return h.Says }

// Decided follows a program to the first step that something must be done for, past those that have decided.
func Decided(program Step) (passed []Choice, first Step) {
	for {
		c, ok := program.(Choice)
		if !ok {
			return passed, program
		}
		passed, program = append(passed, c), c.After(c.Decides())
	}
}
