package match

import "frontdesk/crmcore/record"

// Match says how sure it is who it was.
type Match string

// How sure that is.
const (
	Exact Match = "exact" // somebody has this very address, or it goes on a conversation
	Maybe Match = "maybe"
	None  Match = "none"
)

// Found is who a touch may be with, best first.
type Found struct {
	Match   Match
	Hits    []Hit
	Thread  []record.Ref // timelines of the conversation that a reply continues
	Several bool         // people share the address: somebody has to choose

	Newcomer bool // the address is of nobody in Thread
	Gone     bool // the first hit's responsible user was dismissed or switched off; who asks for that says so
}

// Known tells whether it may be anybody.
func (f Found) Known() bool { return len(f.Hits) > 0 }

// Refs are the records, best first.
func (f Found) Refs() []record.Ref { return refsOf(f.Hits) }
