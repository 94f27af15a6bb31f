package mime

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/emersion/go-message/textproto"

	"frontdesk/mail/mime/coding"
)

// Node is an entity of the MIME tree, with byte offsets into the message: exact, also where the message is broken.
type Node struct {
	Header            textproto.Header
	Type              string            // lower case, "text/plain" when missing or unreadable
	Params            map[string]string // of Content-Type, decoded
	Encoding          string            // Content-Transfer-Encoding, lower case, "7bit" when missing
	Disposition       string            // lower case, "" when missing
	DispositionParams map[string]string // decoded
	Start             int64             // of the header
	Body              int64             // of the body
	End               int64             // behind the body; the line break before a boundary isn't part of it
	Lines             int64             // line breaks in the body
	Parts             []*Node
}

// Multipart tells whether Parts are the parts of a multipart; otherwise they hold at most the message inside a message.
func (n *Node) Multipart() bool { return strings.HasPrefix(n.Type, "multipart/") }

// Scan reads a message and returns its tree: broken messages have one too. truncated tells that a limit (MaxDepth, MaxParts,
// MaxHeader) was reached and what is beyond is one part or missing.
func Scan(raw []byte) (root *Node, truncated bool) {
	s := &scanner{raw: raw}
	root, _ = s.entity("", 0)
	return root, s.truncated
}

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

// entity reads one entity: header, body and whatever is inside.
func (s *scanner) entity(parent string, depth int) (*Node, stop) {
	s.parts++
	n := &Node{Start: s.at.offset}
	raw, first, end := s.header(parent != "")
	n.Header = parseHeader(raw)
	n.classify(parent, s.charset)
	s.charset = cmp.Or(n.Params["charset"], s.charset)
	if end == nil {
		end = s.body(n, depth)
	}
	n.Body = max(n.Start, first.offset)
	n.End, n.Lines = max(n.Body, s.cut.offset), max(0, s.cut.lines-first.lines)
	return n, *end
}

func (s *scanner) body(n *Node, depth int) *stop {
	container := n.Multipart() || n.embeds()
	full := depth >= MaxDepth || s.parts >= MaxParts
	s.truncated = s.truncated || container && full
	switch {
	case !container || full:
		return s.skip()
	case n.Multipart():
		return s.multipart(n, depth)
	}
	inner, end := s.entity("", depth+1)
	n.Parts = []*Node{inner}
	return &end
}

// skip reads up to a boundary or the end.
func (s *scanner) skip() *stop {
	for {
		if _, end := s.line(); end != nil {
			return end
		}
	}
}

// maxGuesses is in how many multiparts of a message the boundary is looked for: those are read twice.
const maxGuesses = 8

// multipart reads a multipart. Where its boundary is not in it, the one that is used is.
func (s *scanner) multipart(n *Node, depth int) *stop {
	begin, declared := s.place, strings.TrimRight(n.Params["boundary"], " \t")
	end := s.divided(n, cmp.Or(declared, noBoundary), depth)
	if body := s.raw[begin.at.offset:max(begin.at.offset, s.cut.offset)]; len(n.Parts) == 0 && s.guesses < maxGuesses {
		s.guesses++
		if used := usedBoundary(body, declared == ""); used != "" {
			s.place = begin
			end = s.divided(n, used, depth)
		}
	}
	if len(n.Parts) == 0 { // nothing is lost: it is shown as it is
		n.Type = "text/plain"
	}
	return end
}

// divided reads preamble, parts and epilogue. A boundary of an outer multipart ends it as well.
func (s *scanner) divided(n *Node, boundary string, depth int) *stop {
	level := len(s.boundaries)
	s.boundaries = append(s.boundaries, boundary)
	end := s.skip()
	for end.level == level && !end.closing {
		end = s.part(n, depth)
	}
	s.boundaries = s.boundaries[:level]
	if end.level == level {
		return s.skip()
	}
	return end
}

func (s *scanner) part(n *Node, depth int) *stop {
	if s.parts >= MaxParts {
		s.truncated = true
		return s.skip()
	}
	part, end := s.entity(n.Type, depth+1)
	n.Parts = append(n.Parts, part)
	return &end
}
