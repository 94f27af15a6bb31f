package remote

import (
	"context"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// TLS is how a server is spoken to.
type TLS string

const (
	Immediate TLS = "tls"      // from the first byte
	StartTLS  TLS = "starttls" //
	Plain     TLS = "none"     // only where Config.Egress allows the address by name
)

// Servers of a mailbox, each host:port.
type Servers struct {
	IMAP    string `json:"imap" maxLength:"260" doc:"host:port"`
	IMAPTLS TLS    `json:"imap_tls" enum:"tls,starttls,none"`
	SMTP    string `json:"smtp" maxLength:"260" doc:"host:port"`
	SMTPTLS TLS    `json:"smtp_tls" enum:"tls,starttls,none"`
}

// Account is a mailbox kept elsewhere.
type Account struct {
	ID       string `json:"id"`
	Mailbox  string `json:"mailbox" doc:"Id of the mailbox here that mirrors it"`
	Address  string `json:"address"`
	Provider string `json:"provider" doc:"Where one logs in at it by the browser; empty: by password"`
	Login    string `json:"login"`
	Servers
	Days   int       `json:"days" doc:"How far back mail is fetched"`
	Active bool      `json:"active"`
	State  State     `json:"state" enum:"new,works,login,consent,away,key,off"`
	Told   string    `json:"told" doc:"What its server, or the way to it, said last"`
	Since  time.Time `json:"since" doc:"When the state began"`
	Todo   int       `json:"todo" doc:"Messages to be fetched from the past"`
	Done   int       `json:"done" doc:"Those that are here so far"`

	secret    string
	keepsSent bool
	version   int64
	created   time.Time
}

// State is how an account does.
type State string

const (
	Fresh   State = "new"     // nobody has connected to it so far
	Works   State = "works"   //
	Login   State = "login"   // the password is refused
	Consent State = "consent" // the provider wants its user to log in anew
	Away    State = "away"    // its server can't be reached
	Key     State = "key"     // this node can't read its password
	Off     State = "off"     //
)

// RemoteFolder is a folder of an account, there.
type RemoteFolder struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Use    string `json:"use" doc:"Inbox, Sent, Drafts, Junk, Trash, Archive, All or empty"`
	Chosen bool   `json:"chosen" doc:"It is mirrored"`

	account  string
	local    string // id
	validity uint32
	next     uint32
	modseq   uint64
	total    uint32
	filled   bool
}

// link is a row of mail_remote_message: a message there, and its copy here.
type link struct {
	folder                  string
	uid                     uint32
	message                 string
	seen, flagged, answered bool
}

// Input is an account to be, or what changes of one.
type Input struct {
	Address  string `json:"address" maxLength:"320"`
	Name     string `json:"name,omitempty" maxLength:"200" doc:"Shown to those who get mail from it"`
	Login    string `json:"login,omitempty" maxLength:"320" doc:"Where it is not the address"`
	Password string `json:"password" maxLength:"1000"`
	Days     int    `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"How far back mail is fetched; 0: 30"`

	Servers *Servers `json:"servers,omitempty" doc:"Left out: those that are known for the address"`
}

// Patch changes an account; what is left out stays.
type Patch struct {
	Password *string  `json:"password,omitempty" maxLength:"1000"`
	Days     *int     `json:"days,omitempty" minimum:"1" maximum:"3650"`
	Active   *bool    `json:"active,omitempty"`
	Folders  []string `json:"folders,omitempty" maxItems:"500" doc:"Ids of those that are mirrored; the inbox always is"`
}

// running is an account that this node holds.
type running struct {
	version int64
	end     context.CancelFunc
}

// standardDays is how far back the mail of an account is fetched where nobody says.
const standardDays = 30

// useInbox is the use of the folder that mail comes to.
const useInbox = "Inbox"

// OAuth is a provider that lets its users in by the browser (RFC 6749 section 4.1), and the company's registration
// there.
type OAuth struct {
	ClientID     string
	ClientSecret string
	AuthURL      string
	TokenURL     string
	Scopes       []string
	Domains      []string // of its addresses
	Servers      Servers
	KeepsSent    bool
}

// with is the link with the flags that a server told.
func (l link) with(flags []imap.Flag) link {
	has := func(want imap.Flag) bool { return slices.Contains(flags, want) }
	l.seen, l.flagged, l.answered = has(imap.FlagSeen), has(imap.FlagFlagged), has(imap.FlagAnswered)
	return l
}
