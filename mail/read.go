package mail

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"frontdesk/mail/mime"
	"frontdesk/store"
)

// summary finds a message of one of the user's mailboxes and its blob. ErrNotFound.
func (b *Box) summary(ctx context.Context, user, id string) (s Summary, auto bool, blob string, err error) {
	row := b.db.QueryRow(ctx, `SELECT `+summaryColumns+`, m.auto, m.blob FROM mail_message m
		JOIN mailbox_user u ON u.mailbox = m.mailbox AND u.user_id = $1 WHERE m.id = $2`, user, id)
	s, err = scanSummary(row.Scan, &auto, &blob)
	return s, auto, blob, store.Found(err)
}

// Message reads a message for a user's eyes, with images of the web only where remote is set. ErrNotFound, also for
// what isn't the user's.
func (b *Box) Message(ctx context.Context, user, id string, remote bool) (Message, error) {
	s, auto, blob, err := b.summary(ctx, user, id)
	if err != nil {
		return Message{}, fmt.Errorf("message %s: %w", id, err)
	}
	raw, err := b.bytes(ctx, blob)
	if err != nil {
		return Message{}, fmt.Errorf("message %s: %w", id, err)
	}
	parsed := mime.ParseBytes(raw)
	m := Message{Summary: s, Text: parsed.Text, Auto: auto, Files: []Attachment{}}
	if m.ReplyTo, err = b.replyTo(ctx, parsed, s); err != nil {
		return Message{}, fmt.Errorf("message %s: %w", id, err)
	}
	m.leave(mime.LeaveOf(parsed.Header))
	source := parsed.HTML
	if source == "" {
		source = mime.TextToHTML(parsed.Text)
	}
	m.HTML, m.Remote = b.sanitiser.Sanitise(source, mime.Options{Remote: remote, Inline: inlineImages(raw, parsed)})
	for _, p := range parsed.Parts {
		if !p.Inline {
			m.Files = append(m.Files, Attachment{Part: p.Path, Name: p.Name, Type: p.Type, Size: p.Size})
		}
	}
	return m, nil
}

// leave says how one leaves the list: by a click or a mail only where it is who it says it is, as to others that would
// say that somebody reads here.
func (m *Message) leave(l mime.Leave) {
	if m.Outgoing || m.Draft || m.Verdict.Junk {
		return
	}
	switch m.Leave = l; {
	case m.Verdict.Verified && l.Post != "":
		m.List = "click"
	case m.Verdict.Verified && l.Mail != "":
		m.List = "mail"
	case l.Link != "":
		m.List, m.Link = "link", l.Link
	}
}

// replyTo is whom an answer goes to, none: the author. A machine is not answered when it is known for whom it wrote:
// who filled in the form.
func (b *Box) replyTo(ctx context.Context, m *mime.Message, s Summary) ([]Person, error) {
	named := persons(m.ReplyTo)
	if len(named) > 0 && !m.ReplyTo[0].Machine() {
		return named, nil
	}
	writer, _, err := b.writer(ctx, tellingOf(m), s)
	if err != nil || writer.Address == s.From.Address {
		return named, err
	}
	return []Person{writer}, nil
}

func persons(list []mime.Person) []Person {
	out := []Person{}
	for _, p := range list {
		out = append(out, Person{Name: p.Name, Address: p.Address})
	}
	return out
}

// inlineImages finds the images that the HTML names by Content-ID.
func inlineImages(raw []byte, m *mime.Message) func(id string) (string, bool) {
	return func(id string) (string, bool) {
		for _, p := range m.Parts {
			if p.ID != id || !isImage(p.Type) || p.Size > 4<<20 {
				continue
			}
			_, data, ok := mime.ReadPart(raw, p.Path, 4<<20)
			return "data:" + p.Type + ";base64," + base64.StdEncoding.EncodeToString(data), ok
		}
		return "", false
	}
}

// isImage tells whether a browser shows the type as a picture that can't hold code (SVG can).
func isImage(t string) bool {
	switch t {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}

func (b *Box) bytes(ctx context.Context, blob string) ([]byte, error) {
	r, err := b.blobs.Open(ctx, blob)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, mime.MaxMessage))
}

// Raw reads the bytes of a message for the system itself: it checks no permission. ErrNotFound.
func (b *Box) Raw(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	var blob string
	if err := b.db.QueryRow(ctx, `SELECT blob FROM mail_message WHERE id = $1`, id).Scan(&blob); err != nil {
		return nil, fmt.Errorf("message %s: %w", id, store.Found(err))
	}
	return b.Open(ctx, Stored{ID: id, Blob: blob})
}

// RawOf is Raw of a message of one of the user's mailboxes.
func (b *Box) RawOf(ctx context.Context, user, id string) (io.ReadSeekCloser, error) {
	_, _, blob, err := b.summary(ctx, user, id)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", id, err)
	}
	return b.Open(ctx, Stored{ID: id, Blob: blob})
}

// Attachment reads one attachment, decoded. ErrNotFound. Serve it as a download: its type is the sender's word.
func (b *Box) Attachment(ctx context.Context, user, id, part string) (Attachment, []byte, error) {
	_, _, blob, err := b.summary(ctx, user, id)
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("message %s: %w", id, err)
	}
	raw, err := b.bytes(ctx, blob)
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("message %s: %w", id, err)
	}
	p, data, ok := mime.ReadPart(raw, part, mime.MaxMessage)
	if !ok {
		return Attachment{}, nil, fmt.Errorf("message %s, part %s: %w", id, part, ErrNotFound)
	}
	return Attachment{Part: p.Path, Name: p.Name, Type: p.Type, Size: p.Size}, data, nil
}

// ByMessageID finds a message of a mailbox by its Message-ID header (without angle brackets). ErrNotFound.
func (b *Box) ByMessageID(ctx context.Context, mailboxID, messageID string) (id string, err error) {
	err = b.db.QueryRow(ctx, `SELECT id FROM mail_message WHERE mailbox = $1 AND message_id = $2 ORDER BY received_at + 0 LIMIT 1`,
		mailboxID, strings.Trim(messageID, "<>")).Scan(&id)
	return id, store.Found(err)
}

// MarkAnswered flags the message that a user's mail answers. A message that is gone is no error.
func (b *Box) MarkAnswered(ctx context.Context, user, id string) error {
	err := b.setFlags(ctx, user, []string{id}, true, Flags{Answered: true, Seen: true})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
