package imapd

import (
	"bytes"
	"strings"

	"frontdesk/mail/header"
	"frontdesk/mail/mime"
)

// headContains is mime's FieldContains for one of the fields that are kept. Most are in plain ASCII, on one line: those
// are looked at where they stand, since a search does it with all messages of a folder.
func headContains(head []byte, field, text string) bool {
	lower := []byte(strings.ToLower(text))
	if isASCII(lower) && len(lower) > 0 {
		if found, sure := plainContains(head, field, lower); sure {
			return found
		}
	}
	m := mime.Message{Header: mime.ParseHeader(header.Only(head, []string{strings.ToLower(field)}))}
	return m.FieldContains(field, text)
}

// plainContains looks for a text in lower case; sure is false where a field has to be decoded first.
func plainContains(head []byte, field string, text []byte) (found, sure bool) {
	var stripped [512]byte
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		name, value, _ := bytes.Cut(line, []byte(":"))
		if head = rest; !equalFold(bytes.TrimRight(name, " \t"), field) {
			continue
		}
		folded := len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t')
		value = bytes.TrimSpace(value)
		if folded || !isASCII(value) || bytes.Contains(value, []byte("=?")) || len(value) > len(stripped) {
			return false, false
		}
		if containsFold(value, text) {
			return true, true
		}
		// an address may hold comments and white space
		if bytes.IndexByte(text, '@') >= 0 && (bytes.IndexByte(value, '(') >= 0 || bytes.IndexByte(text, ' ') >= 0 ||
			containsFold(withoutSpace(stripped[:0], value), text)) {
			return false, false
		}
	}
	return false, true
}

func withoutSpace(out, value []byte) []byte {
	for _, c := range value {
		if c != ' ' && c != '\t' {
			out = append(out, c)
		}
	}
	return out
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= 0x80 || c == 0 {
			return false
		}
	}
	return true
}

func equalFold(name []byte, field string) bool {
	return len(name) == len(field) && strings.EqualFold(string(name), field)
}

// containsFold tells whether ASCII holds a text that is in lower case.
func containsFold(value, lower []byte) bool {
	for from := 0; from+len(lower) <= len(value); from++ {
		at := 0
		for at < len(lower) && toLower(value[from+at]) == lower[at] {
			at++
		}
		if at == len(lower) {
			return true
		}
	}
	return false
}

func toLower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
