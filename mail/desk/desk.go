// Package desk is what people do with their mail on the mail page: with whole conversations, labels, mail that goes out
// later, and lists they leave.
package desk

import (
	"crypto/x509"
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
}

// New makes the desk over a migrated database.
func New(c Config, db *store.DB, box *mail.Box, out *queue.Queue, log *slog.Logger) *Desk {
	return &Desk{config: c, db: db, box: box, queue: out, log: log}
}
