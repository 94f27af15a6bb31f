package imapd

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"regexp"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	maxLine    = 48 << 10 // bytes of a command line without its literals; go-imap loses its place at 50 KiB
	maxSkipped = 64 << 10 // bytes of a refused literal that are passed over
)

var (
	errLine    = errors.New("imapd: command line too long")
	errLiteral = errors.New("imapd: refused literal too long to pass over")
)

// conn stands between the client and go-imap and keeps the two at the same place of the stream.
//
// A client may send a literal without waiting for leave ("{n+}", RFC 7888). Where go-imap refuses such a command it
// would take the literal, maybe a stranger's mail, for commands. So conn asks for leave in the client's place: it shows
// go-imap a literal that waits ("{n}"), swallows the "+", and when there is none passes over literal and rest of the
// command, or ends the connection when the literal is long.
type conn struct {
	net.Conn
	closed   func() // called once
	once     sync.Once
	desynced prometheus.Counter

	// Of the reading goroutine.
	in   *bufio.Reader
	line []byte // the command line being shown, as go-imap sees it
	rest []byte // the part of line not yet read
	err  error  // ends the connection: go-imap reads on after an error
	bad  int    // lines that were no command

	mu      sync.Mutex // go-imap writes from two goroutines during IDLE
	state   state
	literal int64 // bytes announced (waiting) or left (inLiteral)
	nonSync bool  // the client doesn't wait for leave

	command command
	replace []replacement
	goesOn  bool // the next line answers a continuation request (RFC 9051 section 7.6)

	answered bool // go-imap has answered the command that waits
	swallow  bool // the next line written is a greeting the client had already
}

type state int

const (
	inLine    state = iota
	waiting         // a literal is announced, go-imap decides
	inLiteral       // the bytes of a literal pass
)

func newConn(c net.Conn, desynced prometheus.Counter, greeted bool) *conn {
	return &conn{Conn: c, in: bufio.NewReaderSize(c, 8<<10), desynced: desynced, swallow: greeted}
}

// Close closes the connection, once.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		if c.closed != nil {
			c.closed()
		}
	})
	return err
}

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

func (c *conn) now() (state, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, c.literal
}

// hasAnswered tells whether go-imap has refused the command that waits. From then on it counts as answered.
func (c *conn) hasAnswered() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.answered
	c.answered = true
	return was
}

func (c *conn) passed(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.literal -= n; c.literal == 0 {
		c.state = inLine
	}
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

// Write watches for go-imap's leave to send a literal.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	drop := false
	switch {
	case c.swallow:
		c.swallow, drop = false, true
	case len(p) > 0 && p[0] == '+' && (c.state == waiting || c.command.verb == "IDLE" ||
		c.command.verb == "AUTHENTICATE"):
		c.goesOn = true
		if c.state == waiting {
			c.state, drop = inLiteral, c.nonSync
		}
	case c.state == waiting && len(p) > 0 && p[0] != '*':
		c.answered = true
	}
	out := c.amend(p)
	c.mu.Unlock()
	if drop {
		return len(p), nil
	}
	if _, err := c.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// cut ends the connection at once, without a word: a client that reads nothing would keep the caller waiting.
func (c *conn) cut() {
	if secure, ok := c.Conn.(*tls.Conn); ok {
		secure.NetConn().Close()
		return
	}
	c.Conn.Close()
}
