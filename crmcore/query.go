package crmcore

// Page asks for a part of a list. A cursor is opaque: the Next of the list before.
type Page struct {
	Cursor string
	Limit  int // 1 to 200; 0: 50
}

// List is one page. Next is empty on the last one. A page of a search may have fewer items than asked for, or none,
// though more follow.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Order of a list.
type Order string

const (
	Newest Order = "newest" // created last first; the default
	ByName Order = "name"
)

// Filter narrows a list of records to those that satisfy all its fields that are set, and that the actor may read.
type Filter struct {
	Query       string // words of the name, of a number or of a mail address: beginnings, and with three letters parts
	Responsible string // user id
	Mine        bool   // responsible is the actor
	Stage       string // leads: new, in_progress, converted, junk, or "open" for the first two; deals: a stage id, or the kinds "open", "won", "lost"
	Pipeline    string // deals
	Company     string // contacts and deals of that company
	Contact     string // deals of that contact
	Order       Order
	Page
}

// narrow tells whether a list is that of few records, which an index names.
func (f Filter) narrow() bool {
	return f.Mine || f.Responsible != "" || f.Company != "" || f.Contact != ""
}
