package ledger

import (
	"slices"
	"time"

	"frontdesk/pbx/cause"
)

// Record is what remains of a call.
type Record struct {
	ID        string      `json:"id"`
	Direction string      `json:"direction"` // in, out, internal, meeting
	From      string      `json:"from"`      // E.164, extension or raw
	FromName  string      `json:"from_name"`
	To        string      `json:"to"`                // E.164, extension or as dialled; the title of a meeting
	Meeting   string      `json:"meeting,omitempty"` // that it is the record of, or a call into
	Line      string      `json:"line"`              // our number it came through or went out with
	Trunk     string      `json:"trunk"`
	Users     []string    `json:"users"`            // ours who took part: who answered or called first
	Rang      []string    `json:"rang"`             // users whose phones rang
	Guests    []Guest     `json:"guests,omitempty"` // of a meeting: others who came in by phone
	Started   time.Time   `json:"started"`
	Answered  time.Time   `json:"answered"` // zero when it was not
	Ended     time.Time   `json:"ended"`
	Outcome   string      `json:"outcome"` // answered, missed, busy, declined, cancelled, failed
	Cause     cause.Cause `json:"cause"`
	Steps     []Step      `json:"steps,omitempty"` // what happened, in order; lists of calls leave it out
}

// Guest is somebody from outside in a meeting.
type Guest struct {
	Number string `json:"number"` // E.164 or raw; empty when withheld
	Name   string `json:"name"`   // as the wire gave it
}

// Saw tells whether a user took part in the call or was rung by it.
func (r Record) Saw(user string) bool {
	return slices.Contains(r.Users, user) || slices.Contains(r.Rang, user)
}

// clone shares nothing with r that a call changes.
func (r Record) clone() Record {
	r.Users, r.Rang, r.Guests, r.Steps = slices.Clone(r.Users), slices.Clone(r.Rang), slices.Clone(r.Guests), slices.Clone(r.Steps)
	return r
}

// Outcome sums up how a call ended, by its Answered, Direction and Cause. A call from outside whose caller gave up while it rang is "missed", as one that
// rang out is: nobody of ours talked to the client.
func Outcome(r Record) string {
	if !r.Answered.IsZero() {
		return "answered"
	}
	switch r.Cause {
	case cause.Busy:
		return "busy"
	case cause.Declined:
		return "declined"
	case cause.NoAnswer, cause.Unavailable:
		return "missed"
	case cause.Cancelled:
		if r.Direction == "in" {
			return "missed"
		}
		return "cancelled"
	case cause.Overload, cause.Draining, cause.CutOff:
		if r.Direction == "in" {
			return "missed"
		}
	}
	return "failed"
}
