package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	stdmime "mime"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

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

const (
	maxRecipients = 200
	maxChain      = 25 // Message-IDs in References
)

// ErrRecipients is the error of a draft with no recipient, too many, or an unreadable one.
var ErrRecipients = errors.New("give between 1 and 200 valid recipient addresses")

// Compose builds the mail of a draft. ErrNotOurs when the user may not send as From, ErrRecipients, ErrNotFound when
// the message it answers isn't the user's.
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
	var h gomail.Header
	h.SetDate(time.Now())
	h.SetMessageID(c.MessageID)
	h.SetAddressList("From", []*gomail.Address{{Name: mailbox.Name, Address: from}})
	h.SetSubject(oneLine(d.Subject))
	if c.To, err = recipients(&h, d); err != nil {
		return c, fmt.Errorf("compose: %w", err)
	}
	if err := b.answers(ctx, user, &h, d.Reply); err != nil {
		return c, fmt.Errorf("compose: %w", err)
	}
	c.Raw, err = b.write(h, d)
	return c, err
}

func oneLine(s string) string { return strings.Join(strings.Fields(text(s, 900)), " ") }

// recipients sets To and Cc, and returns all of the envelope, Bcc included.
func recipients(h *gomail.Header, d Draft) (all []string, err error) {
	for key, list := range map[string][]string{"To": d.To, "Cc": d.Cc, "Bcc": d.Bcc} {
		var parsed []*gomail.Address
		for _, item := range list {
			a, err := netmail.ParseAddress(item)
			if err != nil || len(a.Address) > 254 {
				return nil, fmt.Errorf("%q: %w", item, ErrRecipients)
			}
			parsed = append(parsed, (*gomail.Address)(a))
			if !slices.ContainsFunc(all, func(o string) bool { return strings.EqualFold(o, a.Address) }) {
				all = append(all, a.Address)
			}
		}
		if key != "Bcc" && len(parsed) > 0 {
			h.SetAddressList(key, parsed)
		}
	}
	if len(all) == 0 || len(all) > maxRecipients {
		return nil, ErrRecipients
	}
	slices.Sort(all)
	return all, nil
}

// answers sets In-Reply-To and References (RFC 5322 section 3.6.4).
func (b *Box) answers(ctx context.Context, user string, h *gomail.Header, id string) error {
	if id == "" {
		return nil
	}
	_, _, blob, err := b.summary(ctx, user, id)
	if err != nil {
		return fmt.Errorf("message %s: %w", id, err)
	}
	answered, err := b.parse(ctx, blob)
	if err != nil || answered.MessageID == "" {
		return err
	}
	chain := answered.References
	if len(chain) == 0 {
		chain = answered.InReplyTo
	}
	chain = append(slices.Clone(chain), answered.MessageID)
	if len(chain) > maxChain {
		chain = append(chain[:1], chain[len(chain)-maxChain+1:]...) // the first tells the thread, the last the place
	}
	h.SetMsgIDList("In-Reply-To", []string{answered.MessageID})
	h.SetMsgIDList("References", chain)
	return nil
}

// write makes the body: plain text, or text and HTML as alternatives; with files, it and they as parts.
func (b *Box) write(h gomail.Header, d Draft) ([]byte, error) {
	h.Set("Mime-Version", "1.0")
	html, _ := b.sanitiser.Sanitise(d.HTML, mime.Options{Remote: true})
	plain := d.Text
	if strings.TrimSpace(plain) == "" {
		plain = mime.HTMLToText(html)
	}
	var out bytes.Buffer
	open := func(h message.Header) (*message.Writer, error) { return message.CreateWriter(&out, h) }
	if len(d.Files) == 0 {
		err := writeBody(open, h.Header, plain, html)
		return out.Bytes(), err
	}
	h.SetContentType("multipart/mixed", nil)
	w, err := open(h.Header)
	if err != nil {
		return nil, err
	}
	if err := writeBody(w.CreatePart, message.Header{}, plain, html); err != nil {
		return nil, err
	}
	for _, f := range d.Files {
		if err := writeFile(w, f); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return out.Bytes(), err
}

// opener begins a message, or a part of one, with a header.
type opener func(h message.Header) (*message.Writer, error)

func writeBody(open opener, h message.Header, plain, html string) error {
	if strings.TrimSpace(html) == "" {
		return writeText(open, h, "text/plain", plain)
	}
	h.SetContentType("multipart/alternative", nil)
	w, err := open(h)
	if err != nil {
		return err
	}
	for _, part := range []struct{ kind, content string }{{"text/plain", plain}, {"text/html", html}} {
		if err := writeText(w.CreatePart, message.Header{}, part.kind, part.content); err != nil {
			return err
		}
	}
	return w.Close()
}

func writeText(open opener, h message.Header, kind, content string) error {
	h.SetContentType(kind, map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	w, err := open(h)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, crlf(content))
	return errors.Join(err, w.Close())
}

// writeFile attaches a file, byte for byte.
func writeFile(parent *message.Writer, f File) error {
	var h message.Header
	h.SetContentType(fileType(f.Type), nil)
	h.SetContentDisposition("attachment", map[string]string{"filename": fileName(f.Name)})
	h.Set("Content-Transfer-Encoding", "base64")
	w, err := parent.CreatePart(h)
	if err != nil {
		return err
	}
	_, err = w.Write(f.Data)
	return errors.Join(err, w.Close())
}

// fileType is the type of an attachment without parameters. Mails and multiparts can't be base64 (RFC 2046 sections 5.1
// and 5.2.1), so they go as plain bytes.
func fileType(claimed string) string {
	kind, _, err := stdmime.ParseMediaType(claimed)
	if err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "message/") ||
		strings.HasPrefix(kind, "multipart/") {
		return "application/octet-stream"
	}
	return kind
}

// fileName is the last element of a name, in one line.
func fileName(name string) string {
	name = oneLine(name[strings.LastIndexAny(name, `/\`)+1:])
	if name == "" {
		return "file"
	}
	return text(name, 200)
}

// crlf gives text the line breaks of mail, and a last one.
func crlf(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.ReplaceAll(strings.TrimSuffix(s, "\n")+"\n", "\n", "\r\n")
}
