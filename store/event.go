package store

// Event is something that happened, for those outside who follow: integrations, and later whatever acts on it.
type Event struct {
	Type string
	Key  string   // the call, message, meeting or record it is about
	Data any      // becomes JSON
	For  []string // ids of the users who may know
	Rest any      // what admins are told who are not among them, becomes JSON; nil: the same
	// Record, when set, is what the event is about: whoever may read that record when the event is read out may know.
	// With For set too, only those of them.
	Record EventRecord
}

// EventRecord points to a record of the CRM.
type EventRecord struct{ Kind, ID string }
