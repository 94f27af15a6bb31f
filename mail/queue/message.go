package queue

import (
	"fmt"
	"strings"
	"time"

	"github.com/mjl-/mox/dns"

	"frontdesk/mail"
)

// Envelope is whom a message goes to, and from whom it comes.
type Envelope struct {
	From string   // "" is the null path: nothing comes back
	To   []string // with Cc and Bcc
	User string   // id of who submits it; "" for this server itself
	UTF8 bool     // SMTPUTF8 was asked for
}

// message is a row of mail_out.
type message struct {
	id        string
	sender    string // envelope
	author    string // of the From field; known while it is prepared only
	user      string
	messageID string
	subject   string
	blob      string
	size      int64
	eightbit  bool
	utf8      bool
	created   time.Time
	via       string // id of the mailbox kept elsewhere that it is from, or back to; "" for all others

	claim string    // under which name an attempt holds its recipients
	until time.Time // the claim stands by itself, on whatever node
}

// recipient is a row of mail_out_rcpt that waits.
type recipient struct {
	id       string
	address  string
	domain   string
	attempts int
	next     time.Time
	warned   bool
}

// prepared is a message whose contents are stored, ready to be accepted in a transaction.
type prepared struct {
	message
	to   []recipient
	copy *mail.Addition // for Sent; nil when nobody keeps one
	sent mail.Ref       // of copy, once it is inserted
}

// sendJob is the kind of the job that sends a message to one domain.
const sendJob = "mail.send"

// payload of a sendJob.
type payload struct {
	Message string `json:"message"`
	Domain  string `json:"domain"`
}

func (p payload) key() string { return p.Message + "/" + p.Domain }

// domainOf is the domain of an address, lower-case and in A-labels; an address literal stays as it is.
func domainOf(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 {
		return "", fmt.Errorf("address %q: %w", address, mail.ErrInvalid)
	}
	if strings.HasPrefix(address[at+1:], "[") {
		return strings.ToLower(address[at+1:]), nil
	}
	domain, err := dns.ParseDomain(address[at+1:])
	if err != nil {
		return "", fmt.Errorf("address %q: %w", address, mail.ErrInvalid)
	}
	return domain.ASCII, nil
}
