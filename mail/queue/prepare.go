package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/smtp"

	"frontdesk/mail"
	"frontdesk/mail/header"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// prepare completes, signs and stores a message: all that takes time, before any transaction.
func (q *Queue) prepare(ctx context.Context, e Envelope, raw []byte) (*prepared, error) {
	p := &prepared{message: message{id: store.NewID(), sender: e.From, user: e.User, created: time.Now()}}
	to, err := q.others(ctx, e)
	if err != nil {
		return nil, err
	}
	if err := p.address(to); err != nil {
		return nil, err
	}
	fields, body, err := q.complete(p.id, raw)
	if err != nil {
		return nil, err
	}
	if fields, err = q.nameSender(ctx, e.User, fields); err != nil {
		return nil, err
	}
	parsed, err := mime.Parse(bytes.NewReader(slices.Concat(fields, body)))
	if err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	p.describe(e, parsed, fields, body)
	if err := q.storeOutgoing(ctx, p, fields, body); err != nil {
		return nil, err
	}
	if e.User == "" {
		return p, nil
	}
	return p, q.storeCopy(ctx, p, parsed, fields, body)
}

// others are a user's recipients but for addresses that file copies: his mail is filed from his Sent.
func (q *Queue) others(ctx context.Context, e Envelope) (to []string, err error) {
	if e.User == "" || q.config.Files == nil {
		return e.To, nil
	}
	for _, address := range e.To {
		files, err := q.config.Files(ctx, address)
		if err != nil {
			return nil, err
		}
		if !files {
			to = append(to, address)
		}
	}
	return to, nil
}

// address makes a recipient of every distinct address.
func (p *prepared) address(to []string) error {
	seen := map[string]bool{}
	for _, address := range to {
		domain, err := domainOf(address)
		if err != nil {
			return err
		}
		if key := strings.ToLower(address); !seen[key] {
			seen[key] = true
			p.to = append(p.to, recipient{id: store.NewID(), address: address, domain: domain})
		}
	}
	if len(p.to) == 0 {
		return fmt.Errorf("no recipients: %w", mail.ErrInvalid)
	}
	return nil
}

// complete adds what a message must have (RFC 6409 section 8). Bcc is still there.
func (q *Queue) complete(id string, raw []byte) (fields, body []byte, err error) {
	fields, err = header.Read(bytes.NewReader(raw))
	if err != nil {
		return nil, nil, err
	}
	body = raw[len(fields):]
	if len(fields) == 0 {
		return nil, nil, fmt.Errorf("the message has no header: %w", mail.ErrInvalid)
	}
	if len(body) == 0 {
		body = []byte("\r\n")
	}
	var added []byte
	if header.Value(fields, "date") == "" {
		added = fmt.Appendf(added, "Date: %s\r\n", time.Now().Format(time.RFC1123Z))
	}
	if header.Value(fields, "message-id") == "" {
		added = fmt.Appendf(added, "Message-ID: <%s@%s>\r\n", id, q.config.Hostname)
	}
	return append(added, fields...), body, nil
}

// nameSender lets Sender name who is logged in where From is another address that he may use, and nobody ever else (RFC
// 5322 section 3.6.2, RFC 6409 section 8.1).
func (q *Queue) nameSender(ctx context.Context, user string, fields []byte) ([]byte, error) {
	if user == "" {
		return fields, nil
	}
	fields = header.Without(fields, func(name string, _ []byte) bool { return name == "sender" })
	head, err := mime.ReadHead(bytes.NewReader(fields))
	if err != nil {
		return nil, err
	}
	own, err := q.box.Own(ctx, user)
	if errors.Is(err, mail.ErrNoMailbox) {
		return fields, nil
	} else if err != nil {
		return nil, err
	}
	for _, author := range head.From {
		from, err := q.box.MaySend(ctx, user, author.Address)
		if err != nil {
			return nil, err
		}
		if from.Remote { // its server knows nobody of us
			continue
		}
		if from.ID != own.ID || len(head.From) > 1 {
			sender := netmail.Address{Name: own.Name, Address: own.Address}
			return append(fmt.Appendf(nil, "Sender: %s\r\n", &sender), fields...), nil
		}
	}
	return fields, nil
}

func (p *prepared) describe(e Envelope, parsed *mime.Message, fields, body []byte) {
	p.messageID, p.subject = parsed.MessageID, short(parsed.Subject)
	p.eightbit = !ascii(fields) || !ascii(body)
	foreign := func(r recipient) bool { return !ascii([]byte(r.address)) }
	p.utf8 = e.UTF8 && !ascii(fields) || !ascii([]byte(e.From)) || slices.ContainsFunc(p.to, foreign)
	if len(parsed.From) > 0 {
		p.author = parsed.From[0].Address
	}
}

func short(subject string) string {
	if runes := []rune(strings.ReplaceAll(subject, "\x00", "")); len(runes) > 200 {
		return string(runes[:200])
	}
	return strings.ReplaceAll(subject, "\x00", "")
}

func ascii(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return r >= 0x80 })
}

// storeOutgoing stores what is sent. Its Received field names the id, so no other message has the same blob.
func (q *Queue) storeOutgoing(ctx context.Context, p *prepared, fields, body []byte) error {
	fields = header.Without(fields, func(name string, _ []byte) bool { return name == "bcc" || name == "return-path" })
	content := slices.Concat(fields, body)
	signature, err := q.sign(ctx, p.author, p.utf8, content)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	received := fmt.Sprintf("Received: by %s id %s;\r\n\t%s\r\n", q.config.Hostname, p.id,
		p.created.Format(time.RFC1123Z))
	p.blob, p.size, err = q.blobs.Put(ctx, bytes.NewReader(slices.Concat([]byte(received+signature), content)))
	return err
}

// signed are the fields under the signature (RFC 6376 section 5.4.1). Each is signed once more than it occurs, so that
// nobody can add another.
func signed() []string {
	return []string{"From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To",
		"References", "MIME-Version",
		"Content-Type", "Content-Transfer-Encoding", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
		"Auto-Submitted", "TLS-Report-Domain", "TLS-Report-Submitter"}
}

// sign returns a DKIM-Signature for each key of the author's domain, or nothing when that isn't ours.
func (q *Queue) sign(ctx context.Context, by string, utf8 bool, content []byte) (string, error) {
	author, err := smtp.ParseAddress(by)
	if err != nil {
		return "", nil
	}
	signers, err := q.box.Signers(ctx, author.Domain.ASCII)
	if err != nil || len(signers) == 0 {
		return "", err
	}
	var selectors []dkim.Selector
	for _, s := range signers {
		selectors = append(selectors, dkim.Selector{Hash: "sha256", HeaderRelaxed: true, BodyRelaxed: true,
			SealHeaders: true,
			Headers:     signed(), PrivateKey: s.Key, Domain: dns.Domain{ASCII: s.Selector}})
	}
	return dkim.Sign(ctx, q.log, author.Localpart, author.Domain, selectors, utf8, bytes.NewReader(content))
}

// storeCopy stores the author's own copy, with Bcc.
func (q *Queue) storeCopy(ctx context.Context, p *prepared, parsed *mime.Message, fields, body []byte) error {
	mailbox, err := q.box.MaySend(ctx, p.user, p.author)
	if err != nil {
		return err
	}
	if mailbox.Remote {
		p.via = mailbox.ID
	}
	blob, size, err := q.blobs.Put(ctx, bytes.NewReader(slices.Concat(fields, body)))
	if err != nil {
		return err
	}
	p.copy = &mail.Addition{Mailbox: mailbox.ID, Folder: "Sent", Blob: blob, Size: size, Parsed: parsed,
		Received: p.created,
		Flags:    mail.Flags{Seen: true}, Outgoing: true, Intake: true}
	for _, r := range p.to {
		p.copy.Recipients = append(p.copy.Recipients, r.address)
	}
	return nil
}
