package call

import (
	"time"

	"frontdesk/media"
)

// Scene is the call that an act happens in, and what is so in any act that says nothing else: nobody hears anything,
// what is asked is refused, and the call ends with who leaves.
type Scene struct{ *Call }

func (Scene) Begin()                       {}
func (Scene) State() string                { return StateAnswered }
func (Scene) Said(_ *Member, e Event)      { decline(e, CauseForbidden) }
func (Scene) Hears(*Member) []*media.Track { return nil }
func (s Scene) Gone(_ *Member, e Gone)     { s.End(e.Cause) }
func (Scene) Parted(*Member)               {}
func (Scene) Look(*View)                   {}
func (Scene) Ended(Cause)                  {}

// GaveUp ends a call whose caller left before the answer reached it.
func (s Scene) GaveUp(cause Cause) {
	if cause == CauseNormal || cause == CauseNone {
		cause = CauseCancelled
	}
	s.Record.Answered = time.Time{} // an answer that crossed the caller's cancel is none
	s.End(cause)
}
