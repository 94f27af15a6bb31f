package mime

import (
	"cmp"
	"strings"
)

// Scan reads a message and returns its tree: broken messages have one too. truncated tells that a limit (MaxDepth,
// MaxParts, MaxHeader) was reached and what is beyond is one part or missing.
func Scan(raw []byte) (root *Node, truncated bool) {
	s := &scanner{raw: raw}
	root, _ = s.entity("", 0)
	return root, s.truncated
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
