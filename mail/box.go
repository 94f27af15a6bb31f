package mail

import (
	"context"
	"errors"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/mail/domain"
	"frontdesk/mail/find"
	"frontdesk/mail/mime"
	"frontdesk/mail/sweep"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// Errors of Box, to be told apart with errors.Is.
var (
	ErrNoMailbox = errors.New("no such mailbox")                         // SMTP 550 5.1.1
	ErrQuota     = errors.New("the mailbox is full")                     // SMTP 452 4.2.2
	ErrNotFound  = store.ErrNotFound                                     // or not the asking user's
	ErrExists    = domain.ErrExists                                      //
	ErrInvalid   = domain.ErrInvalid                                     //
	ErrSpecial   = errors.New("this folder can't be renamed or deleted") //
	ErrTooBig    = errors.New("the mail with its files is bigger than this server takes: take a file out, or share " +
		"it another way")
	ErrLogin   = errors.New("wrong login or password") // of an SMTP or IMAP log-in
	ErrRelay   = domain.ErrRelay                       // SMTP 550 5.7.1
	ErrNotOurs = errors.New("the sender address belongs to no mailbox of this user")
)

// Config of a Box. Each part may be missing.
type Config struct {
	// Changed hears after each commit that a mailbox changed; other nodes answer it with Notify.
	Changed func(mailboxID string)
	// Admins are the users who run the company, the first of whom with a mailbox gets what is for postmaster and abuse.
	Admins func(ctx context.Context) (users []string, err error)
	// Jobs tells the CRM at once, on this node, of what it delivered; without, whichever node looks next does.
	Jobs *store.Jobs
	// Seal keeps the private keys of domains; needed but in tests.
	Seal *guard.Seal
	// RSA makes keys of domains; without, new ones.
	RSA domain.MakeRSA
}

// Box is the company's mail store. It is safe for concurrent use by any number of nodes on one database.
type Box struct {
	*sweep.Sweeper
	*domain.Book
	config    Config
	db        *store.DB
	blobs     blob.Store
	log       *slog.Logger
	metrics   *metrics
	sanitiser *mime.Sanitiser
	index     *find.Index
	watchers  watchers
	arriving  group
}

// New makes the store over a migrated database.
func New(c Config, db *store.DB, blobs blob.Store, log *slog.Logger, reg prometheus.Registerer) *Box {
	if c.Changed == nil {
		c.Changed = func(string) {}
	}
	if c.Admins == nil {
		c.Admins = func(context.Context) ([]string, error) { return nil, nil }
	}
	if c.RSA == nil {
		c.RSA = domain.NewRSA
	}
	return &Box{Sweeper: sweep.New(db, blobs, log), Book: domain.New(db, c.Seal, c.RSA, log), config: c, db: db,
		blobs: blobs, log: log, metrics: newMetrics(reg),
		sanitiser: mime.NewSanitiser(), index: find.New(db)}
}

// Index brings what came since into the index of searches. Any number of nodes may do it at once.
func (b *Box) Index(ctx context.Context) error { return b.index.Run(ctx) }

// Watch returns a channel that receives after changes of a mailbox (several changes may be one receive), until stop.
// It is a hint: the reader looks at the database.
func (b *Box) Watch(mailboxID string) (changed <-chan struct{}, stop func()) {
	return b.watchers.watch(mailboxID)
}

// Notify wakes the watchers of a mailbox on this node.
func (b *Box) Notify(mailboxID string) { b.watchers.notify(mailboxID) }

// NotifyAll wakes all watchers on this node: hints from other nodes may have been lost.
func (b *Box) NotifyAll() { b.watchers.notifyAll() }

// Changed tells everybody, on this node and by Config.Changed on others, that a mailbox changed. Methods of Box call it
// themselves; only callers of DeliverTx and AppendTx do it, after their commit.
func (b *Box) Changed(mailboxIDs ...string) {
	for _, id := range mailboxIDs {
		b.Notify(id)
		b.config.Changed(id)
	}
}
