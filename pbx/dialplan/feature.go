package dialplan

import (
	"maps"
	"strings"
)

// Feature is something that our people do by dialling a code.
type Feature string

// The features, see Codes for what is dialled.
const (
	// take a call that rings a colleague of a group of one's own; with an extension: his
	PickUp Feature = "pickup"
	// take the call that rings whose extension follows
	PickUpOf Feature = "pickup_of"
	// as the target of a transfer: leave the call; with a slot's number: take it from there
	Park       Feature = "park"
	TakeHere   Feature = "take_here"   // go on here with the call that one has on another device
	DNDOn      Feature = "dnd_on"      //
	DNDOff     Feature = "dnd_off"     //
	ForwardOn  Feature = "forward_on"  // of all calls, to the number that follows
	ForwardOff Feature = "forward_off" // of all calls
	AgentOn    Feature = "agent_on"    // log in to one's queues
	AgentOff   Feature = "agent_off"   // log out of them
	PauseOn    Feature = "pause_on"    // take no calls of queues for now
	PauseOff   Feature = "pause_off"   // take them again, at once: also in the time after a call
	Messages   Feature = "messages"    // hear what callers left in one's voicemail
	Greeting   Feature = "greeting"    // record what they hear before that
)

// usualCodes are those of most systems.
var usualCodes = Codes{PickUp: "*8", PickUpOf: "**", Park: "*68", TakeHere: "*11", DNDOn: "*78", DNDOff: "*79",
	ForwardOn: "*72", ForwardOff: "*73", AgentOn: "*45", AgentOff: "*46", PauseOn: "*47", PauseOff: "*48",
	Messages: "*97", Greeting: "*98"}

// UsualCodes are those that a new company has.
func UsualCodes() Codes { return maps.Clone(usualCodes) }

// Codes are what is dialled for each feature; "" for none.
type Codes map[Feature]string

// feature is what a dialled code asks for, and what follows it: the longest code that fits.
func (c Codes) feature(dialled string) (f Feature, argument string) {
	longest := 0
	for name, code := range c {
		if rest, fits := strings.CutPrefix(dialled, code); fits && code != "" && len(code) > longest {
			f, argument, longest = name, rest, len(code)
		}
	}
	return f, argument
}

// Code is what a feature does for the party that dials it.
type Code struct {
	Feature  Feature
	Argument string // what was dialled after the code
}

// Outcomes of a feature: none leads on.
func (Code) Outcomes() []Outcome { return nil }

// After a feature comes nothing.
func (Code) After(Outcome) Step { return nil }

// ParkTarget is what a call is transferred to by a browser that parks it, whatever the code.
const ParkTarget = "park:"

// DeskTarget is what a call is transferred to by a browser whose user goes on with it on his desk phone.
const DeskTarget = "desk:"
