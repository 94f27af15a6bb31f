package mime

import (
	"bytes"

	"frontdesk/mail/mime/coding"
)

type scanner struct {
	raw        []byte
	place               // behind what was read
	cut        mark     // where the entity that just ended ends
	boundaries []string // of the open multiparts
	charset    string   // of the last text that told one
	parts      int
	guesses    int // boundaries that were looked for
	truncated  bool
}

// mark is a place in the message.
type mark struct{ offset, lines int64 }

// place is where the scanner is: it can go back there.
type place struct {
	at      mark
	content mark // in front of the line break that was read last
}

// stop says what ended an entity: the boundary of the multipart at that level, or the end of the message (level -1).
type stop struct {
	level   int
	closing bool // the boundary was the last of its multipart
}

// line is the next one, with its line break. At a boundary or the end of the message there is none: end says which, and
// cut is set.
func (s *scanner) line() (line []byte, end *stop) {
	line = firstLine(s.raw[s.at.offset:])
	if len(line) == 0 {
		s.cut = s.at
		return nil, &stop{level: -1}
	}
	before := s.content
	broken := coding.LineBreak(line)
	s.at.offset += int64(len(line))
	s.content = mark{s.at.offset - broken, s.at.lines}
	s.at.lines += min(broken, 1)
	if end = s.boundary(line); end != nil {
		s.cut = before
		return nil, end
	}
	return line, nil
}

// firstLine of a text, with its line break.
func firstLine(text []byte) []byte {
	if n := bytes.IndexByte(text, '\n') + 1; n > 0 {
		return text[:n]
	}
	return text
}

// boundary tells whether line is one of an open multipart (RFC 2046 section 5.1.1), the innermost first.
func (s *scanner) boundary(line []byte) *stop {
	if !bytes.HasPrefix(line, []byte("--")) {
		return nil
	}
	line = bytes.TrimRight(line[2:], " \t\r\n")
	for level := len(s.boundaries) - 1; level >= 0; level-- {
		rest, ok := bytes.CutPrefix(line, []byte(s.boundaries[level]))
		if ok && (len(rest) == 0 || string(rest) == "--") {
			return &stop{level: level, closing: len(rest) > 0}
		}
	}
	return nil
}
