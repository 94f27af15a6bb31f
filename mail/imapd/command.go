package imapd

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// maxBadLines is how many lines that are no command a connection may send: other protocols end here.
const maxBadLines = 10

// command is the one that go-imap was shown last, as far as conn must know it.
type command struct {
	tag, verb   string // verb in upper case; "" before the first command
	literalName bool   // its first argument is a literal
	literals    int    // that came with it
	utf8        bool   // the message of an APPEND stands in brackets (RFC 6855 section 4)
	junk        bool   // behind the message of an APPEND
}

// begin looks at a line that begins a command. What go-imap would take for a reason to hang up, and what it doesn't
// know, is answered here: then answer isn't empty, and go-imap isn't shown the line.
func (c *conn) begin(literal bool) (answer string) {
	tag, rest, _ := strings.Cut(strings.TrimRight(string(c.line), "\r\n"), " ")
	verb, args, _ := strings.Cut(rest, " ")
	current := command{tag: tag, verb: strings.ToUpper(verb), literalName: literalArg.MatchString(args),
		utf8: utf8Literal.MatchString(args)}
	c.mu.Lock()
	c.command = current
	c.mu.Unlock()
	switch {
	case !isTag(tag):
		return "* BAD A command begins with a tag of letters and digits\r\n"
	case openQuote(args): // go-imap would look for its end in the lines that follow
		return tag + " BAD A quoted string must end in its line\r\n"
	case literal: // go-imap finds out what is wrong before the literal is sent
		return ""
	case verb == "" || current.verb == "UID" && strings.TrimSpace(args) == "":
		return tag + " BAD After the tag comes one space and a command\r\n"
	case current.verb == "ID":
		return identify(tag, args)
	case namesMailbox(current.verb, args):
		begins := len(tag) + 1 + len(verb)
		c.line = append(c.line[:begins], ampersand.ReplaceAllStringFunc(string(c.line[begins:]), func(s string) string {
			if strings.HasSuffix(s, "-") {
				return s
			}
			return "&-" + s[1:]
		})...)
	}
	return ""
}

// follow looks at a line that goes on with a command after a literal. It may have go-imap shown another one: then what
// it announces is not taken.
func (c *conn) follow() (taken bool) {
	c.command.literals++
	more := strings.TrimRight(string(c.line), "\r\n")
	switch {
	case c.command.messageEnds():
		c.command.junk = strings.TrimSpace(more) != c.command.bracket()
		c.rest = append(c.line[:0], c.command.bracket()+"\r\n"...)
	case openQuote(more): // go-imap would look for its end in the lines that follow: this fits nowhere
		c.rest = append(c.line[:0], "\x00\r\n"...)
	default:
		c.command.utf8 = utf8Literal.MatchString(more)
		return true
	}
	return false
}

// bracket closes the one that the message of an APPEND stands in.
func (c *command) bracket() string {
	if c.utf8 {
		return ")"
	}
	return ""
}

// endOfMessage reads what follows the message of an APPEND, before go-imap does. It is for who has read the message to
// its end: false where there is something that go-imap would find only when the message is stored.
func (c *conn) endOfMessage() bool {
	if c.err == nil && len(c.rest) == 0 {
		c.err = c.readLine()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err == nil && !c.command.junk
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

// badLine counts lines that were answered with BAD here.
func (c *conn) badLine(answer string) error {
	if _, rest, _ := strings.Cut(answer, " "); !strings.HasPrefix(rest, "BAD") {
		return nil
	}
	if c.bad++; c.bad > maxBadLines {
		return errLine
	}
	return nil
}

// serverBug is how go-imap ends the answer to arguments that it can't read, where it has no words for it.
const serverBug = " NO [SERVERBUG] Internal server error\r\n"

var capability = regexp.MustCompile(`^(\* CAPABILITY|\S+ (OK|PREAUTH) \[CAPABILITY) IMAP4`)

// amend corrects what go-imap says at the beginning of a response. Only the beginning is looked at, and only in answer
// to commands that can't have it in a message, so that no mail looks like one.
func (c *conn) amend(p []byte) []byte {
	switch c.command.verb {
	case "", "CAPABILITY", "LOGIN", "AUTHENTICATE":
		if capability.Match(p) {
			return bytes.Replace(p, []byte(" IMAP4rev1"), []byte(" IMAP4rev1 ID"), 1)
		}
	}
	if string(p) == c.command.tag+serverBug {
		return fmt.Appendf(nil, "%s BAD Can't read the arguments of %s\r\n", c.command.tag, c.command.verb)
	}
	if len(c.replace) > 0 && bytes.HasPrefix(p, []byte("* ")) {
		p = replaced(p, c.replace)
		c.replace = nil
	}
	return p
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

// replaceNext has texts in the next response said otherwise. The response must be short up to there, and hold nothing
// before it that could be one of them.
func (c *conn) replaceNext(list ...replacement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replace = list
}
