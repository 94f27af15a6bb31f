package imap

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
)

// Args reads the arguments of a command, one after the other. The first thing that isn't there makes all that follow
// fail; End tells what it was.
type Args struct {
	text []byte
	at   int
	err  error
}

func (a *Args) fail(wanted string) {
	if a.err == nil {
		a.err = Bad("Can't read the arguments: there should be " + wanted)
	}
}

// Fail is for an argument that can be read but isn't known.
func (a *Args) Fail(why string) {
	if a.err == nil {
		a.err = Bad(why)
	}
}

// Err is what was wrong so far.
func (a *Args) Err() error { return a.err }

// End must come behind the last argument.
func (a *Args) End() error {
	if a.at < len(a.text) && strings.TrimRight(string(a.text[a.at:]), " ") != "" {
		a.fail("nothing more")
	}
	return a.err
}

// next is the byte that comes, 0 at the end.
func (a *Args) next() byte {
	if a.err != nil || a.at >= len(a.text) {
		return 0
	}
	return a.text[a.at]
}

// Skip takes a character if it comes next.
func (a *Args) Skip(c byte) bool {
	if a.next() != c {
		return false
	}
	a.at++
	return true
}

// Expect takes a character that must come next.
func (a *Args) Expect(c byte) {
	if !a.Skip(c) {
		a.fail(strconv.Quote(string(c)))
	}
}

// Space takes the space between two arguments.
func (a *Args) Space() { a.Expect(' ') }

// word takes the characters that fit, at least one.
func (a *Args) word(fits func(byte) bool, wanted string) string {
	from := a.at
	for a.next() != 0 && fits(a.next()) {
		a.at++
	}
	if a.at == from || a.err != nil {
		a.fail(wanted)
		return ""
	}
	return string(a.text[from:a.at])
}

func isAtom(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte(`(){%*"\]`, c) < 0
}

// Atom takes a word.
func (a *Args) Atom() string { return a.word(isAtom, "a word") }

// Keyword is Atom in upper case.
func (a *Args) Keyword() string { return strings.ToUpper(a.Atom()) }

// String takes a text in quotes or a literal.
func (a *Args) String() string {
	switch a.next() {
	case '"':
		return a.quoted()
	case '{', '~':
		return a.literal()
	}
	a.fail("a text in quotes")
	return ""
}

// AString takes a text with or without quotes.
func (a *Args) AString() string {
	if c := a.next(); c == '"' || c == '{' {
		return a.String()
	}
	return a.word(func(c byte) bool { return isAtom(c) || c == ']' || c >= 0x80 }, "a text")
}

func (a *Args) quoted() string {
	var out []byte
	for a.at++; ; a.at++ {
		c := a.next()
		if c == '\\' {
			a.at++
			if c = a.next(); c != '\\' && c != '"' {
				c = 0
			}
		} else if c == '"' {
			a.at++
			return string(out)
		}
		if c == 0 || c == '\r' || c == '\n' {
			a.fail("the end of a quoted text in its line")
			return ""
		}
		out = append(out, c)
	}
}

// literal takes one that Reader has read: the announcement, and behind it the bytes.
func (a *Args) literal() string {
	a.Skip('~')
	a.Expect('{')
	size := a.Number()
	a.Skip('+')
	a.Expect('}')
	a.Skip(' ')
	a.Skip('\r')
	a.Expect('\n')
	if a.err != nil || size > int64(len(a.text)-a.at) {
		a.fail("a literal")
		return ""
	}
	a.at += int(size)
	text := a.text[a.at-int(size) : a.at]
	if bytes.IndexByte(text, 0) >= 0 {
		a.fail("a text without NUL")
	}
	return string(text)
}

// List takes items in brackets.
func (a *Args) List(item func()) {
	a.Expect('(')
	if a.Skip(')') {
		return
	}
	for a.err == nil {
		item()
		if a.Skip(')') {
			return
		}
		a.Space()
	}
}

// Optional takes a list if there is one.
func (a *Args) Optional(item func()) bool {
	if a.next() != '(' {
		return false
	}
	a.List(item)
	return a.err == nil
}

// Number takes a number.
func (a *Args) Number() int64 {
	text := a.word(func(c byte) bool { return c >= '0' && c <= '9' }, "a number")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		a.fail("a number")
	}
	return n
}

// Number32 takes a number that a message may have.
func (a *Args) Number32() uint32 {
	n := a.Number()
	if n > math.MaxUint32 {
		a.fail("a smaller number")
	}
	return uint32(n)
}

// Flag takes a flag or keyword.
func (a *Args) Flag() string {
	if a.Skip('\\') {
		return `\` + a.Atom()
	}
	return a.Atom()
}

// Date takes a day, without time and zone.
func (a *Args) Date() time.Time {
	t, err := time.Parse("_2-Jan-2006", strings.TrimPrefix(a.AString(), "0"))
	if err != nil {
		a.fail("a date like 2-Jan-2026")
	}
	return t
}

// DateTime takes a moment.
func (a *Args) DateTime() time.Time {
	t, err := time.Parse("_2-Jan-2006 15:04:05 -0700", a.String())
	if err != nil {
		a.fail(`a time like " 2-Jan-2026 15:04:05 +0000"`)
	}
	return t
}

// Mailbox takes the name of a mailbox, in modified UTF-7 or UTF-8.
func (a *Args) Mailbox() string { return a.name(a.AString()) }

// Pattern takes a name with wildcards.
func (a *Args) Pattern() string {
	if c := a.next(); c == '"' || c == '{' {
		return a.Mailbox()
	}
	return a.name(a.word(func(c byte) bool {
		return isAtom(c) || c == ']' || c == '%' || c == '*' || c >= 0x80
	}, "a pattern"))
}

func (a *Args) name(text string) string {
	name, ok := decodeName(text)
	if !ok {
		a.fail("a name")
	}
	if strings.EqualFold(name, "INBOX") {
		return "INBOX"
	}
	return name
}

// More tells whether an argument follows.
func (a *Args) More() bool {
	return a.next() == ' ' && strings.TrimRight(string(a.text[a.at:]), " ") != ""
}

// Rest takes all that is left.
func (a *Args) Rest() string {
	rest := string(a.text[a.at:])
	a.at = len(a.text)
	return rest
}

// SkipNil takes NIL if it comes next.
func (a *Args) SkipNil() bool { return a.skipWord("NIL") }

// IsAtom tells whether a word can stand without quotes.
func IsAtom(word string) bool {
	for i := range len(word) {
		if !isAtom(word[i]) {
			return false
		}
	}
	return word != ""
}

// Left tells whether anything is left.
func (a *Args) Left() bool { return a.next() != 0 }

// Quotes tells whether a text in quotes comes next.
func (a *Args) Quotes() bool { return a.next() == '"' }

// skipWord takes a word if it comes next, in any case.
func (a *Args) skipWord(word string) bool {
	end := a.at + len(word)
	if a.err != nil || end > len(a.text) || !strings.EqualFold(string(a.text[a.at:end]), word) {
		return false
	}
	a.at = end
	return true
}
