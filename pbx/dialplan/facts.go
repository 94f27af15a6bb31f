package dialplan

import (
	"slices"
	"time"
)

// Hint is what the CRM knows about a caller.
type Hint struct {
	Users []string // who should take the call, the responsible user first
	Name  string   // best name known

	Ties map[string][]string // users whom something ties to the client, by what (TieSpoke …); asked by Inbound.Ties
	// Warning is for who calls a number from a phone that asked not to be called; nil: it did not, or nobody knows.
	Warning *Warning
}

// Warning is what somebody hears on a phone who dials such a number.
type Warning struct {
	Refused  bool   // nobody calls it
	Prompt   string // id
	Language string
}

// What ties a user to a client, besides being responsible for him.
const (
	TieSpoke  = "spoke"  // spoke with him last
	TieMissed = "missed" // was rung by his last call, which nobody took
	TieDeal   = "deal"   // is responsible for his newest open deal
)

// Facts are what a route depends on besides the plan.
type Facts struct {
	Hint
	Down func(trunk string) bool // tells whether a trunk does not answer just now; nil: all do

	// known while the program is made
	at      time.Time
	caller  string             // number that may be shown outside, in E.164; "": none
	passed  []string           // users who have sent the call on, one to the next
	then    Step               // what follows where nobody takes the call; nil: nothing
	chained int                // of what leads on, so many are passed
	asked   map[string]*asking // by menu
}

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
