package pbx

import (
	"time"

	"frontdesk/media"
)

// scene is the call that an act happens in, and what is so in any act that says nothing else: nobody hears anything,
// what is asked is refused, and the call ends with who leaves.
type scene struct{ *Call }

func (scene) begin()                       {}
func (scene) state() string                { return answered }
func (scene) said(_ *member, e Event)      { decline(e, CauseForbidden) }
func (scene) hears(*member) []*media.Track { return nil }
func (s scene) gone(_ *member, e Gone)     { s.end(e.Cause) }
func (scene) parted(*member)               {}
func (scene) look(*View)                   {}
func (scene) ended(Cause)                  {}

// gaveUp ends a call whose caller left before the answer reached it.
func (s scene) gaveUp(cause Cause) {
	if cause == CauseNormal || cause == CauseNone {
		cause = CauseCancelled
	}
	s.record.Answered = time.Time{} // an answer that crossed the caller's cancel is none
	s.end(cause)
}
