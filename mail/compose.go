package mail

import (
	"context"
	"fmt"

	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail/letter"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// Composed is a mail ready to go: keep Raw, send it from From to To.
type Composed struct {
	Raw       []byte // RFC 5322, CRLF, without Bcc
	From      string // envelope sender
	To        []string
	Mailbox   Mailbox // of the sender: where its copy goes
	MessageID string  // without angle brackets
	Reply     string  // id of the message it answers, or ""
}

// Compose builds the mail of a draft. ErrNotOurs when the user may not send as From, letter.ErrRecipients,
// ErrNotFound when the message it answers isn't the user's.
func (b *Box) Compose(ctx context.Context, user string, d Draft) (c Composed, err error) {
	mailbox, err := b.MaySend(ctx, user, d.From)
	if err != nil {
		return c, fmt.Errorf("compose: %w", err)
	}
	from, domain, err := split(d.From)
	if err != nil {
		return c, fmt.Errorf("compose: %w", err)
	}
	c = Composed{From: from, Mailbox: mailbox, MessageID: store.NewID() + "@" + domain, Reply: d.Reply}
	h := letter.Begin(c.MessageID, gomail.Address{Name: mailbox.Name, Address: from}, d.Subject)
	if c.To, err = letter.Recipients(&h, d.To, d.Cc, d.Bcc); err != nil {
		return c, fmt.Errorf("compose: %w", err)
	}
	if err := b.answers(ctx, user, &h, d.Reply); err != nil {
		return c, fmt.Errorf("compose: %w", err)
	}
	c.Raw, err = b.write(h, d)
	return c, err
}

// answers makes a mail the answer to a message of the user's; "" is none.
func (b *Box) answers(ctx context.Context, user string, h *gomail.Header, id string) error {
	if id == "" {
		return nil
	}
	_, _, blob, err := b.summary(ctx, user, id)
	if err != nil {
		return fmt.Errorf("message %s: %w", id, err)
	}
	answered, err := b.Parse(ctx, blob)
	if err != nil {
		return err
	}
	letter.Answer(h, answered)
	return nil
}

func (b *Box) write(h gomail.Header, d Draft) ([]byte, error) {
	return letter.Write(h, d.Text, b.outgoing(d.HTML), d.Files)
}

// outgoing is HTML that a user wrote, as it may leave: its pictures are parts of the mail, or on the web.
func (b *Box) outgoing(html string) string {
	part := func(id string) (string, bool) { return "cid:" + id, true }
	safe, _ := b.sanitiser.Sanitise(html, mime.Options{Remote: true, Inline: part})
	return safe
}
