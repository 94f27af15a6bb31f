// Package mime reads internet messages (RFC 5322, 2045–2049) that strangers wrote: with limits on everything, without
// giving up on broken ones, and never letting their HTML do harm.
package mime

import (
	"time"

	"github.com/emersion/go-message/textproto"
)

// Person is a name and address out of a header.
type Person struct {
	Name    string `json:"name"`
	Address string `json:"address"` // as written; may be "" for a group or an unreadable one
	Route   string `json:"-"`       // "@a,@b" of "<@a,@b:user@host>": nothing goes that way any more (RFC 5322 section 4.4)
}

// Message is what a reader needs of a message. All strings are UTF-8.
type Message struct {
	Header     textproto.Header // of the message itself, raw
	Head       []byte           // it, as it stands in a whole message; it shares that one's memory
	Root       *Node            // the tree of a whole message
	MessageID  string           // without angle brackets
	InReplyTo  []string
	References []string // oldest first
	From       []Person
	Sender     []Person
	To         []Person
	Cc         []Person
	ReplyTo    []Person
	Filled     Person // who filled in the form that the text is of, see Elsewhere; zero where it is none
	Subject    string
	Date       time.Time // zero when missing or unreadable
	Text       string    // the plain text, or the HTML's text when there is none
	HTML       string    // as sent: Sanitise it before anybody sees it
	Snippet    string    // first words of the answer, without quotes
	Parts      []Part    // attachments and inline contents, in order
	Auto       bool      // sent by a machine (RFC 3834, lists, bounces); a null return-path adds to it
	Truncated  bool      // a limit was reached; what was read so far is here
}

// Part is a leaf of the MIME tree that isn't the shown text.
type Part struct {
	Path   string // IMAP part number, "2.1"; for a file inside such a part (TNEF, uuencode) with its number, "2.1~1"
	Name   string // file name without folders, "" when not given
	Type   string // "image/png", lower case
	ID     string // Content-ID without angle brackets
	Size   int64  // decoded bytes
	Inline bool   // shown inside the text
}

// Limits on what Parse reads; beyond them it stops and sets Truncated.
const (
	MaxDepth  = 50        // nested multiparts
	MaxParts  = 1000      // leaves and multiparts together
	MaxHeader = 256 << 10 // bytes of header of one part
)
