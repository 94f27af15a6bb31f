package store

// Event is something that happened, for those outside who follow: integrations, and later whatever acts on it.
type Event struct {
	Type string
	Key  string   // the call, message, meeting or record it is about
	Data any      // becomes JSON
	For  []string // ids of the users who may know
	Rest any      // what admins are told who are not among them, becomes JSON; nil: the same
}
