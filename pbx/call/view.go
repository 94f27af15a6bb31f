package call

import "time"

// View is a running call as everybody in it may see it. It is told whenever it changes.
type View struct {
	Call        string          `json:"call"`
	Node        string          `json:"node"`      // that runs it
	Direction   string          `json:"direction"` // as in Record
	State       string          `json:"state"`     // routing, ringing, answered, ended
	From        string          `json:"from"`
	FromName    string          `json:"from_name"`
	Verified    string          `json:"verified,omitempty"` // as in Record
	To          string          `json:"to"`
	Line        string          `json:"line"`
	Meeting     string          `json:"meeting,omitempty"`
	Started     time.Time       `json:"started"`
	Answered    time.Time       `json:"answered"`
	Cause       Cause           `json:"cause"`
	Outcome     string          `json:"outcome"`
	Legs        []LegView       `json:"legs"`
	Recording   *RecordingState `json:"recording,omitempty"`   // nil: it is not to be recorded
	Supervisors []Supervision   `json:"supervisors,omitempty"` // whom those in the call are shown
	Supervising *Supervision    `json:"supervising,omitempty"` // how who reads this supervises it
	Parked      *Parked         `json:"parked,omitempty"`
	Callback    *Callback       `json:"callback,omitempty"` // agents are rung to call who asked for it in a queue
	Knocks      []string        `json:"knocks,omitempty"`   // of a meeting: users who ask to be let in
	Transfer    *Transfer       `json:"transfer,omitempty"` // to somebody who has not answered yet; also the last one, when it came to nothing
}

// Supervision is how a user supervises a call, as he sees it himself; Leg is empty for those in the call.
type Supervision struct {
	Leg  string `json:"leg,omitempty"`
	User string `json:"user"`
	How  string `json:"how" enum:"listen,whisper,barge"`
}

// picture is the call as all in it see it, and each of those who supervise it.
type picture struct {
	View
	own map[string]Supervision // by user
}

func (p picture) seenBy(user string) View {
	v := p.View
	if own, supervises := p.own[user]; supervises {
		v.Supervising = &own
	}
	return v
}

// Callback is who asked to be called back, in which queue.
type Callback struct {
	Queue    string    `json:"queue"` // its name
	Number   string    `json:"number"`
	Name     string    `json:"name"`
	Since    time.Time `json:"since"`              // he waits
	Unwanted bool      `json:"unwanted,omitempty"` // the number had asked not to be called, before he asked for this call
}

// Parked is where a call waits to be taken.
type Parked struct {
	Slot  int64     `json:"slot"` // 0: it has none yet
	By    string    `json:"by,omitempty"`
	Since time.Time `json:"since"`
}

// Transfer is the state of a blind transfer.
type Transfer struct {
	By   string `json:"by,omitempty"`   // the user who transfers
	Leg  string `json:"leg"`            // his leg; while he is called back that is gone
	Peer string `json:"peer"`           // leg of who is transferred
	To   string `json:"to"`             // number or extension
	User string `json:"user,omitempty"` // whose it is, where it is one user's
	// calling, ringing; failed: the call is with who transferred; back: he has hung up and is being called for it
	State string `json:"state"`
	Cause Cause  `json:"cause,omitempty"`
}

// LegView is one party of a View.
type LegView struct {
	Leg    string    `json:"leg"`
	Kind   PartyKind `json:"kind"`
	User   string    `json:"user,omitempty"`
	Number string    `json:"number"`
	Name   string    `json:"name"`
	State  string    `json:"state"` // calling, ringing, active, gone; of a meeting also failed: was called in, in vain
	Held   bool      `json:"held"`  // this party put the other on hold
	Muted  bool      `json:"muted"`
	Camera bool      `json:"camera"`
	Cause  Cause     `json:"cause"`
	Call   string    `json:"call,omitempty"` // of who is in a meeting from outside: the id of his own record
	By     string    `json:"by,omitempty"`   // and the user who had him called; of a call: the user who transferred it to this party
}

// States of a recording, as they are shown.
const (
	RecordingOff       = "off"       // agents may begin
	RecordingAnnounced = "announced" // those in the call are being told that it will be recorded
	RecordingOn        = "on"
	RecordingPaused    = "paused"
)

// RecordingState is how the recording of a call stands, and what agents may do about it.
type RecordingState struct {
	State string `json:"state"` // off, announced, on, paused
	Start bool   `json:"start"`
	Pause bool   `json:"pause"`
	Stop  bool   `json:"stop"`
}
