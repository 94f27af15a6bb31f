package ledger

import (
	"slices"
	"time"

	"frontdesk/pbx/cause"
	"frontdesk/store"
)

// The events of calls and meetings. Those that automation acts on are told in the transaction that writes what they
// tell, once: that a call was answered, that it ended, that a meeting started, who came into it, that it ended. That
// somebody is rung, or leaves a meeting, is over in a moment and written nowhere: it is told in order with the others,
// but a process that dies takes it along.
const (
	CallRinging    = "call.ringing"
	CallAnswered   = "call.answered"
	CallEnded      = "call.ended"
	MeetingStarted = "meeting.started"
	MeetingJoined  = "meeting.joined"
	MeetingLeft    = "meeting.left"
	MeetingEnded   = "meeting.ended"
)

// endEvent is the event of the end, if one tells it: a call between outside and a meeting has none, who follows the
// meeting is told who comes and leaves.
func (r Record) endEvent() (e store.Event, tells bool) {
	switch {
	case r.Direction == "meeting":
		return store.Event{Type: MeetingEnded, Key: r.ID, For: r.Users, Data: r.met()}, true
	case r.Meeting != "":
		return e, false
	}
	return r.event(CallEnded, "ended"), true
}

// event of a phone call, for those who take part and whose phones ring.
func (r Record) event(kind, state string) store.Event {
	data := r.Shown
	if data == nil {
		data = r.asView(state)
	}
	return store.Event{Type: kind, Key: r.ID, Data: data,
		For: slices.Compact(slices.Sorted(slices.Values(slices.Concat(r.Users, r.Rang))))}
}

// recordView is as much of the view of a call as its record knows, when the process that ran it is gone.
type recordView struct {
	Call      string      `json:"call"`
	Direction string      `json:"direction"`
	State     string      `json:"state"`
	From      string      `json:"from"`
	FromName  string      `json:"from_name"`
	To        string      `json:"to"`
	Line      string      `json:"line"`
	Started   time.Time   `json:"started"`
	Answered  time.Time   `json:"answered"`
	Cause     cause.Cause `json:"cause"`
	Outcome   string      `json:"outcome"`
	Legs      []struct{}  `json:"legs"`
}

func (r Record) asView(state string) recordView {
	return recordView{r.ID, r.Direction, state, r.From, r.FromName, r.To, r.Line, r.Started, r.Answered, r.Cause,
		r.Outcome, []struct{}{}}
}

// Move is the data of MeetingJoined and MeetingLeft.
type Move struct {
	Meeting string `json:"meeting"`
	Call    string `json:"call"`
	Leg     string `json:"leg"`
	User    string `json:"user"`
	Number  string `json:"number"`
	Name    string `json:"name"`
}

// met is the data of MeetingStarted and MeetingEnded.
type met struct {
	Meeting string    `json:"meeting"`
	Call    string    `json:"call"`
	Title   string    `json:"title"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`  // zero while it goes on
	Users   []string  `json:"users"`  // ours who took part
	Guests  []Guest   `json:"guests"` // others who came in by phone
}

func (r Record) met() met {
	return met{r.Meeting, r.ID, r.To, r.Started, r.Ended, append([]string{}, r.Users...),
		append([]Guest{}, r.Guests...)}
}

// Starts is the event of a meeting that a user, "" for somebody else, is the first to come into.
func (r Record) Starts(user string) store.Event {
	return store.Event{Type: MeetingStarted, Key: r.ID,
		For:  slices.DeleteFunc([]string{user}, func(u string) bool { return u == "" }),
		Data: r.met()}
}
