package mime

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-message/textproto"
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

// Scan reads a message to its end and returns its tree. The error is one of r; broken messages have a tree too.
// truncated tells that a limit (MaxDepth, MaxParts, MaxHeader) was reached and what is beyond is one part or missing.
func Scan(r io.Reader) (root *Node, truncated bool, err error) {
	s := &scanner{in: bufio.NewReaderSize(r, 8<<10), lineStart: true}
	root, _ = s.entity("", 0)
	if errors.Is(s.err, io.EOF) {
		s.err = nil
	}
	return root, s.truncated, s.err
}

type scanner struct {
	in         *bufio.Reader
	offset     int64    // behind what was read
	lines      int64    // line breaks read
	lineStart  bool     // the next fragment begins a line
	content    mark     // in front of the line break that was read last
	cut        mark     // where the entity that just ended ends
	boundaries []string // of the open multiparts
	charset    string   // of the last text that told one
	parts      int
	truncated  bool
	err        error // io.EOF at the end
}

// mark is a place in the message.
type mark struct{ offset, lines int64 }

// stop says what ended an entity: the boundary of the multipart at that level, or the end of the message (level -1).
type stop struct {
	level   int
	closing bool // the boundary was the last of its multipart
}

// fragment is a line, or a part of a very long one, with its line break; it is valid until the next call.
// At a boundary or the end of the message there is none: end says which, and cut is set.
func (s *scanner) fragment() (line []byte, end *stop) {
	line, err := s.in.ReadSlice('\n')
	if len(line) == 0 {
		s.err = err
		s.cut = mark{s.offset, s.lines}
		return nil, &stop{level: -1}
	}
	before := s.content
	broken := lineBreak(line)
	s.offset += int64(len(line))
	s.content = mark{s.offset - broken, s.lines}
	s.lines += min(broken, 1)
	if s.lineStart {
		end = s.boundary(line)
	}
	s.lineStart = broken > 0
	if end != nil {
		s.cut = before
		return nil, end
	}
	return line, nil
}

// lineBreak is the length of the line break that ends line: 0, 1 or 2.
func lineBreak(line []byte) int64 {
	return int64(len(line) - len(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))))
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
	n := &Node{Start: s.offset}
	raw, end := s.header()
	n.Header = parseHeader(raw)
	n.classify(parent, s.charset)
	s.charset = cmp.Or(n.Params["charset"], s.charset)
	first := mark{s.offset, s.lines}
	if end != nil {
		first = s.cut
	} else {
		end = s.body(n, depth)
	}
	n.Body = max(n.Start, first.offset)
	n.End, n.Lines = max(n.Body, s.cut.offset), max(0, s.cut.lines-first.lines)
	return n, *end
}

// header reads up to the empty line. A boundary or the end of the message ends it as well.
func (s *scanner) header() (raw []byte, end *stop) {
	for {
		begins := s.lineStart
		line, end := s.fragment()
		if end != nil {
			return raw, end
		}
		if begins && len(bytes.TrimRight(line, "\r\n")) == 0 {
			return raw, nil
		}
		if len(raw)+len(line) > MaxHeader {
			s.truncated = true
			continue
		}
		raw = append(raw, line...)
	}
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
		if _, end := s.fragment(); end != nil {
			return end
		}
	}
}

// multipart reads preamble, parts and epilogue. A boundary of an outer multipart ends it as well.
func (s *scanner) multipart(n *Node, depth int) *stop {
	level := len(s.boundaries)
	s.boundaries = append(s.boundaries, cmp.Or(strings.TrimRight(n.Params["boundary"], " \t"), noBoundary))
	end := s.preamble(level)
	for end.level == level && !end.closing {
		end = s.part(n, depth)
	}
	if len(n.Parts) == 0 { // nothing is lost: it is shown as it is
		n.Type = "text/plain"
	}
	s.boundaries = s.boundaries[:level]
	if end.level == level {
		return s.skip()
	}
	return end
}

// noBoundary is that of a multipart which doesn't tell its own: no line is like it.
const noBoundary = "\n"

// preamble reads up to the first part. Where the boundary isn't known it is taken from the first line that looks like one.
func (s *scanner) preamble(level int) *stop {
	for {
		begins := s.lineStart
		line, end := s.fragment()
		if end != nil {
			return end
		}
		if begins && s.boundaries[level] == noBoundary {
			if word, ok := bytes.CutPrefix(bytes.TrimRight(line, " \t\r\n"), []byte("--")); ok && len(word) > 0 && !bytes.ContainsAny(word, " \t") {
				s.boundaries[level] = string(word)
				return &stop{level: level}
			}
		}
	}
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
