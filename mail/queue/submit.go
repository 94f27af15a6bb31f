package queue

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"frontdesk/mail"
	"frontdesk/store"
)

// Receipt names an accepted message.
type Receipt struct {
	ID   string   // in the queue and in its Received field
	Copy mail.Ref // in the author's Sent; zero when the server itself wrote it
}

// Submit accepts a message for sending. It adds Date and Message-ID where they are missing, takes Bcc
// out of what is sent, signs it with DKIM and keeps a copy in the author's Sent, all or nothing.
// Errors: mail.ErrNotOurs when the user may not send as From, mail.ErrInvalid for a bad address, mail.ErrQuota.
func (q *Queue) Submit(ctx context.Context, e Envelope, message io.Reader) (Receipt, error) {
	raw, err := io.ReadAll(message)
	if err != nil {
		return Receipt{}, fmt.Errorf("submit: %w", err)
	}
	return q.SubmitOnce(ctx, e, raw, func(context.Context, *store.Tx) error { return nil })
}

// SubmitOnce is Submit in a transaction that begins with first: its error is that nothing is sent.
func (q *Queue) SubmitOnce(ctx context.Context, e Envelope, raw []byte,
	first func(ctx context.Context, tx *store.Tx) error) (Receipt, error) {
	p, err := q.prepare(ctx, e, raw)
	if err != nil {
		return Receipt{}, fmt.Errorf("submit: %w", err)
	}
	err = q.db.Tx(ctx, func(tx *store.Tx) error {
		if err := first(ctx, tx); err != nil {
			return err
		}
		return q.insert(ctx, tx, p)
	})
	if err != nil {
		q.overLimit(ctx, e.User, err)
		return Receipt{}, fmt.Errorf("submit: %w", err)
	}
	q.accepted(p)
	return Receipt{ID: p.id, Copy: p.sent}, nil
}

// SubmitDraft sends what a user wrote in the browser, and marks the message it answers. Its errors are those of
// mail.Box.Compose and Submit, and mail.ErrTooBig.
func (q *Queue) SubmitDraft(ctx context.Context, user string, d mail.Draft) (Receipt, error) {
	c, err := q.box.Compose(ctx, user, d)
	if err != nil {
		return Receipt{}, err
	}
	if int64(len(c.Raw)) > q.config.MaxSize {
		return Receipt{}, mail.ErrTooBig
	}
	receipt, err := q.Submit(ctx, Envelope{From: c.From, To: c.To, User: user}, bytes.NewReader(c.Raw))
	if err == nil {
		q.answered(ctx, user, receipt, c.Reply)
	}
	return receipt, err
}

// CheckDraft tells whether a stored draft could be sent now: its errors are those of SendDraft.
func (q *Queue) CheckDraft(ctx context.Context, user, id, version string) (mail.ReadyDraft, error) {
	draft, err := q.box.ReadyDraft(ctx, user, id, version)
	if err == nil && int64(len(draft.Raw)) > q.config.MaxSize {
		err = mail.ErrTooBig
	}
	return draft, err
}

// SendDraft sends a stored draft, once: it is gone from the drafts in the transaction that accepts it, in which also
// (nil: nothing) runs last. Its errors are those of mail.Box.ReadyDraft, Submit and also, and mail.ErrTooBig.
func (q *Queue) SendDraft(ctx context.Context, user, id, version string,
	also func(ctx context.Context, tx *store.Tx, r Receipt) error) (Receipt, error) {
	draft, err := q.CheckDraft(ctx, user, id, version)
	if err != nil {
		return Receipt{}, err
	}
	p, err := q.prepare(ctx, Envelope{From: draft.From, To: draft.To, User: user}, draft.Raw)
	if err != nil {
		return Receipt{}, fmt.Errorf("send draft: %w", err)
	}
	err = q.db.Tx(ctx, func(tx *store.Tx) error {
		if err := q.box.TakeDraftTx(ctx, tx, draft, p.copy.Mailbox); err != nil {
			return err
		}
		if err := q.insert(ctx, tx, p); err != nil || also == nil {
			return err
		}
		return also(ctx, tx, Receipt{ID: p.id, Copy: p.sent})
	})
	if err != nil {
		q.overLimit(ctx, user, err)
		return Receipt{}, fmt.Errorf("send draft: %w", err)
	}
	q.box.Changed(draft.Drafts())
	q.accepted(p)
	receipt := Receipt{ID: p.id, Copy: p.sent}
	q.answered(ctx, user, receipt, draft.Reply)
	return receipt, nil
}

// answered marks the message that a mail answers.
func (q *Queue) answered(ctx context.Context, user string, r Receipt, message string) {
	if message == "" {
		return
	}
	if err := q.box.MarkAnswered(ctx, user, message); err != nil {
		q.log.Warn("mark as answered", "msg", r.ID, "err", err) // it is sent all the same
	}
}

// Local tells whether mail for an address stays here.
func (q *Queue) Local(ctx context.Context, address string) (bool, error) {
	domain, err := domainOf(address)
	if err != nil {
		return false, err
	}
	return q.box.Ours(ctx, domain)
}
