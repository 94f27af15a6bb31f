package imapd

import (
	"bytes"
	"regexp"
	"strings"
)

// command is the one that go-imap was shown last, as far as conn must know it.
type command struct {
	tag, verb   string // verb in upper case; "" before the first command
	literalName bool   // its first argument is a literal
	literals    int    // that came with it
	utf8        bool   // the message of an APPEND stands in brackets (RFC 6855 section 4)
	junk        bool   // behind the message of an APPEND
}

// bracket closes the one that the message of an APPEND stands in.
func (c *command) bracket() string {
	if c.utf8 {
		return ")"
	}
	return ""
}

// messageEnds tells whether the last literal was the message of an APPEND, not the name of a mailbox.
func (c *command) messageEnds() bool {
	return c.verb == "APPEND" && (c.literals > 1 || !c.literalName)
}

// literalArg is an argument that comes as a literal.
var literalArg = regexp.MustCompile(`^ *\{[0-9]+\}`)

// utf8Literal is the beginning of a message in brackets.
var utf8Literal = regexp.MustCompile(`(?i) UTF8 \(~?\{[0-9]+\} ?$`)

// openQuote tells whether a quoted string has no end.
func openQuote(args string) (open bool) {
	for at := 0; at < len(args); at++ {
		switch {
		case args[at] == '"':
			open = !open
		case open && args[at] == '\\':
			at++
		}
	}
	return open
}

func namesMailbox(verb, args string) bool {
	if verb == "UID" {
		verb, _, _ = strings.Cut(strings.ToUpper(strings.TrimSpace(args)), " ")
		return verb == "COPY" || verb == "MOVE"
	}
	switch verb {
	case "SELECT", "EXAMINE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE", "LIST", "LSUB", "STATUS",
		"COPY", "MOVE":
		return true
	}
	return false
}

// ampersand and what may be UTF-7 behind it (RFC 3501 section 5.1.3). Where it isn't, it stands for itself: go-imap
// takes it for an error.
var ampersand = regexp.MustCompile(`&[A-Za-z0-9+,]*-?`)

// idArgument is what RFC 2971 section 3.1 allows.
var idArgument = regexp.MustCompile(`^(?i:NIL|\( *("([^"\\]|\\.)*" +("([^"\\]|\\.)*"|NIL) *)*\)) *$`)

// identify answers ID (RFC 2971) with the name of the program, without its version.
func identify(tag, args string) string {
	if !idArgument.MatchString(args) {
		return tag + " BAD ID wants NIL or a list of fields and values\r\n"
	}
	return "* ID (\"name\" \"Frontdesk\")\r\n" + tag + " OK ID completed\r\n"
}

// replacement of a text in the head of the next response.
type replacement struct{ old, new string }

// replaced has each old behind the one before it said as new.
func replaced(p []byte, list []replacement) []byte {
	var out []byte
	for _, r := range list {
		before, after, found := bytes.Cut(p, []byte(r.old))
		if !found {
			break
		}
		out = append(append(out, before...), r.new...)
		p = after
	}
	return append(out, p...)
}

func isTag(tag string) bool {
	return tag != "" && len(tag) <= 64 && !strings.ContainsFunc(tag, func(r rune) bool {
		return r <= ' ' || r >= 127 || strings.ContainsRune(`(){%*"\+`, r)
	})
}
