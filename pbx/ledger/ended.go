package ledger

import (
	"slices"
	"time"

	"frontdesk/pbx/cause"
	"frontdesk/store"
)

// CallEnded is the event of a call that is over.
const CallEnded = "call.ended"

// ended is the event of a call's end, for those who took part and whose phones rang.
func (r Record) ended() store.Event {
	data := r.Shown
	if data == nil {
		data = r.lastView()
	}
	return store.Event{Type: CallEnded, Key: r.ID, For: slices.Compact(slices.Sorted(slices.Values(slices.Concat(r.Users, r.Rang)))), Data: data}
}

// lastView is as much of the view of a call as its record knows, when the process that ran it is gone.
type lastView struct {
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

func (r Record) lastView() lastView {
	return lastView{r.ID, r.Direction, "ended", r.From, r.FromName, r.To, r.Line, r.Started, r.Answered, r.Cause, r.Outcome, []struct{}{}}
}
