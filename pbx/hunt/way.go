package hunt

import (
	"cmp"
	"slices"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// maxWay is how many steps lead a party on: a program may come back to where it was.
const maxWay = 100

// Way is that of a party through a program of the dial plan, and what its steps have in common.
type Way struct {
	*call.Call
	walk   *dialplan.Walk
	Trail  Trail         // in the record of the call or visit that it belongs to
	entry  *ledger.Entry // of the same
	from   call.Party    // who is led
	Number string        // to show to our own people
	By     string        // the user who transferred him, or had him called
	Fresh  bool          // the record has only just begun: who is rung may look for it

	passed   int        // steps
	Cause    call.Cause // why nobody answered, the most telling so far
	declined []string   // users who said no, whom no later step rings
	followed bool       // who moved was looked for elsewhere: that is done once
	Told     bool       // that it rings
}

// NewWay is a way from the beginning of a program. Its steps are noted in the record of a call or visit; from is who
// is led, number how our own people see him.
func NewWay(c *call.Call, first dialplan.Step, of *ledger.Record, entry *ledger.Entry, from call.Party,
	number string) *Way {
	return &Way{Call: c, walk: dialplan.NewWalk(first), Trail: Trail{record: of}, entry: entry, from: from,
		Number: number}
}

// Beside is the way of the same party through another program.
func (w *Way) Beside(first dialplan.Step) *Way {
	other := NewWay(w.Call, first, w.Trail.record, w.entry, w.from, w.Number)
	other.By = w.By
	return other
}

// Next is the step that an outcome leads to for which something must be done; nil: the way is over.
func (w *Way) Next(o dialplan.Outcome) dialplan.Step {
	w.Trail.ends(cmp.Or(w.Trail.why, call.CauseUnavailable))
	for step, more := w.walk.Next(o); more && w.passed < maxWay; step, more = w.walk.Next(o) {
		w.passed++
		switch s := step.(type) {
		case dialplan.Choice:
			w.Trail.passes(s)
			o = s.Decides()
		case dialplan.Refuse:
			w.Cause = worst(w.Cause, s.Cause)
			o = dialplan.Failed
		default:
			return step
		}
	}
	return nil
}

// Begins notes and writes down a step that is no ringing.
func (w *Way) Begins(s ledger.Step) {
	w.Trail.begins(s)
	w.entry.Step(*w.Trail.record)
}

// worse keeps the most telling of the causes why nobody answered.
func (w *Way) worse(cause call.Cause) {
	w.Cause, w.Trail.why = worst(w.Cause, cause), worst(w.Trail.why, cause)
}

// worst is the more telling of two causes.
func worst(a, b call.Cause) call.Cause {
	telling := []call.Cause{call.CauseNone, call.CauseUnavailable, call.CauseFailed, call.CauseMediaLost,
		call.CauseOverload, call.CauseForbidden, call.CauseLimits, call.CauseUnwanted, call.CauseNoCodec,
		call.CauseNotFound, call.CauseBusy, call.CauseDeclined, call.CauseNoAnswer}
	if !slices.Contains(telling, b) {
		b = call.CauseFailed
	}
	if slices.Index(telling, b) > slices.Index(telling, a) {
		return b
	}
	return a
}
