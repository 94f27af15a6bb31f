// Package desk is what people do with their mail on the mail page: with whole conversations, labels, mail that goes out
// later, and lists they leave.
package desk

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/queue"
	"frontdesk/store"
)

// Desk is everybody's. It is safe for concurrent use by any number of nodes on one database.
type Desk struct {
	config Config
	db     *store.DB
	box    *mail.Box
	queue  *queue.Queue
	log    *slog.Logger
}

// Config of a Desk.
type Config struct {
	Egress guard.Egress   // where requests may go whose addresses strangers wrote
	Agent  string         // names us in them
	Roots  *x509.CertPool // nil: the system's
	// Language is that of a user: en, ro, ru; nil: English.
	Language func(ctx context.Context, user string) string
}

// New makes the desk over a migrated database.
func New(c Config, db *store.DB, box *mail.Box, out *queue.Queue, log *slog.Logger) *Desk {
	if c.Language == nil {
		c.Language = func(context.Context, string) string { return "en" }
	}
	return &Desk{config: c, db: db, box: box, queue: out, log: log}
}

// reads tells whether a mailbox is one of the user's.
func (d *Desk) reads(ctx context.Context, user, mailbox string) (own bool, err error) {
	err = d.db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mailbox_user WHERE mailbox = $1 AND user_id = $2)`, mailbox,
		user).Scan(&own)
	return own, err
}

// unless is an error but the one that is none here.
func unless(err, but error) error {
	if errors.Is(err, but) {
		return nil
	}
	return err
}
