package imapd

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
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

// replaceNext has texts in the next response said otherwise. The response must be short up to there, and hold nothing
// before it that could be one of them.
func (c *conn) replaceNext(list ...replacement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replace = list
}

// cut ends the connection at once, without a word: a client that reads nothing would keep the caller waiting.
func (c *conn) cut() {
	if secure, ok := c.Conn.(*tls.Conn); ok {
		secure.NetConn().Close()
		return
	}
	c.Conn.Close()
}
