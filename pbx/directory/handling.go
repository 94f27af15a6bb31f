package directory

import (
	"cmp"
	"slices"
	"time"
)

// schedule is the hours as a schedule.
func (h PersonalHours) schedule() Schedule { return Schedule{Name: "-", Zone: h.Zone, Hours: h.Hours} }

// plain tells that a user is rung, and no more.
func (h Handling) plain() bool {
	return !h.DND && !h.Waiting && h.Always == nil && h.Busy == nil && h.NoAnswer == nil && h.Offline == nil && h.Hours == nil
}

// Forwards are all that lead elsewhere, by the field that they stand in.
func (h Handling) Forwards() map[string]*Forward {
	all := map[string]*Forward{"always": h.Always, "busy": h.Busy, "no_answer": h.NoAnswer, "offline": h.Offline}
	if h.Hours != nil {
		all["hours.closed"] = h.Hours.Closed
	}
	for field, f := range all {
		if f == nil {
			delete(all, field)
		}
	}
	return all
}

// open tells whether a user wants to be rung at a moment, and why.
func (h Handling) open(at time.Time) (open bool, why string) {
	if h.Hours == nil {
		return true, ""
	}
	s := h.Hours.schedule()
	open, _ = s.Open(at)
	return open, s.Why(open, "")
}

// rests tells whether a user is not rung with others now: who called all of them does not get a mobile's voicemail.
func (h Handling) rests(at time.Time) bool {
	open, _ := h.open(at)
	return h.DND || h.Always != nil || !open
}

// Personal is where a user's own settings lead a call before he is rung.
type Personal struct {
	User string
	Says Outcome // Forwarded, Disturb or Closed
	Why  string
	Next Step
}

// What a user's own settings say.
const (
	Forwarded Outcome = "forwarded"      // his calls go elsewhere
	Disturb   Outcome = "do_not_disturb" // nothing of his rings
)

// Outcomes of Personal.
func (p Personal) Outcomes() []Outcome { return []Outcome{p.Says} }

// After Personal.
func (p Personal) After(Outcome) Step { return p.Next }

// Decides what comes of it.
func (p Personal) Decides() Outcome { return p.Says }

// maxForwards is how many users one after the other may send a call on.
const maxForwards = 3

// mayPass tells whether a call may go on to whom a user forwards it: to nobody who has sent it on himself, and not for
// ever.
func (f Facts) mayPass(to *Forward) bool {
	return to != nil && len(f.passed) < maxForwards && (to.Kind != "user" || !slices.Contains(f.passed, to.User))
}

// passedBy are the facts of a call that a user sends on.
func (f Facts) passedBy(user string) Facts {
	f.passed = append(slices.Clone(f.passed), user)
	return f
}

// seconds is how long a user is rung by himself.
func (h Handling) seconds(usual int) int {
	if h.NoAnswer == nil {
		return usual
	}
	return cmp.Or(h.Seconds, usual)
}

// Waits tells whether a user is rung while he is in a call.
func (p *Plan) Waits(user string) bool { return p.handlings[user].Waiting }
