package imapd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Read returns at most up to the announcement of a literal, so that go-imap has decided about it when it reads again.
func (c *conn) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		state, left := c.now()
		switch {
		case c.err != nil:
			return 0, c.err
		case state == waiting && !c.hasAnswered():
			c.rest = append(c.line[:0], "\r\n"...) // go-imap wants the end of the line before it answers
		case state == waiting:
			c.err = c.refused()
		case state == inLiteral && left > 0:
			n, err := c.in.Read(p[:min(int64(len(p)), left)])
			c.passed(int64(n))
			c.err = err
			return n, err
		default:
			c.err = c.readLine()
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// readLine reads a whole line, and notes the literal it announces.
func (c *conn) readLine() error {
	c.line = c.line[:0]
	for {
		part, err := c.in.ReadSlice('\n')
		if c.line = append(c.line, part...); len(c.line) > maxLine {
			return errLine
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
	size, nonSync, ok := announced(c.line)
	if nonSync {
		plus := bytes.LastIndexByte(c.line, '+')
		c.line = append(c.line[:plus], c.line[plus+1:]...)
	}
	answer, taken := c.lineBegins(ok)
	if answer != "" {
		if _, err := c.Conn.Write([]byte(answer)); err != nil {
			return err
		}
	}
	if !taken {
		return errors.Join(c.passOver(size, ok && nonSync), c.badLine(answer))
	}
	c.rest = c.line
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = inLine
	if ok {
		c.state, c.literal, c.nonSync, c.answered = waiting, size, nonSync, false
	}
	return nil
}

// lineBegins looks at a line before go-imap is shown it. What isn't taken is answered, or go-imap is shown something
// else.
func (c *conn) lineBegins(literal bool) (answer string, taken bool) {
	c.mu.Lock()
	goesOn := c.goesOn
	c.goesOn = false
	if goesOn {
		defer c.mu.Unlock()
		return "", c.follow()
	}
	c.mu.Unlock()
	answer = c.begin(literal)
	return answer, answer == ""
}

// maxBadLines is how many lines that are no command a connection may send: other protocols end here.
const maxBadLines = 10

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

// refused deals with a literal that go-imap did not ask for: a client that doesn't wait has sent it, and the rest of
// its command.
func (c *conn) refused() error {
	c.mu.Lock()
	size, sent := c.literal, c.nonSync
	c.state, c.literal = inLine, 0
	c.mu.Unlock()
	return c.passOver(size, sent)
}

// passOver skips a literal that was sent, and the rest of its command.
func (c *conn) passOver(size int64, sent bool) error {
	for skipped := int64(0); sent; {
		if skipped += size; skipped > maxSkipped {
			c.desynced.Inc()
			return errLiteral
		}
		if _, err := io.CopyN(io.Discard, c.in, size); err != nil {
			return err
		}
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return errors.Join(errLine, err)
		}
		size, sent, _ = announced(line)
		skipped += int64(len(line))
	}
	return nil
}

var announcement = regexp.MustCompile(`\{([0-9]{1,18})(\+?)\} ?\r?\n$`)

// announced tells whether a line ends with the announcement of a literal.
func announced(line []byte) (size int64, nonSync, ok bool) {
	match := announcement.FindSubmatch(line[max(0, len(line)-32):])
	if match == nil {
		return 0, false, false
	}
	size, err := strconv.ParseInt(string(match[1]), 10, 64)
	return size, len(match[2]) > 0, err == nil
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
