package mime

import (
	"bytes"
	"fmt"
	"io"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-message/textproto"

	"frontdesk/mail/mime/coding"
)

// MaxMessage is the longest message Parse looks at, in bytes; what is beyond is not read.
const MaxMessage = 128 << 20

// Parse reads a message. The error is one of r; a broken message is read as far as it makes sense.
func Parse(r io.Reader) (*Message, error) {
	var raw bytes.Buffer
	if whole, ok := r.(interface{ Size() int64 }); ok {
		raw.Grow(int(min(whole.Size(), MaxMessage)) + bytes.MinRead)
	}
	if _, err := raw.ReadFrom(io.LimitReader(r, MaxMessage)); err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	return ParseBytes(raw.Bytes()), nil
}

// ParseBytes is Parse of a message in memory.
func ParseBytes(raw []byte) *Message {
	root, truncated := Scan(raw)
	m := ReadHeader(root.Header)
	m.Truncated, m.Head, m.Root = truncated, raw[root.Start:root.Body], root
	c := &content{raw: raw, message: m}
	c.walk(root, nil, false)
	c.finish()
	return m
}

// Under is the message as it reads under another whole header, which says the same of its content, its people, its
// subject and its date, and of what it answers.
func (m *Message) Under(head []byte) *Message {
	n := *m
	n.Head, n.Header = head, headerOf(head)
	if m.Root != nil {
		n.Root = m.Root.moved(int64(len(head) - len(m.Head)))
		n.Root.Start, n.Root.Header = m.Root.Start, n.Header
	}
	n.readID()
	n.Auto = n.isAuto()
	return &n
}

// ReadHeader reads only the header of a message.
func ReadHeader(h textproto.Header) *Message {
	m := &Message{Header: h}
	m.readID()
	m.InReplyTo, m.References = MessageIDs(h, "In-Reply-To"), MessageIDs(h, "References")
	m.From, m.Sender, m.ReplyTo = People(h, "From"), People(h, "Sender"), People(h, "Reply-To")
	m.To, m.Cc = People(h, "To"), People(h, "Cc")
	m.Subject, m.Date = Subject(h), Date(h)
	m.Auto = m.isAuto()
	return m
}

func (m *Message) readID() {
	if ids := MessageIDs(m.Header, "Message-Id"); len(ids) > 0 {
		m.MessageID = ids[0]
	}
}

// Subject of a header, decoded.
func Subject(h textproto.Header) string {
	_, params := parseValue(h.Get("Content-Type"), "")
	return coding.Field(h.Get("Subject"), params["charset"])
}

// Date of a header; zero when missing or unreadable.
func Date(h textproto.Header) time.Time {
	t, _ := netmail.ParseDate(h.Get("Date"))
	return t
}

// FieldContains tells whether a header field (any, where key is "") contains s, without regard to case, after decoding.
// An empty s asks whether the field is there.
func (m *Message) FieldContains(key, s string) bool {
	s = strings.ToLower(s)
	for fields := m.Header.Fields(); fields.Next(); {
		if key != "" && !strings.EqualFold(fields.Key(), key) {
			continue
		}
		value := strings.ToLower(coding.Words(fields.Value()))
		if strings.Contains(value, s) || strings.Contains(s, "@") && strings.Contains(bareOf(value), s) {
			return true
		}
	}
	return false
}

// bareOf is an address list without comments and white space, which may stand within an address (RFC 5322 section 4.4).
func bareOf(value string) string {
	var b strings.Builder
	open := unclosed(0)
	for at := 0; at < len(value); at++ {
		if value[at] == '(' {
			if _, n := open.enclosed(value[at:]); n > 0 {
				at += n - 1
				continue
			}
		}
		if !strings.ContainsRune(" \t\r\n", rune(value[at])) {
			b.WriteByte(value[at])
		}
	}
	return b.String()
}

// content collects what is shown and what is attached.
type content struct {
	raw        []byte
	message    *Message
	text, html strings.Builder
	sawHTML    bool
	spare      *container // the first of TNEF
}

func (c *content) walk(n *Node, path []int, alternative bool) {
	if !n.Multipart() {
		c.leaf(n, path, alternative)
		return
	}
	for i, part := range n.Parts {
		c.walk(part, append(path[:len(path):len(path)], i+1), alternative || n.Type == "multipart/alternative")
	}
}

func (c *content) leaf(n *Node, path []int, alternative bool) {
	shown, kind := n.Disposition != "attachment", n.form(alternative)
	unnamed := shown && n.FileName() == ""
	only := shown && len(path) == 0
	switch {
	case (unnamed || only) && kind == plain:
		c.addText(c.readPlain(n, path), alternative)
	case unnamed && isReport(n.Type): // what a bounce tells
		c.addText(c.read(n, c.decoded(n)), alternative)
	case shown && kind == hypertext:
		c.addHTML(c.read(n, c.decoded(n)), alternative)
	default:
		c.attach(n, path)
	}
}

// addText and addHTML keep both forms of the message whole: a part that has no alternative is added to the other form
// too.
func (c *content) addText(text string, alternative bool) {
	c.addTo(&c.text, text, "\n")
	if !alternative {
		c.addTo(&c.html, TextToHTML(text), "<br>")
	}
}

func (c *content) addHTML(html string, alternative bool) {
	c.sawHTML = true
	c.addTo(&c.html, html, "<br>")
	if !alternative {
		c.addTo(&c.text, HTMLToText(html), "\n")
	}
}

func (c *content) addTo(b *strings.Builder, s, separator string) {
	if b.Len() > 0 {
		b.WriteString(separator)
	}
	room := max(0, coding.MaxText-b.Len())
	c.message.Truncated = c.message.Truncated || len(s) > room
	b.WriteString(coding.Clip(s, room))
}

func (c *content) decoded(n *Node) []byte { return n.decode(c.raw) }

// decode undoes the transfer encoding of a leaf; a broken one ends early.
func (n *Node) decode(raw []byte) []byte {
	body := raw[n.Body:n.End:n.End]
	in := bytes.NewReader(body)
	if out := coding.Decode(in, n.Encoding); out != in {
		body, _ = io.ReadAll(out)
	}
	return body
}

// readPlain reads a text and lists the files that are uuencoded in it.
func (c *content) readPlain(n *Node, path []int) string {
	body := c.decoded(n)
	rest, files := cutUU(body)
	c.list(files, path)
	return c.read(n, rest)
}

func (c *content) list(files []file, path []int) {
	for i, f := range files {
		c.message.Parts = append(c.message.Parts, f.part(PathString(path), i+1))
	}
}

// text decodes the charset of a body.
func (c *content) read(n *Node, body []byte) string {
	if len(body) > coding.MaxText {
		body, c.message.Truncated = body[:coding.MaxText], true
	}
	charset := n.Params["charset"]
	if n.form(false) == hypertext {
		charset = coding.HTMLCharset(body, charset)
	}
	return strings.ReplaceAll(coding.UTF8(body, charset), "\r\n", "\n")
}

func (c *content) attach(n *Node, path []int) {
	name := n.FileName()
	if head := make([]byte, len(tnefSignature)); c.begins(n, head) && n.isTNEF(head) {
		t := parseTNEF(c.decoded(n))
		if c.spare == nil {
			c.spare = &t
		}
		if c.list(t.files, path); len(t.files) > 0 {
			return
		}
	}
	if n.Type == "message/rfc822" && name == "" && len(n.Parts) == 1 {
		name = fileName(coding.Words(n.Parts[0].Header.Get("Subject"))) + ".eml"
	}
	size, _ := io.Copy(io.Discard, coding.Decode(bytes.NewReader(c.raw[n.Body:n.End]), n.Encoding))
	c.message.Parts = append(c.message.Parts, Part{
		Path: PathString(path), Name: name, Type: n.Type, Size: size, Inline: n.Disposition == "inline" && name == "",
		ID: n.contentID(),
	})
}

// begins reads the first bytes of a body; false when it is shorter.
func (c *content) begins(n *Node, head []byte) bool {
	_, err := io.ReadFull(coding.Decode(bytes.NewReader(c.raw[n.Body:n.End]), n.Encoding), head)
	return err == nil
}

func (n *Node) contentID() string {
	return strings.Trim(strings.TrimSpace(n.Header.Get("Content-Id")), "<>")
}

// addSpare shows the text of a TNEF container where the message has no other.
func (c *content) addSpare() {
	if c.spare == nil || strings.TrimSpace(c.text.String()+c.html.String()) != "" {
		return
	}
	if c.spare.html != "" {
		c.addHTML(c.spare.html, c.spare.text != "")
	}
	if c.spare.text != "" {
		c.addText(strings.ReplaceAll(c.spare.text, "\r\n", "\n"), c.spare.html != "")
	}
}

func (c *content) finish() {
	c.addSpare()
	m := c.message
	m.Text = c.text.String()
	if c.sawHTML {
		m.HTML = c.html.String()
	}
	if strings.TrimSpace(m.Text) == "" {
		m.Text = HTMLToText(m.HTML)
	}
	for i, p := range m.Parts {
		m.Parts[i].Inline = p.Inline || p.ID != "" && strings.Contains(m.HTML, "cid:"+p.ID)
	}
	m.Snippet = Snippet(m.Text)
	if m.mayBeForm() {
		m.Filled = formAuthor(m.Text)
		m.Auto = m.isAuto()
	}
}

// PathString is the IMAP number of a part: "2.1"; "1" for the body of a message without parts.
func PathString(path []int) string {
	if len(path) == 0 {
		return "1"
	}
	numbers := make([]string, len(path))
	for i, n := range path {
		numbers[i] = strconv.Itoa(n)
	}
	return strings.Join(numbers, ".")
}

// Find is the part with an IMAP number (RFC 9051 section 6.4.5.1), or nil. An empty path is the message itself.
func (n *Node) Find(path []int) *Node {
	current := n
	for i, number := range path {
		if i > 0 && !current.Multipart() && len(current.Parts) == 1 {
			current = current.Parts[0] // a number inside a message counts its parts
		}
		switch {
		case current.Multipart() && number >= 1 && number <= len(current.Parts):
			current = current.Parts[number-1]
		case current.Multipart() || number != 1:
			return nil
		}
	}
	return current
}

// ReadPart returns the decoded content of a part listed by Parse, or of another with an IMAP number, at most max bytes
// of it; false when there is none.
func ReadPart(raw []byte, path string, max int64) (Part, []byte, bool) {
	outer, number, within := strings.Cut(path, "~")
	numbers, ok := parsePath(outer)
	if !ok {
		return Part{}, nil, false
	}
	root, _ := Scan(raw)
	n := root.Find(numbers)
	if n == nil || n.Multipart() {
		return Part{}, nil, false
	}
	data := n.decode(raw)
	if within {
		return readInside(n.inside(data), outer, number, max)
	}
	data = data[:min(int64(len(data)), max)]
	return Part{Path: path, Name: n.FileName(), Type: n.Type, Size: int64(len(data)), Inline: n.Disposition == "inline",
		ID: n.contentID()}, data, true
}

func readInside(files []file, outer, number string, max int64) (Part, []byte, bool) {
	i, err := strconv.Atoi(number)
	if err != nil || i < 1 || i > len(files) {
		return Part{}, nil, false
	}
	data := files[i-1].data
	return files[i-1].part(outer, i), data[:min(int64(len(data)), max)], true
}

func parsePath(path string) (numbers []int, ok bool) {
	for _, word := range strings.Split(path, ".") {
		n, err := strconv.Atoi(word)
		if err != nil || len(numbers) > MaxDepth {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}

// ReadHead reads the header at the start of a message, as Parse does.
func ReadHead(message io.Reader) (*Message, error) {
	raw, err := io.ReadAll(io.LimitReader(message, MaxHeader+1))
	if err != nil {
		return nil, err
	}
	return ReadHeader(headerOf(raw)), nil
}

// headerOf is the header at the start of a message.
func headerOf(raw []byte) textproto.Header {
	fields, _, _ := (&scanner{raw: raw}).header(false)
	return parseHeader(fields)
}
