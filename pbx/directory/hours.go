package directory

import "time"

const (
	Opened  Outcome = "open"    // somebody works now
	Closed  Outcome = "closed"  // nobody does
	OffDay  Outcome = "holiday" // nobody does, because of a holiday
	refused         = "refuse"  // the kind of a destination that turns calls away, of what is closed alone
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

// Decided follows a program to the first step that something must be done for, past the hours that have chosen.
func Decided(program Step) (passed []Hours, first Step) {
	for {
		h, ok := program.(Hours)
		if !ok {
			return passed, program
		}
		passed, program = append(passed, h), h.After(h.Says)
	}
}

// timed is where a number or extension leads at a time.
func (p *Plan) timed(to Destination, t Timed, facts Facts, at time.Time) Step {
	s := p.schedules[t.Schedule]
	if s == nil || t.Closed == nil {
		return p.destination(to, facts)
	}
	open, holiday := s.Open(at)
	h := Hours{Schedule: s.ID, Says: Closed, Holiday: holiday, Why: s.Why(open, holiday),
		Open: p.destination(to, facts), Closed: p.destination(*t.Closed, facts)}
	switch {
	case open:
		h.Says = Opened
	case holiday != "":
		h.Says = OffDay
	}
	return h
}
