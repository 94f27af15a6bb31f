package mime

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	stdmime "mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"frontdesk/mail/header"
	"frontdesk/mail/mime/coding"
)

// Errors of SevenBit: what can't be said in ASCII.
var (
	// RFC 3463: X.6.7
	ErrAddress = errors.New("an address with letters beyond ASCII before its @ can't be written without SMTPUTF8")
	ErrSealed  = errors.New("a signed or encrypted part can't be written without 8BITMIME") // X.6.3
)

// SevenBit writes a message anew for a server that takes ASCII only (RFC 6152 section 3): header words as RFC 2047 has
// them, domains in A-labels, texts quoted-printable, all else base64. Signatures over the message hold no longer.
func SevenBit(raw []byte) ([]byte, error) {
	root, _ := Scan(raw)
	c := &narrowing{raw: raw}
	if err := c.entity(root, false); err != nil {
		return nil, err
	}
	return c.out.Bytes(), nil
}

type narrowing struct {
	raw []byte
	out bytes.Buffer
}

func narrow(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

func (c *narrowing) entity(n *Node, sealed bool) error {
	content := c.raw[n.Body:n.End]
	if sealed && !narrow(c.raw[n.Start:n.End]) {
		return ErrSealed
	}
	sealed = sealed || n.Type == "multipart/signed" || n.Type == "multipart/encrypted"
	encoding, encoded := "", content
	switch {
	case len(n.Parts) > 0:
		if n.Encoding == "8bit" || n.Encoding == "binary" {
			encoding = "7bit"
		}
	case !narrow(content) || n.Encoding == "8bit" || n.Encoding == "binary":
		encoding, encoded = encode(n, content)
	}
	if err := c.header(n, encoding); err != nil {
		return err
	}
	if len(n.Parts) == 0 {
		c.out.Write(encoded)
		return nil
	}
	return c.parts(n, sealed)
}

// parts writes what is inside an entity, and what stands between.
func (c *narrowing) parts(n *Node, sealed bool) error {
	at := n.Body
	for _, part := range n.Parts {
		c.out.Write(asciiOnly(c.raw[at:part.Start]))
		if err := c.entity(part, sealed); err != nil {
			return err
		}
		at = part.End
	}
	c.out.Write(asciiOnly(c.raw[at:n.End]))
	return nil
}

// encode is a part's content and its new encoding.
func encode(n *Node, content []byte) (encoding string, encoded []byte) {
	if n.Multipart() || narrow(content) && n.Encoding != "binary" { // one without parts can't be encoded
		return "7bit", asciiOnly(content)
	}
	decoded, _ := io.ReadAll(coding.Decode(bytes.NewReader(content), n.Encoding)) // as far as it goes
	var out bytes.Buffer
	if strings.HasPrefix(n.Type, "text/") {
		w := quotedprintable.NewWriter(&out)
		w.Write(decoded) // to memory
		w.Close()
		return "quoted-printable", out.Bytes()
	}
	text := base64.StdEncoding.EncodeToString(decoded)
	for len(text) > 76 {
		out.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	out.WriteString(text)
	return "base64", out.Bytes()
}

// header writes the header of an entity, with another Content-Transfer-Encoding where one is given.
func (c *narrowing) header(n *Node, encoding string) error {
	rest, described := c.raw[n.Start:n.Body], false
	for {
		name, field, next := header.Next(rest)
		if name == "" {
			break
		}
		rest = next
		described = described || name == "content-type"
		if name == "content-transfer-encoding" && encoding != "" {
			continue
		}
		narrowed, err := narrowField(name, field)
		if err != nil {
			return err
		}
		c.out.Write(narrowed)
	}
	if encoding != "" {
		fmt.Fprintf(&c.out, "Content-Transfer-Encoding: %s\r\n", encoding)
	}
	if encoding == "quoted-printable" && !described && utf8.Valid(c.raw[n.Body:n.End]) {
		c.out.WriteString("Content-Type: text/plain; charset=utf-8\r\n")
	}
	c.out.Write(asciiOnly(rest)) // the empty line, and what is no field
	return nil
}

// narrowField is a field in ASCII.
func narrowField(name string, field []byte) ([]byte, error) {
	if narrow(field) {
		return field, nil
	}
	label, value, _ := strings.Cut(coding.UTF8(field, ""), ":")
	value = strings.Join(strings.Fields(value), " ")
	switch name {
	case "from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-to", "resent-cc",
		"disposition-notification-to":
		list, err := narrowPeople(value)
		return []byte(label + ": " + list + "\r\n"), err
	case "content-type", "content-disposition":
		if kind, params, err := stdmime.ParseMediaType(value); err == nil {
			return []byte(label + ": " + strings.ReplaceAll(stdmime.FormatMediaType(kind, params), "; ", ";\r\n\t") +
				"\r\n"), nil
		}
	case "subject", "comments", "keywords", "organization", "content-description", "thread-topic":
		return []byte(label + ": " + words(value) + "\r\n"), nil
	}
	if strings.HasPrefix(name, "x-") {
		return []byte(label + ": " + words(value) + "\r\n"), nil
	}
	return asciiOnly(field), nil
}

// folded has each encoded word on a line of its own (RFC 2047 section 2).
func folded(text string) string { return strings.ReplaceAll(text, "?= =?", "?=\r\n =?") }

func words(text string) string {
	return folded(stdmime.QEncoding.Encode("utf-8", text))
}

// narrowPeople is an address list in ASCII, or ErrAddress.
func narrowPeople(value string) (string, error) {
	people, _ := readPeople(value)
	var list []string
	for _, p := range people {
		address, err := NarrowAddress(p.Address)
		if err != nil {
			return "", err
		}
		entry := netmail.Address{Name: p.Name, Address: address}
		list = append(list, folded(entry.String()))
	}
	return strings.Join(list, ",\r\n\t"), nil
}

// NarrowAddress is an address in ASCII, its domain in A-labels (RFC 5890), or ErrAddress.
func NarrowAddress(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if narrow([]byte(address)) {
		return address, nil
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if at < 0 || err != nil || !narrow([]byte(address[:at])) {
		return "", fmt.Errorf("%s: %w", address, ErrAddress)
	}
	return address[:at+1] + domain, nil
}

// asciiOnly replaces what no field and no gap between parts needs.
func asciiOnly(text []byte) []byte {
	if narrow(text) {
		return text
	}
	return bytes.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, text)
}
