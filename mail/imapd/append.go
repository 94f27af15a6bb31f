package imapd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/imap"
	"frontdesk/mail/mime"
)

// addition is a message to be stored.
type addition struct {
	name     string // of the folder
	flags    []string
	received time.Time
	end      string // of the command, behind the message
}

// append stores a message. What is wrong with the command, and an unknown folder, are told before the message is read.
func (s *session) append(c *imap.Command) (string, error) {
	add, f, err := s.destination(c)
	if err != nil {
		if c.Message == nil {
			return "", err
		}
		return "", s.declined(c.Message, err)
	}
	s.conn.SetReadDeadline(time.Now().Add(messageTimeout))
	message, err := s.in.Accept(c.Message)
	if err != nil {
		return "", errors.Join(errConn, err)
	}
	blob, size, failed := s.put(message)
	if _, err := io.Copy(io.Discard, message); err != nil {
		return "", errors.Join(errConn, err)
	}
	rest, err := s.in.End()
	switch {
	case err != nil:
		return "", errors.Join(errConn, err)
	case failed != nil:
		return "", s.fault("append", fmt.Errorf("store message: %w", failed))
	case strings.TrimSpace(rest) != add.end:
		return "", imap.Bad("Only one message can be stored at a time, and nothing may follow it")
	}
	ref, err := s.core.box.Append(s.ctx, mail.Addition{
		Mailbox: f.Mailbox, Folder: f.Name, Blob: blob, Size: size, Received: add.received,
		Flags: flagsOf(add.flags), Outgoing: f.Use == "Sent" || f.Use == "Drafts",
	})
	if err != nil {
		return "", s.fault("append", err)
	}
	return fmt.Sprintf("APPENDUID %d %d", ref.Validity, ref.UID), nil
}

// declined passes over a message that isn't stored; why is told first.
func (s *session) declined(l *imap.Literal, why error) error {
	if err := s.in.Refuse(l); err != nil {
		return &lost{told: status(why), err: err}
	}
	return why
}

// destination reads a command up to its message.
func (s *session) destination(c *imap.Command) (add addition, f mail.Folder, err error) {
	a := c.Args
	a.Space()
	add.name = a.Mailbox()
	a.Space()
	if a.Optional(func() { add.flags = append(add.flags, a.Flag()) }) {
		a.Space()
	}
	if a.Quotes() {
		add.received = a.DateTime()
		a.Space()
	}
	if a.Left() {
		if a.Keyword() != "UTF8" { // RFC 6855 section 4
			a.Fail("Unknown kind of message")
		}
		a.Space()
		a.Expect('(')
		add.end = ")"
	}
	if c.Message == nil {
		a.Fail("The message must be a literal")
	}
	if err := a.End(); err != nil {
		return add, f, err
	}
	if c.Message.Size > s.maxMessage() {
		return add, f, imap.No("TOOBIG", "A message has at most "+s.appendLimit()+" bytes")
	}
	f, err = s.target(add.name)
	return add, f, err
}

// put stores the bytes of a message, without NUL.
func (s *session) put(r io.Reader) (blob string, size int64, err error) {
	watch := &nulWatch{Reader: r}
	blob, size, err = s.core.box.PutBlob(s.ctx, watch)
	if err != nil || !watch.seen {
		return blob, size, err
	}
	stored, err := s.core.box.Open(s.ctx, mail.Stored{Blob: blob})
	if err != nil {
		return "", 0, err
	}
	defer stored.Close()
	raw, err := io.ReadAll(io.LimitReader(stored, mime.MaxMessage))
	if err != nil {
		return "", 0, err
	}
	return s.core.box.PutBlob(s.ctx, bytes.NewReader(mime.WithoutNUL(raw)))
}

// nulWatch notes whether a NUL passes.
type nulWatch struct {
	io.Reader
	seen bool
}

func (w *nulWatch) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.seen = w.seen || bytes.IndexByte(p[:n], 0) >= 0
	return n, err
}
