package imap

import (
	"fmt"
	"strings"
)

// Fetch is what FETCH asks of each message.
type Fetch struct {
	UID, Flags, ModSeq, Received, Size bool
	Envelope, Structure, Body          bool // BODYSTRUCTURE, and BODY without its extension data
	Sections                           []Section
	ChangedSince                       int64 // only those with a higher mod-sequence (RFC 7162 section 3.1.4); -1: all
	Vanished                           bool  // tell what left since then, too (RFC 7162 section 3.2.6)
}

// Section is a piece of a message: BODY[…], BINARY[…], BINARY.SIZE[…] or one of the old items that mean the same.
type Section struct {
	Label   string // of the answer
	Binary  bool   // decoded (RFC 3516)
	SizeOf  bool   // BINARY.SIZE
	Peek    bool   // doesn't make the message seen
	Part    []int
	What    string   // "", HEADER, TEXT or MIME
	Fields  []string // of a HEADER: only these, in any case
	Not     bool     // all but Fields
	Partial bool
	From, N int64 // of a partial one: where it begins, how many bytes it has at most
}

// Fetch takes what FETCH asks for, up to the end.
func (a *Args) Fetch() *Fetch {
	f := &Fetch{ChangedSince: -1}
	if !a.Optional(func() { f.item(a, a.item()) }) && a.err == nil {
		f.macro(a)
	}
	if a.Skip(' ') {
		a.List(func() { f.modifier(a) })
	}
	if f.Vanished && f.ChangedSince < 0 {
		a.Fail("VANISHED goes with CHANGEDSINCE only")
	}
	return f
}

func (f *Fetch) modifier(a *Args) {
	switch a.Keyword() {
	case "CHANGEDSINCE":
		a.Space()
		f.ChangedSince, f.ModSeq = a.Number(), true
	case "VANISHED":
		f.Vanished = true
	default:
		a.Fail("Unknown modifier of FETCH")
	}
}

func (a *Args) item() string {
	return strings.ToUpper(a.word(func(c byte) bool { return isAtom(c) && c != '[' && c != '<' }, "a data item"))
}

func (f *Fetch) macro(a *Args) {
	switch name := a.item(); name {
	case "ALL":
		f.Flags, f.Received, f.Size, f.Envelope = true, true, true, true
	case "FAST":
		f.Flags, f.Received, f.Size = true, true, true
	case "FULL":
		f.Flags, f.Received, f.Size, f.Envelope, f.Body = true, true, true, true, true
	default:
		f.item(a, name)
	}
}

func (f *Fetch) item(a *Args, name string) {
	switch name {
	case "UID":
		f.UID = true
	case "FLAGS":
		f.Flags = true
	case "MODSEQ":
		f.ModSeq = true
	case "INTERNALDATE":
		f.Received = true
	case "RFC822.SIZE":
		f.Size = true
	case "ENVELOPE":
		f.Envelope = true
	case "BODYSTRUCTURE":
		f.Structure = true
	default:
		f.section(a, name)
	}
}

func (f *Fetch) section(a *Args, name string) {
	s := Section{Label: name}
	switch name {
	case "RFC822":
	case "RFC822.PEEK": // of Outlook
		s.Peek = true
	case "RFC822.HEADER":
		s.What, s.Peek = "HEADER", true
	case "RFC822.TEXT":
		s.What = "TEXT"
	case "BODY":
		if a.next() != '[' {
			f.Body = true
			return
		}
		s.body(a)
	case "BODY.PEEK":
		s.Peek = true
		s.body(a)
	case "BINARY", "BINARY.PEEK":
		s.Binary, s.Peek = true, name == "BINARY.PEEK"
		s.inBrackets(a, "BINARY", func() { s.path(a) })
		s.partial(a)
	case "BINARY.SIZE":
		s.SizeOf, s.Peek = true, true
		s.inBrackets(a, name, func() { s.path(a) })
	default:
		a.Fail("Unknown data item of FETCH")
	}
	f.Sections = append(f.Sections, s)
}

// inBrackets takes what stands there; the answer says it as the client did.
func (s *Section) inBrackets(a *Args, name string, inside func()) {
	from := a.at
	a.Expect('[')
	if !a.Skip(']') {
		inside()
		a.Expect(']')
	}
	if a.err == nil {
		s.Label = name + string(a.text[from:a.at])
	}
}

func (s *Section) body(a *Args) {
	s.inBrackets(a, "BODY", func() {
		if s.path(a); len(s.Part) == 0 || a.Skip('.') {
			s.specifier(a)
		}
	})
	s.partial(a)
}

// path takes the numbers of a part, and leaves the dot before a word.
func (s *Section) path(a *Args) {
	for isDigit(a.next()) {
		s.Part = append(s.Part, int(a.Number32()))
		if a.next() != '.' || a.at+1 >= len(a.text) || !isDigit(a.text[a.at+1]) {
			return
		}
		a.at++
	}
	if s.Binary || s.SizeOf {
		a.fail("the number of a part")
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (s *Section) specifier(a *Args) {
	switch s.What = a.Keyword(); s.What {
	case "HEADER", "TEXT":
	case "MIME":
		if len(s.Part) == 0 {
			a.Fail("MIME is of a part")
		}
	case "HEADER.FIELDS", "HEADER.FIELDS.NOT":
		s.What, s.Not = "HEADER", s.What == "HEADER.FIELDS.NOT"
		a.Space()
		a.List(func() { s.Fields = append(s.Fields, a.AString()) })
		if len(s.Fields) == 0 {
			a.fail("names of fields")
		}
	default:
		a.Fail("Unknown section of a message")
	}
}

func (s *Section) partial(a *Args) {
	if s.Partial = a.Skip('<'); !s.Partial {
		return
	}
	s.From = a.Number()
	a.Expect('.')
	s.N = a.Number()
	a.Expect('>')
	s.Label += fmt.Sprintf("<%d>", s.From)
}
