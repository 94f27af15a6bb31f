package imapd

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail"
	"frontdesk/mail/mime"
)

// Append stores a message. An unknown folder is told before the message is read.
func (s *session) Append(name string, r imap.LiteralReader,
	options *imap.AppendOptions) (_ *imap.AppendData, err error) {
	defer s.rescue("append", &err)
	f, err := s.target(name)
	if err != nil {
		return nil, err
	}
	blob, size, err := s.put(&whole{r, s.wire()})
	if errors.Is(err, errTrailing) {
		return nil, &imap.Error{Type: imap.StatusResponseTypeBad,
			Text: "Only one message can be stored at a time, and nothing may follow it"}
	}
	if err != nil {
		return nil, s.fault("append", fmt.Errorf("store message: %w", err))
	}
	ref, err := s.core.box.Append(s.ctx, mail.Addition{
		Mailbox: f.Mailbox, Folder: f.Name, Blob: blob, Size: size, Received: options.Time,
		Flags: flagsOf(options.Flags), Outgoing: f.Use == "Sent" || f.Use == "Drafts",
	})
	if err != nil {
		return nil, s.fault("append", err)
	}
	return &imap.AppendData{UID: imap.UID(ref.UID), UIDValidity: ref.Validity}, nil
}

var errTrailing = errors.New("imapd: more than a message")

// whole is a message that ends with its command: otherwise its end is errTrailing, and it isn't stored.
type whole struct {
	io.Reader
	conn *conn
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if errors.Is(err, io.EOF) && !w.conn.endOfMessage() {
		err = errTrailing
	}
	return n, err
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
