package dialplan

import (
	"cmp"
	"time"
)

// Handling is how a user wants to be called. Without any, his phones ring and no more.
type Handling struct {
	DND      bool           `json:"dnd" doc:"Do not disturb: nothing rings; a call goes where it goes when the user is busy"`
	Always   *Forward       `json:"always,omitempty" doc:"Where calls go instead of ringing the user"`
	Busy     *Forward       `json:"busy,omitempty" doc:"Where they go when the user is in a call, declines, or is not to be disturbed"`
	NoAnswer *Forward       `json:"no_answer,omitempty" doc:"Where they go when the user does not answer"`
	Offline  *Forward       `json:"offline,omitempty" doc:"Where they go when the user has no phone that could ring"`
	Seconds  int            `json:"seconds,omitempty" doc:"How long the user is rung before calls go on; 0: as long as who is called by himself is"`
	Waiting  bool           `json:"waiting,omitempty" doc:"Call waiting: the user is rung while he is in a call, too"`
	Hours    *PersonalHours `json:"hours,omitempty" doc:"When the user wants to be rung; left out: at any time"`
}

// Forward is where calls of a user go.
type Forward struct {
	Kind    string `json:"kind" enum:"user,extension,number,voicemail" doc:"A colleague, an extension (a group, a meeting), a number outside, or a voicemail box of one's own"`
	User    string `json:"user,omitempty" doc:"Id of the colleague"`
	Number  string `json:"number,omitempty" doc:"Of the extension, or outside"`
	Box     string `json:"box,omitempty" doc:"Id of the voicemail box"`
	Confirm bool   `json:"confirm,omitempty" doc:"Who answers outside takes the call by pressing 1: no mobile's voicemail ever does"`
}

// PersonalHours are when a user wants to be rung.
type PersonalHours struct {
	Zone   string         `json:"zone" maxLength:"60" doc:"Of the IANA database: Europe/Bucharest"`
	Hours  []WorkingHours `json:"hours" minItems:"1" maxItems:"50"`
	Closed *Forward       `json:"closed,omitempty" doc:"Where calls go outside of them; left out: as when the user is not reachable"`
}

// schedule is the hours as a schedule.
func (h PersonalHours) schedule() Schedule { return Schedule{Name: "-", Zone: h.Zone, Hours: h.Hours} }

// Plain tells that a user is rung, and no more.
func (h Handling) Plain() bool {
	return !h.DND && !h.Waiting && h.Always == nil && h.Busy == nil && h.NoAnswer == nil && h.Offline == nil &&
		h.Hours == nil
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

// seconds is how long a user is rung by himself.
func (h Handling) seconds(usual int) int {
	if h.NoAnswer == nil {
		return usual
	}
	return cmp.Or(h.Seconds, usual)
}

// Give forwards to the heir what was forwarded to a user; nobody forwards to himself.
func (h *Handling) Give(of, user, heir string) (given bool) {
	for _, f := range []**Forward{&h.Always, &h.Busy, &h.NoAnswer, &h.Offline, h.closed()} {
		if *f == nil || (*f).Kind != "user" || (*f).User != user {
			continue
		}
		given = true
		if *f = (&Forward{Kind: "user", User: heir}); heir == of {
			*f = nil
		}
	}
	return given
}

// closed is where calls go outside of the user's hours.
func (h *Handling) closed() **Forward {
	if h.Hours == nil {
		return new(*Forward)
	}
	return &h.Hours.Closed
}
