package pbx

import (
	"cmp"
	"slices"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// maxWay is how many steps lead a party on: a program may come back to where it was.
const maxWay = 100

// way is that of a party through a program of the dial plan, and what its steps have in common.
type way struct {
	*Call
	walk   *dialplan.Walk
	trail  trail         // in the record of the call or visit that it belongs to
	entry  *ledger.Entry // of the same
	from   Party         // who is led
	number string        // to show to our own people
	by     string        // the user who transferred him, or had him called
	fresh  bool          // the record has only just begun: who is rung may look for it

	passed   int      // steps
	cause    Cause    // why nobody answered, the most telling so far
	declined []string // users who said no, whom no later step rings
	followed bool     // who moved was looked for elsewhere: that is done once
	told     bool     // that it rings
}

// next is the step that an outcome leads to for which something must be done; nil: the way is over.
func (w *way) next(o dialplan.Outcome) dialplan.Step {
	w.trail.ends(cmp.Or(w.trail.why, CauseUnavailable))
	for step, more := w.walk.Next(o); more && w.passed < maxWay; step, more = w.walk.Next(o) {
		w.passed++
		switch s := step.(type) {
		case dialplan.Choice:
			w.trail.passes(s)
			o = s.Decides()
		case dialplan.Refuse:
			w.cause = worst(w.cause, s.Cause)
			o = dialplan.Failed
		default:
			return step
		}
	}
	return nil
}

// begins notes and writes down a step that is no ringing.
func (w *way) begins(s ledger.Step) {
	w.trail.begins(s)
	w.entry.Step(*w.trail.record)
}

// worse keeps the most telling of the causes why nobody answered.
func (w *way) worse(cause Cause) {
	w.cause, w.trail.why = worst(w.cause, cause), worst(w.trail.why, cause)
}

// worst is the more telling of two causes.
func worst(a, b Cause) Cause {
	telling := []Cause{CauseNone, CauseUnavailable, CauseFailed, CauseMediaLost, CauseOverload, CauseForbidden,
		CauseNoCodec, CauseNotFound, CauseBusy, CauseDeclined, CauseNoAnswer}
	if !slices.Contains(telling, b) {
		b = CauseFailed
	}
	if slices.Index(telling, b) > slices.Index(telling, a) {
		return b
	}
	return a
}
