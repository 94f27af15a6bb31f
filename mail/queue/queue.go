// Package queue sends mail: what users submit and what this server has to say itself. A message is accepted in one
// transaction with its copy in Sent, the CRM's job and one job per destination domain; then every recipient gets an
// outcome: delivered, or a notice to the sender (RFC 3464) that says why not.
//
// Any number of nodes work on one queue. An attempt claims its recipients in SQL under a name of its own; when its node
// is lost, others take them over at once. Just before the dot that ends a message, the attempt proves in SQL that its
// claim still stands, so a node that was stopped in the middle and goes on later drops the connection instead, and what
// it learned is not written over what others did.
//
// Delivery is at least once. What a server answered is written down at once, per recipient, and never sent to it again.
// What remains is RFC 5321 section 4.5.3.2.6's window, from the dot until the answer to it is written: a node that
// crashes in it, or is stopped for longer than the others' patience, repeats a message, with the same Message-ID; and
// so does one that is stopped between its proof and the dot itself.
package queue

import (
	"context"
	"errors"
	"log/slog"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// Queue sends mail. It is safe for concurrent use, by any number of nodes on one database.
type Queue struct {
	config  Config
	box     *mail.Box
	db      *store.DB
	blobs   blob.Store
	log     *slog.Logger
	metrics *metrics
	slots   slots
	strict  policies
}

// accepted is what follows the commit of a message.
func (q *Queue) accepted(p *prepared) {
	q.metrics.accepted.Inc()
	if p.copy != nil {
		q.box.Changed(p.copy.Mailbox)
	}
}

// trouble is the outcome of an error of ours: it may pass.
func (q *Queue) trouble(m *message, err error) outcome {
	if !errors.Is(err, context.Canceled) { // that is our own end: who comes next goes on
		q.log.Error("mail could not be attempted", "msg", m.id, "err", err)
	}
	return outcome{state: waiting, enhanced: "4.3.0", answer: "trouble at " + q.config.Hostname}
}
