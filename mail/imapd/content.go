package imapd

import (
	"bytes"
	"io"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/imap"
	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
)

// content is a message in memory with its tree.
type content struct {
	raw  []byte
	root *mime.Node
}

// keptAnswer is what is asked for of what is kept of a message, which may be more; all is false where the message must
// be read.
func keptAnswer(m mail.Stored, f *imap.Fetch) (a *answer, all bool) {
	a = &answer{}
	if f.Body || f.Envelope && m.Envelope == nil || f.Structure && m.Structure == nil {
		return nil, false
	}
	if len(f.Sections) > 0 && m.Head == nil {
		return nil, false
	}
	if f.Envelope {
		a.envelope = m.Envelope
	}
	if f.Structure {
		a.structure = m.Structure
	}
	for i := range f.Sections {
		item := &f.Sections[i]
		a.sections = append(a.sections, partial(headerFields(m.Head, item.Fields, item.Not), item))
	}
	return a, true
}

// content reads a message.
func (s *session) content(m mail.Stored) (*content, error) {
	r, err := s.core.box.Open(s.ctx, m)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, mime.MaxMessage))
	if err != nil {
		return nil, err
	}
	return newContent(raw), nil
}

func newContent(raw []byte) *content {
	root, _ := mime.Scan(raw)
	return &content{raw: raw, root: root}
}

// answer is all that FETCH says of a message's content: whole before its first byte is written, for a line that was
// begun must be ended.
type answer struct {
	envelope, structure, body []byte
	sections                  [][]byte // as Fetch.Sections
}

func (c *content) answer(f *imap.Fetch) *answer {
	a := &answer{}
	if f.Envelope {
		a.envelope = imap.AppendEnvelope(nil, c.root.Header)
	}
	if f.Structure {
		a.structure = imap.AppendStructure(nil, c.root, true)
	}
	if f.Body {
		a.body = imap.AppendStructure(nil, c.root, false)
	}
	for i := range f.Sections {
		item := &f.Sections[i]
		data := []byte(nil)
		if item.Binary || item.SizeOf {
			data = c.decoded(item.Part)
		} else {
			data = c.section(item)
		}
		a.sections = append(a.sections, partial(data, item))
	}
	return a
}

func partial(data []byte, item *imap.Section) []byte {
	if !item.Partial {
		return data
	}
	size := int64(len(data))
	from := min(item.From, size)
	return data[from:min(from+min(item.N, size), size)]
}

// section cuts what BODY[…] names (RFC 9051 section 6.4.5) out of the message, byte for byte; nothing where there is
// none.
func (c *content) section(item *imap.Section) []byte {
	n := c.root.Find(item.Part)
	if n == nil {
		return nil
	}
	switch item.What {
	case "":
		if len(item.Part) == 0 {
			return c.raw
		}
		return c.raw[n.Body:n.End]
	case "MIME":
		return c.raw[n.Start:n.Body]
	}
	if len(item.Part) > 0 { // HEADER and TEXT are of the message inside the part
		if n.Multipart() || len(n.Parts) == 0 {
			return nil
		}
		n = n.Parts[0]
	}
	if item.What == "TEXT" {
		return c.raw[n.Body:n.End]
	}
	return headerFields(c.raw[n.Start:n.Body], item.Fields, item.Not)
}

// headerFields keeps the fields of a raw header that are asked for, or all others, with its empty line.
func headerFields(raw []byte, fields []string, others bool) []byte {
	if len(fields) == 0 {
		return raw
	}
	var out []byte
	keep := false
	for line := range bytes.Lines(raw) {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(string(line), ":")
			name = strings.TrimRight(name, " \t\r\n")
			keep = name != "" && hasFold(fields, name) != others
		}
		if keep {
			out = append(out, line...)
		}
	}
	return append(out, "\r\n"...)
}

func (c *content) decoded(path []int) []byte {
	n := c.root.Find(path)
	if n == nil {
		return nil
	}
	if len(path) == 0 {
		return c.raw
	}
	data, _ := io.ReadAll(coding.Decode(bytes.NewReader(c.raw[n.Body:n.End]), n.Encoding))
	return data
}
