// Package letter writes mails: what a person typed and attached becomes a message (RFC 5322, RFC 2045).
package letter

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail/mime"
)

const (
	maxSubject = 900 // bytes
	maxChain   = 25  // Message-IDs in References
)

// Begin is the header of a mail that is written now. The id comes without angle brackets.
func Begin(messageID string, from gomail.Address, subject string) gomail.Header {
	var h gomail.Header
	h.SetDate(time.Now())
	h.SetMessageID(messageID)
	h.SetAddressList("From", []*gomail.Address{&from})
	h.SetSubject(oneLine(subject, maxSubject))
	return h
}

// Answer makes a mail the answer to a message (RFC 5322 section 3.6.4).
func Answer(h *gomail.Header, m *mime.Message) {
	if m.MessageID == "" {
		return
	}
	chain := m.References
	if len(chain) == 0 {
		chain = m.InReplyTo
	}
	chain = append(slices.Clone(chain), m.MessageID)
	if len(chain) > maxChain {
		chain = append(chain[:1], chain[len(chain)-maxChain+1:]...) // the first tells the thread, the last the place
	}
	h.SetMsgIDList("In-Reply-To", []string{m.MessageID})
	h.SetMsgIDList("References", chain)
}

// Write makes the message: plain text, or text and HTML as alternatives, the HTML with the pictures it shows; with
// other files, it and they as parts. The HTML goes as it is; without text, the text is what it says.
func Write(h gomail.Header, plain, html string, files []File) ([]byte, error) {
	h.Set("Mime-Version", "1.0")
	if strings.TrimSpace(plain) == "" {
		plain = Plain(html)
	}
	shown, files := apart(html, files)
	b := body{plain: plain, html: html, shown: shown}
	var out bytes.Buffer
	open := func(h message.Header) (*message.Writer, error) { return message.CreateWriter(&out, h) }
	if len(files) == 0 {
		err := b.write(open, h.Header)
		return out.Bytes(), err
	}
	h.SetContentType("multipart/mixed", nil)
	w, err := open(h.Header)
	if err != nil {
		return nil, err
	}
	if err := b.write(w.CreatePart, message.Header{}); err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := writeFile(w, f); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return out.Bytes(), err
}

// opener begins a message, or a part of one, with a header.
type opener func(h message.Header) (*message.Writer, error)

// body is what a mail says.
type body struct {
	plain, html string
	shown       []File // pictures within the HTML
}

func (b body) write(open opener, h message.Header) error {
	if strings.TrimSpace(b.html) == "" {
		return writeText(open, h, "text/plain", b.plain)
	}
	h.SetContentType("multipart/alternative", nil)
	w, err := open(h)
	if err != nil {
		return err
	}
	if err := writeText(w.CreatePart, message.Header{}, "text/plain", b.plain); err != nil {
		return err
	}
	if err := b.writeHTML(w.CreatePart); err != nil {
		return err
	}
	return w.Close()
}

// writeHTML writes the HTML, and with pictures both as parts that belong together (RFC 2387).
func (b body) writeHTML(open opener) error {
	if len(b.shown) == 0 {
		return writeText(open, message.Header{}, "text/html", b.html)
	}
	var h message.Header
	h.SetContentType("multipart/related", map[string]string{"type": "text/html"})
	w, err := open(h)
	if err != nil {
		return err
	}
	if err := writeText(w.CreatePart, message.Header{}, "text/html", b.html); err != nil {
		return err
	}
	for _, f := range b.shown {
		if err := writeFile(w, f); err != nil {
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
	disposition := "attachment"
	if f.ID != "" {
		disposition = "inline"
		h.Set("Content-Id", "<"+f.ID+">")
	}
	h.SetContentDisposition(disposition, map[string]string{"filename": fileName(f.Name)})
	h.Set("Content-Transfer-Encoding", "base64")
	w, err := parent.CreatePart(h)
	if err != nil {
		return err
	}
	_, err = w.Write(f.Data)
	return errors.Join(err, w.Close())
}

// crlf gives text the line breaks of mail, and a last one.
func crlf(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.ReplaceAll(strings.TrimSuffix(s, "\n")+"\n", "\n", "\r\n")
}
