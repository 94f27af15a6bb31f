// Package crmcore is the CRM: leads, contacts, companies and deals, one timeline for every channel, the matching of
// callers and senders to cards, the rules that route unknown ones, and the permissions on all of it.
package crmcore

import (
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/match"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
)

// Contact is a known person.
type Contact struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Position    string         `json:"position,omitempty"`
	Company     string         `json:"company,omitempty"` // id
	CompanyName string         `json:"company_name,omitempty"`
	Points      []record.Point `json:"points"` // first of each kind is the primary
	Responsible string         `json:"responsible"`
	Comment     string         `json:"comment,omitempty"`
	Fields      record.Values  `json:"fields" doc:"What it has in the fields of GET /fields, by their ids: numbers as 12.5, money as 1200.50 EUR, dates as 2026-11-30, yes or no, ids of choices and users"`
	Created     time.Time      `json:"created"`
	Updated     time.Time      `json:"updated"`
}

// Company is a known organisation.
type Company struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Points      []record.Point `json:"points"`
	Website     string         `json:"website,omitempty"`
	Responsible string         `json:"responsible"`
	Comment     string         `json:"comment,omitempty"`
	Fields      record.Values  `json:"fields" doc:"What it has in the fields of GET /fields, by their ids: numbers as 12.5, money as 1200.50 EUR, dates as 2026-11-30, yes or no, ids of choices and users"`
	Created     time.Time      `json:"created"`
	Updated     time.Time      `json:"updated"`
}

// Lead is somebody who called or wrote and is not a client yet.
type Lead struct {
	ID          string         `json:"id"`
	Title       string         `json:"title"`
	Name        string         `json:"name,omitempty"`
	CompanyName string         `json:"company_name,omitempty"`
	Points      []record.Point `json:"points"`
	Source      string         `json:"source"`         // call, mail, manual …
	Line        string         `json:"line,omitempty"` // number or mailbox that was dialled
	Stage       string         `json:"stage"`          // new, in_progress, converted, junk
	Responsible string         `json:"responsible"`
	Kept        bool           `json:"kept,omitempty" readOnly:"true"` // nobody was chosen yet: the responsible user only keeps it
	Department  string         `json:"department,omitempty"`           // whose lead it is while nobody is responsible
	Rule        string         `json:"rule,omitempty"`                 // name of the rule that routed it
	Contact     string         `json:"contact,omitempty"`              // after conversion
	Deal        string         `json:"deal,omitempty"`
	Comment     string         `json:"comment,omitempty"`
	Fields      record.Values  `json:"fields" doc:"What it has in the fields of GET /fields, by their ids: numbers as 12.5, money as 1200.50 EUR, dates as 2026-11-30, yes or no, ids of choices and users"`
	Created     time.Time      `json:"created"`
	Updated     time.Time      `json:"updated"`
}

// Deal is a sale under way.
type Deal struct {
	ID          string        `json:"id"`
	Title       string        `json:"title"`
	Contact     string        `json:"contact,omitempty"`
	ContactName string        `json:"contact_name,omitempty"`
	Company     string        `json:"company,omitempty"`
	CompanyName string        `json:"company_name,omitempty"`
	Pipeline    string        `json:"pipeline"`
	Stage       string        `json:"stage"`    // id
	Amount      int64         `json:"amount"`   // in hundredths of the unit, of every currency
	Currency    string        `json:"currency"` // ISO 4217
	Responsible string        `json:"responsible"`
	Comment     string        `json:"comment,omitempty"`
	Fields      record.Values `json:"fields" doc:"What it has in the fields of GET /fields, by their ids: numbers as 12.5, money as 1200.50 EUR, dates as 2026-11-30, yes or no, ids of choices and users"`
	Created     time.Time     `json:"created"`
	Updated     time.Time     `json:"updated"`
	Moved       time.Time     `json:"moved"` // when it came to its stage
}

// Pipeline is an ordered list of stages.
type Pipeline struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Stages []Stage `json:"stages"`
}

// Stage of a pipeline.
type Stage struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"` // open, won, lost
}

// Touch is one contact between a client and the company, on any channel: what the edges tell the CRM.
type Touch struct {
	Channel timeline.Channel
	Phase   timeline.Phase
	// id of the call; of a mail, its Message-ID with sender, digest and recipient: the same touch may come any number
	// of times
	Key       string
	Incoming  bool
	Client    address.Address // the outside party; zero when anonymous
	Name      string          // display name as the wire gave it
	Line      string          // the number or mailbox of ours
	Users     []string        // ids: the mailbox's owner, who was dialled, who answered (first) or called
	At        time.Time       // when it began
	Seconds   int64           // talked
	Outcome   string          // calls: answered, missed, busy, declined, cancelled, failed
	Subject   string
	Snippet   string
	Source    string            // id of the call record or message
	MessageID string            // of a mail, "" when it has none
	Reply     []string          // MessageIDs of earlier touches that this one continues, the most telling first
	Verified  bool              // the client address is proven (DMARC pass, or a trunk that attests)
	About     []record.Ref      // of a meeting: the records it is about; nil: those told before
	Guests    []address.Address // of a meeting: who came in by phone
	Promised  bool              // a call nobody took, whose caller is called back without anybody being told to
	NoLead    bool              // automatic mail, our own number …: may match, never creates

	own bool // the client is our own number or mailbox; found out once, before any transaction
}

// Match says how sure a card is.
type Match = match.Match

// How sure that is.
const (
	Exact = match.Exact
	Maybe = match.Maybe
	None  = match.None
)

// Card is the answer to a touch: what to show to whom.
type Card struct {
	Activity    string           `json:"activity"`
	Reason      timeline.Channel `json:"reason"`
	Match       Match            `json:"match"`
	Address     string           `json:"address"` // canonical, "" when anonymous
	Name        string           `json:"name"`    // best name known, for the ringing panel
	Cards       []CardView       `json:"cards"`   // ranked, whole
	For         []string         `json:"for"`     // users it opens for
	LeadFor     []string         `json:"-"`       // users who are told of its Lead
	Responsible string           `json:"responsible"`
	// nobody was chosen yet: Responsible only keeps the lead, and is not rung
	Kept bool   `json:"-"`
	Lead string `json:"lead,omitempty"` // id of the lead made by this very call of Receive; "" when it comes again
	Rule string `json:"rule,omitempty"`
	Bare bool   `json:"-"` // nobody would see it: it has names, and no more of what it is about
}

// CardView is all that a card shows, in one piece.
type CardView struct {
	Ref      record.Ref `json:"ref"`
	Name     string     `json:"name"`
	Subtitle string     `json:"subtitle"` // role at company, source of the lead …
	// why it ranks here: thread, company, open_deal, recent, yours, primary, number, similar
	Why         string              `json:"why"`
	Responsible string              `json:"responsible"`
	Readable    bool                `json:"readable"` // false: the viewer may see name and responsible only
	Points      []record.Point      `json:"points"`
	Company     *Company            `json:"company,omitempty"`
	Contact     *Contact            `json:"contact,omitempty"`
	Lead        *Lead               `json:"lead,omitempty"`
	Deal        *Deal               `json:"deal,omitempty"`
	Deals       []Deal              `json:"deals"`
	Tasks       []timeline.Activity `json:"tasks"`
	Timeline    []timeline.Activity `json:"timeline"` // newest first, at most 20
	Since       time.Time           `json:"since"`
}
