// Package mail is the company's mail: mailboxes and messages in SQL and blobs, delivered by SMTP, read by IMAP and in
// the browser.
package mail

import (
	"time"

	"frontdesk/mail/domain"
	"frontdesk/mail/letter"
	"frontdesk/mail/mime"
)

// Domain is a mail domain of the company, Role an address that each has.
type (
	Domain = domain.Domain
	Role   = domain.Role
)

// Mailbox is an account that receives mail; addresses are lower-case.
type Mailbox struct {
	ID      string   `json:"id"`
	Address string   `json:"address"`
	Name    string   `json:"name"`
	Users   []string `json:"users"` // who reads and sends as it; the first is the owner. Several: a shared mailbox
	// its mail is shown whole on a client's timeline to whoever sees the client; else only to its users
	Shared bool  `json:"shared"`
	Quota  int64 `json:"quota"` // bytes, 0: none
	Used   int64 `json:"used"`
	Remote bool  `json:"remote"` // it mirrors a mailbox kept elsewhere, whose own server sends its mail
}

// Folder of a mailbox.
type Folder struct {
	ID       string `json:"id"`
	Mailbox  string `json:"mailbox"`
	Name     string `json:"name"` // hierarchy separator "/"; "INBOX" always exists
	Use      string `json:"use"`  // special use (RFC 6154) without backslash: "Sent", "Junk", "Drafts", "Trash", "Archive", or ""
	Total    int    `json:"total"`
	Unseen   int    `json:"unseen"`
	Validity uint32 `json:"-"` // UIDVALIDITY
	Next     uint32 `json:"-"` // UIDNEXT
	Recent   uint32 `json:"-"` // UIDs from here on were told to no session yet

	ModSeq     int64 `json:"-"` // of its latest change
	Subscribed bool  `json:"-"` // IMAP clients show it
}

// Person is a name and address out of a header.
type Person struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Summary is a line of a message list.
type Summary struct {
	ID          string    `json:"id"`
	Mailbox     string    `json:"mailbox"`
	Folder      string    `json:"folder"`
	Thread      string    `json:"thread"`
	MessageID   string    `json:"message_id"` // without angle brackets
	From        Person    `json:"from"`
	To          []Person  `json:"to"`
	Cc          []Person  `json:"cc"`
	Subject     string    `json:"subject"`
	Snippet     string    `json:"snippet"`
	Date        time.Time `json:"date"` // received
	Size        int64     `json:"size"`
	Seen        bool      `json:"seen"`
	Flagged     bool      `json:"flagged"`
	Answered    bool      `json:"answered"`
	Outgoing    bool      `json:"outgoing"`
	Draft       bool      `json:"draft"` // being written: see Box.Draft
	Attachments int       `json:"attachments"`
	Labels      []string  `json:"labels"`
	Verdict     Verdict   `json:"verdict"`
}

// Verdict is what the filter and the authentication checks found.
type Verdict struct {
	Junk     bool     `json:"junk"`
	Score    float64  `json:"score"` // 0 clean … 1 junk
	Reasons  []string `json:"reasons"`
	SPF      string   `json:"spf"` // pass, fail, softfail, neutral, none, temperror, permerror
	DKIM     string   `json:"dkim"`
	DMARC    string   `json:"dmarc"`
	Verified bool     `json:"verified"` // the From address is proven (DMARC pass, or aligned SPF or DKIM)

	Cause Cause `json:"-"` // why it may be stopped before it reaches a mailbox
}

// Cause is why mail may be stopped before it reaches a mailbox.
type Cause string

// The causes; junk that may as well be wanted has none.
const (
	Virus  Cause = "virus"
	Forged Cause = "forged" // its author's domain condemns it, or it claims to be from us without proof
	Spam   Cause = "spam"   // junk beyond doubt
)

// Message is a message as a person reads it.
type Message struct {
	Summary
	HTML    string       `json:"html"` // sanitised, no remote content, inline images as data: URLs
	Text    string       `json:"text"`
	Remote  bool         `json:"remote"` // it has remote content that was held back
	Files   []Attachment `json:"files"`
	ReplyTo []Person     `json:"reply_to"`
	Auto    bool         `json:"auto"` // automatic: never answered, never a lead (RFC 3834)
	Leave   mime.Leave   `json:"-"`    // how one leaves the list it came by
	List    string       `json:"list"` // how the screen offers that: click, mail, link or ""
	Link    string       `json:"link"` // page of the list to leave it, with List link
}

// Attachment of a message.
type Attachment struct {
	Part string `json:"part"` // IMAP part number, "2.1"
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// Draft is a mail to be sent.
type Draft struct {
	From    string        `json:"from"` // address of a mailbox of ours
	To      []string      `json:"to"`
	Cc      []string      `json:"cc,omitempty"`
	Bcc     []string      `json:"bcc,omitempty"`
	Subject string        `json:"subject"`
	Text    string        `json:"text"`
	HTML    string        `json:"html,omitempty"`
	Reply   string        `json:"reply,omitempty"` // id of the message it answers
	Files   []letter.File `json:"-"`               // attachments
}

// Ref names a stored message.
type Ref struct {
	ID       string
	Mailbox  string // id
	Folder   string // id
	Validity uint32 // UIDVALIDITY of the folder
	UID      uint32
}

// Recipient is one mailbox of a delivery.
type Recipient struct {
	Mailbox string // id, from Resolve
	Address string // as the peer gave it, with its plus-tag
}

// Delivery is a message that arrived. Its blob is stored already.
type Delivery struct {
	To           []Recipient // the same mailbox twice gets one copy
	Blob         string      // the whole message, trace headers on top
	Size         int64
	Parsed       *mime.Message // nil: Deliver reads the blob
	Verdict      Verdict       // Junk goes to the folder Junk and is not told to the CRM
	EnvelopeFrom string        // "" is the null return-path: the message counts as automatic
	Helo         string
	RemoteIP     string
	Received     time.Time // zero: now
}
