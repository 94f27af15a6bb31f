// Package remote mirrors mailboxes kept elsewhere (Gmail, Outlook, any IMAP server) into mailboxes here, both ways, and
// says where their mail is sent from.
//
// An account is held by one node at a time, by a lease. It keeps one IMAP connection, waits in IDLE, and goes through
// passes: what changed here is done there, then what changed there is done here. Which message there is which one here
// is a row of mail_remote_message, written in the transaction that stores the message: a node that dies, or two that
// both believe to hold an account, can neither lose nor double one. Deleting here is done there only for messages that
// were removed one by one; a mailbox or folder that goes here as a whole leaves everything there as it is.
package remote

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/mjl-/mox/dns"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// Errors of Accounts, to be told apart with errors.Is.
var (
	ErrLogin   = errors.New("the mailbox's server refuses the log-in")
	ErrConsent = errors.New("the provider asks for a new log-in")
	ErrOurs    = errors.New("mail of this domain is received here: an administrator makes its mailboxes")
	ErrServers = errors.New("the mail servers of this address are not known: enter them")
)

// Config of Accounts.
type Config struct {
	Seal   *guard.Seal      // of passwords and tokens
	Egress guard.Egress     // where servers that people name may be
	Roots  *x509.CertPool   // nil: the system's
	OAuth  map[string]OAuth // by provider
	// for servers that a domain names (RFC 6186); may be nil
	Resolver  dns.Resolver
	Hostname  string                                                          // ours, in EHLO
	MaxSize   int64                                                           // bytes of one message; 50 MiB
	Changed   func(ctx context.Context, account string)                       // screens show another state; may be nil
	Hold      func(ctx context.Context, account string) (own bool, err error) // nil: this node holds all
	LookEvery time.Duration                                                   // between looks for accounts to hold; 3 s
	// between looks into folders that IDLE doesn't tell of; 1 min
	PollEvery time.Duration
}

// Accounts are the company's mailboxes kept elsewhere.
type Accounts struct {
	config Config
	box    *mail.Box
	db     *store.DB
	blobs  blob.Store
	log    *slog.Logger
	http   *http.Client

	mu      sync.Mutex
	running map[string]*running // by account
	renewal sync.Mutex          // one renewal of tokens at a time
}

// New makes them over a migrated database; Run holds them.
func New(config Config, box *mail.Box, db *store.DB, blobs blob.Store, log *slog.Logger) *Accounts {
	if config.MaxSize == 0 {
		config.MaxSize = 50 << 20
	}
	if config.LookEvery == 0 {
		config.LookEvery = 3 * time.Second
	}
	if config.PollEvery == 0 {
		config.PollEvery = time.Minute
	}
	if config.Changed == nil {
		config.Changed = func(context.Context, string) {}
	}
	if config.Hold == nil {
		config.Hold = func(context.Context, string) (bool, error) { return true, nil }
	}
	a := &Accounts{config: config, box: box, db: db, blobs: blobs, log: log, running: map[string]*running{}}
	a.http = &http.Client{Timeout: 20 * time.Second}
	return a
}
