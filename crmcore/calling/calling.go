// Package calling has lists of clients who are called one after the other: several people take from one list, each gets
// a client of his own, and what comes of a call decides what becomes of the client. It keeps the numbers, too, whose
// people asked not to be called.
package calling

import (
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// Lists keeps them. It is safe for concurrent use, and keeps nothing in memory.
type Lists struct {
	db     *store.DB
	region string // ISO 3166 country of national numbers
}

// New opens them; region is the country of national numbers (ISO 3166).
func New(db *store.DB, region string) *Lists { return &Lists{db, region} }

// List is a calling list.
type List struct {
	ID          string      `json:"id" readOnly:"true"`
	Name        string      `json:"name" minLength:"1" maxLength:"100"`
	Owner       string      `json:"owner" readOnly:"true"`
	Kind        record.Kind `json:"kind" enum:"contact,lead,company" doc:"Of its records; it stays"`
	Users       []string    `json:"users" required:"false" maxItems:"200" doc:"Ids of those who work it"`
	Departments []string    `json:"departments" required:"false" maxItems:"50" doc:"Ids: their people, and those of the departments below, work it, too"`
	Tries       int         `json:"tries" minimum:"1" maximum:"20" default:"3" doc:"Calls of one client that nobody answers, before it is left"`
	Minutes     int         `json:"minutes" minimum:"1" maximum:"10080" default:"120" doc:"Between two of them"`
	Paused      bool        `json:"paused" required:"false" doc:"Nobody gets a client of it"`
	Mine        bool        `json:"mine" readOnly:"true" doc:"One may change it"`
	Works       bool        `json:"works" readOnly:"true" doc:"One works it"`
	Progress    Progress    `json:"progress" readOnly:"true"`
}

// Progress is how far a list is.
type Progress struct {
	Total   int `json:"total"`
	Left    int `json:"left" doc:"To be called, now or later"`
	Later   int `json:"later" doc:"Of these, those whose time has not come yet"`
	Taken   int `json:"taken" doc:"Of these, those whom somebody has just now"`
	Done    int `json:"done" doc:"Nothing more is to be done"`
	Reached int `json:"reached" doc:"Somebody spoke with them"`
	Failed  int `json:"failed" doc:"Called as often as the list says, in vain"`
	Refused int `json:"refused" doc:"Asked not to be called"`
	NoPhone int `json:"no_phone" doc:"Without a number, or deleted"`
}

// Item is a client on a list, as the one sees it who has it.
type Item struct {
	ID       string     `json:"id"`
	List     string     `json:"list"`
	Of       record.Ref `json:"of"`
	Name     string     `json:"name"`
	Numbers  []Phone    `json:"numbers" doc:"Those that may be called first"`
	Tries    int        `json:"tries" doc:"How often it was called from this list, in vain"`
	Promised bool       `json:"promised,omitempty" doc:"One said that one would call now"`
	Call     string     `json:"call,omitempty" doc:"The call that one made"`
	Answered bool       `json:"answered,omitempty"`
	Until    time.Time  `json:"until" doc:"It is given to somebody else then, unless it is held on to"`
}

// Phone is one of a client's.
type Phone struct {
	Value string `json:"value"`
	Label string `json:"label,omitempty"`
	Never bool   `json:"never,omitempty" doc:"Asked not to be called"`
}

const (
	looksAt   = 3 * time.Minute  // a client is somebody's while he looks at the card: his screen holds on to it
	speaks    = 4 * time.Hour    // while a call lasts
	says      = 10 * time.Minute // what came of it
	keepsWord = time.Hour        // so long after its time a promised call is only for who promised it
)
