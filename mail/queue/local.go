package queue

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// deliverLocal delivers to our own mailboxes through the door that the world's mail comes through, one transaction per
// recipient, in which it is also noted as sent: a crash can't deliver it twice.
func (q *Queue) deliverLocal(ctx context.Context, m *message, rcpts []recipient) (outcomes []outcome) {
	delivery, err := q.arrival(ctx, m)
	if err != nil {
		return all(rcpts, q.trouble(m, err))
	}
	for _, r := range rcpts {
		outcomes = append(outcomes, q.deliverOne(ctx, m, delivery, r))
	}
	return outcomes
}

// arrival is the message as our own mailboxes get it. Who sent it was proven by the log-in.
func (q *Queue) arrival(ctx context.Context, m *message) (mail.Delivery, error) {
	content, err := q.blobs.Open(ctx, m.blob)
	if err != nil {
		return mail.Delivery{}, err
	}
	defer content.Close()
	parsed, err := mime.Parse(content)
	if err != nil {
		return mail.Delivery{}, err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return mail.Delivery{}, err
	}
	top := fmt.Sprintf("Return-Path: <%s>\r\n", m.sender)
	blob, size, err := q.blobs.Put(ctx, io.MultiReader(bytes.NewReader([]byte(top)), content))
	verdict := mail.Verdict{Reasons: []string{}, SPF: "none", DKIM: "none", DMARC: "none", Verified: true}
	return mail.Delivery{Blob: blob, Size: size, Parsed: parsed, Verdict: verdict, EnvelopeFrom: m.sender,
		Helo: q.config.Hostname}, err
}

func (q *Queue) deliverOne(ctx context.Context, m *message, d mail.Delivery, r recipient) outcome {
	o := outcome{rcpt: r, state: sent, code: 250, enhanced: "2.1.5", answer: "delivered here",
		remote: q.config.Hostname}
	mailboxes, err := q.mailboxesOf(ctx, m, r)
	if err == nil {
		for _, mailbox := range mailboxes {
			d.To = append(d.To, mail.Recipient{Mailbox: mailbox.ID, Address: r.address})
		}
		err = q.deliverTx(ctx, m, d, o)
	}
	switch {
	case err == nil:
		o.noted = true
	case errors.Is(err, store.ErrLeaseLost):
		o.state, o.code, o.answer = waiting, 0, err.Error()
	case errors.Is(err, mail.ErrNoMailbox):
		o.state, o.code, o.enhanced, o.answer = failed, 550, "5.1.1", "there is no such mailbox"
	case errors.Is(err, mail.ErrQuota):
		o.state, o.code, o.enhanced, o.answer = waiting, 452, "4.2.2", "the mailbox is full"
	default:
		o = q.trouble(m, err)
		o.rcpt = r
	}
	return o
}

// mailboxesOf are those that a recipient's mail goes to; a notice about a mail from a mailbox kept elsewhere goes to
// that one.
func (q *Queue) mailboxesOf(ctx context.Context, m *message, r recipient) ([]mail.Mailbox, error) {
	if m.via == "" {
		return q.box.Resolve(ctx, r.address)
	}
	box, err := q.box.Mailbox(ctx, m.via)
	return []mail.Mailbox{box}, err
}

func (q *Queue) deliverTx(ctx context.Context, m *message, d mail.Delivery, o outcome) error {
	var refs []mail.Ref
	err := q.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if refs, err = q.box.DeliverTx(ctx, tx, d); err != nil {
			return err
		}
		o.rcpt.attempts++
		if ours, err := o.write(ctx, tx, m.claim, d.Received); err != nil || !ours {
			return cmp.Or(err, store.ErrLeaseLost)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, ref := range refs {
		q.box.Changed(ref.Mailbox)
	}
	return nil
}
