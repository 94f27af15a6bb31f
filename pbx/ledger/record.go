package ledger

import (
	"slices"
	"time"

	"frontdesk/pbx/cause"
	"frontdesk/store"
)

// Record is what remains of a call.
type Record struct {
	ID        string      `json:"id"`
	Direction string      `json:"direction"` // in, out, internal, meeting
	From      string      `json:"from"`      // E.164, extension or raw
	FromName  string      `json:"from_name"`
	To        string      `json:"to"`                // E.164, extension or as dialled; the title of a meeting
	ToName    string      `json:"to_name,omitempty"` // client called, as far as its reader knows him; not kept
	Meeting   string      `json:"meeting,omitempty"` // that it is the record of, or a call into
	Line      string      `json:"line"`              // our number it came through or went out with
	Trunk     string      `json:"trunk"`
	Verified  string      `json:"verified,omitempty" enum:"passed,failed,none" doc:"The carrier's word on the caller's number, where it is believed: whether the caller may use it"`
	Users     []string    `json:"users"`            // ours who took part: who answered or called first
	Rang      []string    `json:"rang"`             // users whose phones rang
	Guests    []Guest     `json:"guests,omitempty"` // of a meeting: others who came in by phone
	Started   time.Time   `json:"started"`
	Answered  time.Time   `json:"answered"` // when a person took it; zero when nobody did, whatever machines said
	Ended     time.Time   `json:"ended"`
	Outcome   string      `json:"outcome"` // answered, missed, busy, declined, cancelled, failed
	Cause     cause.Cause `json:"cause"`
	Steps     []Step      `json:"steps,omitempty"`     // what happened, in order; lists of calls leave it out
	Result    string      `json:"result,omitempty"`    // what came of it, as people say; not kept here
	NextStep  string      `json:"next_step,omitempty"` // the same
	Shown     any         `json:"-"`                   // how a call looks now, for its events; nil: made of the record
}

// Guest is somebody from outside in a meeting.
type Guest struct {
	Number string `json:"number"` // E.164 or raw; empty when withheld
	Name   string `json:"name"`   // as the wire gave it
}

// Step is one thing that a call did on its way; the record is the summary of all.
type Step struct {
	Kind       string    `json:"kind" doc:"ring: users, with all their phones; dial: a number through a trunk; hours: a schedule chose the way, its outcome is open, closed or holiday; personal: so did the settings of a user, its outcome is forwarded, do_not_disturb or closed; vouch: so did the carrier's word on the caller, its outcome is vouched or doubted; announce: a prompt was played, its outcome is done or failed; menu: a caller was asked for keys, its outcome is the key or extension, timeout or invalid; voicemail: its outcome is recorded or empty; hunt_group: who is rung in which order, its outcome is the strategy; queue: a caller waited, its outcome is answered, full, waited, nobody or callback; callback: the queue had an agent call who asked for that; meeting: a caller was led into one; more may come"`
	Users      []string  `json:"users"`            // whom it rang
	Trunk      string    `json:"trunk,omitempty"`  // that it dialled through …
	Number     string    `json:"number,omitempty"` // … and what, in the trunk's own form; "" where a colleague forwards to a number of his own
	Item       string    `json:"item,omitempty"`   // id of the hunt group, queue, menu, announcement, prompt, voicemail box or meeting
	Begun      time.Time `json:"begun"`
	Ended      time.Time `json:"ended"`                 // zero while it goes on
	Outcome    string    `json:"outcome"`               // answered, or the cause why not
	AnsweredBy string    `json:"answered_by,omitempty"` // id of the user
}

const (
	Ring     = "ring"     // users, with all their phones
	Dial     = "dial"     // a number through a trunk
	Hours    = "hours"    // a schedule chose the way
	Personal = "personal" // a user's own settings did
	Vouch    = "vouch"    // the carrier's word on the caller did

	Announce  = "announce"  // a prompt was played
	Menu      = "menu"      // a caller was asked for keys
	Voicemail = "voicemail" // a caller was to leave a message
	Group     = "hunt_group"
	Queue     = "queue"
	Callback  = "callback" // a queue had an agent call who asked for that
	Meeting   = "meeting"  // a caller was led into a meeting
	Park      = "park"     // it waited for somebody to take it

	// Answered is the outcome of a step that somebody took the call in.
	Answered = "answered"
)

// Saw tells whether a user took part in the call or was rung by it.
func (r Record) Saw(user string) bool {
	return slices.Contains(r.Users, user) || slices.Contains(r.Rang, user)
}

// clone shares nothing with r that a call changes.
func (r Record) clone() Record {
	r.Users, r.Rang, r.Guests, r.Steps = slices.Clone(r.Users), slices.Clone(r.Rang), slices.Clone(r.Guests),
		slices.Clone(r.Steps)
	return r
}

// asRead is r as it will be read.
func (r Record) asRead() Record {
	r = r.clone()
	r.Shown = nil
	for _, at := range []*time.Time{&r.Started, &r.Answered, &r.Ended} {
		*at = store.Time(store.Micros(*at))
	}
	return r
}

// Outcome sums up how a call ended, by its Answered, Direction and Cause. A call from outside whose caller gave up
// while it rang is "missed", as one that rang out or that only machines answered is: nobody of ours talked to the
// client.
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
	case cause.Normal, cause.CallBack: // machines had said all that they had to say
		if r.Direction == "in" {
			return "missed"
		}
		return "answered"
	case cause.Overload, cause.Draining, cause.CutOff:
		if r.Direction == "in" {
			return "missed"
		}
	}
	return "failed"
}

const recordColumns = `id, direction, from_number, from_name, to_number, meeting, line, trunk, started_at, answered_at, ended_at, outcome, cause, verified`

func scanRecord(row store.Row, more ...any) (r Record, err error) {
	var started, answered, ended int64
	err = row.Scan(append([]any{&r.ID, &r.Direction, &r.From, &r.FromName, &r.To, &r.Meeting, &r.Line, &r.Trunk,
		&started, &answered, &ended, &r.Outcome, &r.Cause, &r.Verified}, more...)...)
	r.Started, r.Answered, r.Ended = store.Time(started), store.Time(answered), store.Time(ended)
	r.Users, r.Rang = []string{}, []string{}
	return r, err
}
