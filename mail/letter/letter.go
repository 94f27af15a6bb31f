// Package letter writes mails: what a person typed and attached becomes a message (RFC 5322, RFC 2045).
package letter

import (
	"bytes"
	"errors"
	"io"
	stdmime "mime"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
)

const (
	maxSubject = 900 // bytes
	maxName    = 200 // of a file
	maxChain   = 25  // Message-IDs in References
)

// File is an attachment to be sent. Its type is a claim of the sender's browser.
type File struct {
	Name, Type string
	Data       []byte
}

// Begin is the header of a mail that is written now. The id comes without angle brackets.
func Begin(messageID string, from gomail.Address, subject string) gomail.Header {
	var h gomail.Header
	h.SetDate(time.Now())
	h.SetMessageID(messageID)
	h.SetAddressList("From", []*gomail.Address{&from})
	h.SetSubject(oneLine(subject, maxSubject))
	return h
}

func oneLine(s string, most int) string {
	return strings.Join(strings.Fields(coding.Clean(s, most)), " ")
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

// Write makes the message: plain text, or text and HTML as alternatives; with files, it and they as parts. The HTML
// goes as it is; without text, the text is what it says.
func Write(h gomail.Header, plain, html string, files []File) ([]byte, error) {
	h.Set("Mime-Version", "1.0")
	if strings.TrimSpace(plain) == "" {
		plain = mime.HTMLToText(html)
	}
	var out bytes.Buffer
	open := func(h message.Header) (*message.Writer, error) { return message.CreateWriter(&out, h) }
	if len(files) == 0 {
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
	name = oneLine(name[strings.LastIndexAny(name, `/\`)+1:], maxName)
	if name == "" {
		return "file"
	}
	return name
}

// crlf gives text the line breaks of mail, and a last one.
func crlf(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.ReplaceAll(strings.TrimSuffix(s, "\n")+"\n", "\n", "\r\n")
}
