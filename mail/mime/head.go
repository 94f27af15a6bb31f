package mime

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// ParseHeader reads the fields of a header that stands alone.
func ParseHeader(raw []byte) textproto.Header { return parseHeader(raw) }

// parseHeader reads header fields and passes over lines that are none.
func parseHeader(raw []byte) textproto.Header {
	var clean bytes.Buffer
	inField := false
	for line := range bytes.Lines(raw) {
		if line[0] != ' ' && line[0] != '\t' {
			inField = isHeaderField(line)
		}
		if inField {
			clean.Write(bytes.TrimRight(line, "\r\n"))
			clean.WriteString("\r\n")
		}
	}
	clean.WriteString("\r\n")
	in := bufio.NewReaderSize(&clean, min(clean.Len(), 4<<10))
	header, _ := textproto.ReadHeader(in) // only whole fields are left
	return header
}

func isHeaderField(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	return ok && len(name) > 0 && !bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 127 })
}

// header reads the fields of an entity, and where its body begins: behind the empty line, or where a sender forgot
// that, with the first line of its text. A boundary or the end of the message ends it as well. inside tells a part of a
// multipart.
func (s *scanner) header(inside bool) (fields []byte, body mark, end *stop) {
	h := &headReader{scanner: s, inside: inside, start: s.at.offset}
	for {
		before := s.place
		line, end := s.line()
		switch {
		case end != nil:
			fields, body = h.ended()
			return fields, body, end
		case isEmpty(line):
			return h.fields, s.at, nil
		case h.isText(line):
			s.place = before
			h.certainly()
			return h.fields, s.at, nil
		}
		h.add(line, before)
	}
}

// headReader reads one header.
type headReader struct {
	*scanner
	inside  bool
	start   int64
	fields  []byte
	ahead   int64  // behind a field that was seen ahead
	strange *place // the first line that is a field by its look only
	certain int    // length of fields before that
}

func (h *headReader) add(line []byte, at place) {
	if h.at.offset-h.start > MaxHeader {
		h.truncated = true
		return
	}
	if h.strange == nil && !isFolded(line) && !h.goesOn(line) && !isKnownField(line, h.inside) {
		h.strange, h.certain = &at, len(h.fields)
	}
	if h.goesOn(line) {
		h.fields = append(h.fields, ' ')
	}
	h.fields = append(h.fields, line...)
}

// goesOn tells the parameter of a field that is folded without white space.
func (h *headReader) goesOn(line []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(h.fields, " \t\r\n"), []byte(";")) && !isHeaderField(line) &&
		parameter.Match(line)
}

var parameter = regexp.MustCompile(`^[A-Za-z-]{1,30}(\*\d*\*?)?[ \t]*=`)

// certainly takes the text to begin with a word and a colon, where it is a part's and no part has such a field.
func (h *headReader) certainly() {
	if h.inside && h.strange != nil {
		h.fields, h.place = h.fields[:h.certain], *h.strange
	}
}

// ended is a header that no empty line ends. A part then has no text, or its text begins with a word and a colon.
func (h *headReader) ended() ([]byte, mark) {
	if h.inside && h.strange != nil {
		return h.fields[:h.certain], h.strange.at
	}
	return h.fields, h.cut
}

// isText tells whether a line is no field, and none comes before the next empty line. Of what is behind a line that
// looks like a boundary, only what no part has is one.
func (h *headReader) isText(line []byte) bool {
	dashes := bytes.HasPrefix(line, []byte("--"))
	if isFolded(line) && len(h.fields) > 0 || isHeaderField(line) || h.goesOn(line) ||
		!dashes && h.at.offset <= h.ahead {
		return false
	}
	for at := h.at.offset; at-h.start < MaxHeader; {
		next := firstLine(h.raw[at:])
		if isEmpty(next) || h.boundary(next) != nil {
			return true
		}
		at += int64(len(next))
		if isKnownField(next, h.inside) && !(dashes && isKnownField(next, true)) {
			h.ahead = at
			return false
		}
	}
	return h.at.offset-h.start < MaxHeader
}

func isEmpty(line []byte) bool { return len(bytes.TrimRight(line, "\r\n")) == 0 }

func isFolded(line []byte) bool { return line[0] == ' ' || line[0] == '\t' }

// isKnownField tells whether a line begins a field that mails have, or parts of them (RFC 2046 section 5.1).
func isKnownField(line []byte, inside bool) bool {
	if !isHeaderField(line) {
		return false
	}
	name, _, _ := bytes.Cut(line, []byte(":"))
	switch word := strings.ToLower(string(bytes.TrimRight(name, " \t"))); word {
	case "mime-version":
		return true
	case "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
		"received", "return-path",
		"delivered-to", "dkim-signature", "authentication-results", "precedence", "auto-submitted", "user-agent",
		"importance", "priority":
		return !inside
	default:
		begins := func(prefix string) bool { return strings.HasPrefix(word, prefix) }
		return begins("content-") || begins("x-") || !inside && (begins("list-") || begins("resent-") || begins("arc-"))
	}
}
