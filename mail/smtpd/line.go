package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"frontdesk/store"
)

const (
	maxCommand = 12 << 10 // an AUTH line may be that long (RFC 4954 section 4), others are checked below it
	maxErrors  = 12       // commands that made no sense, before we hang up
	maxUnknown = 20       // unknown recipients, before we hang up
	patience   = 4        // mistakes before answers come slowly
)

// line is the connection as go-smtp sees it: one line at a time, checked, and in the clear whether it came in TLS or
// not.
//
// go-smtp answers a line wholly before it reads the next. So when Read is called, everything before is answered, and
// the line may answer by itself what go-smtp is not to see: STARTTLS first of all, and commands that are malformed.
// What follows is a message when go-smtp has just answered 354, and to be left alone when it was 334.
type line struct {
	net.Conn // raw, or TLS over it
	server   *Server
	door     door
	inbox    *inbox
	raw      *timedConn
	ip       netip.Addr
	log      *slog.Logger
	leave    func() // called when the connection has ended

	// Of go-smtp's goroutine, which calls Read, Write, Close and the session in turn.
	in         *bufio.Reader
	out        *bufio.Writer
	rest       []byte // of the line being shown
	text       *text  // nil outside a message
	challenged bool   // the next line answers a challenge of AUTH
	greeted    bool   // the greeting was said before TLS began
	extended   bool   // the client said EHLO
	ending     bool   // hang up after this answer
	closed     bool   // or carried on inside TLS
	mistakes   int
	unknown    int
}

func newLine(server *Server, d door, in *inbox, raw *timedConn) *line {
	l := &line{server: server, door: d, inbox: in, raw: raw, ip: addressOf(raw)}
	l.log = server.log.With("door", d.name, "session", store.NewID(), "ip", l.ip.String())
	l.over(raw)
	return l
}

func addressOf(conn net.Conn) netip.Addr {
	address, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.IPv4Unspecified()
	}
	return address.Addr().Unmap()
}

func (l *line) over(conn net.Conn) {
	l.Conn, l.in, l.out = conn, bufio.NewReaderSize(conn, maxTextLine), bufio.NewWriter(conn)
}

// Read shows at most one line. The first error in a message is that of the message, any later one the end.
func (l *line) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		if l.ending || l.closed {
			return 0, io.EOF
		}
		if err := l.next(); err != nil {
			l.ending = true
			return 0, err
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func (l *line) next() (err error) {
	if err := l.flushWhenIdle(); err != nil {
		return io.EOF
	}
	if l.text != nil {
		return l.content()
	}
	l.raw.limit(time.Time{})
	l.raw.busy.Store(false)
	command, err := l.readCommand()
	if err != nil {
		return l.farewell(err)
	}
	if l.challenged {
		l.challenged = false
		l.rest = []byte(command + "\r\n")
		return nil
	}
	return l.command(command)
}

// flushWhenIdle sends the answers once the client waits for them: those to pipelined commands go together.
func (l *line) flushWhenIdle() error {
	pipelined, _ := l.in.Peek(l.in.Buffered()) // what is there can be peeked at
	if bytes.IndexByte(pipelined, '\n') >= 0 {
		return nil
	}
	return l.out.Flush()
}

func (l *line) content() (err error) {
	l.rest, err = l.text.next()
	if l.text.done {
		l.text = nil
	}
	return err
}

var errCommandLine = errors.New("command line too long")

// readCommand reads a line without its end, which may be a bare LF here: no message's content is among them.
func (l *line) readCommand() (string, error) {
	command, err := l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(command) > maxCommand {
		return "", errCommandLine
	}
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(command), "\r\n"), nil
}

// farewell says why it ends, where anybody still listens. go-smtp itself does so after a timeout.
func (l *line) farewell(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, errDraining):
		l.answer(l.goodbye())
	case errors.Is(err, errCommandLine):
		l.answer(reply(500, status{5, 5, 2}, "Line too long"))
	case errors.As(err, &timeout) && timeout.Timeout():
		return timeout
	}
	return io.EOF
}

// Write passes an answer of go-smtp's, one line a call, and learns from it what comes next.
func (l *line) Write(p []byte) (int, error) {
	text := string(p)
	if l.greeted {
		l.greeted = false
		return len(p), nil
	}
	if text == "250-CHUNKING\r\n" { // not with us; see refuseChunk
		text = l.offer()
	}
	text = l.judge(conform(text))
	switch {
	case strings.HasPrefix(text, "334 "):
		l.challenged = true
	case strings.HasPrefix(text, "354 "):
		l.expectText()
	}
	_, err := l.out.WriteString(text)
	return len(p), err
}

// offer is the capability that is the line's own.
func (l *line) offer() string {
	if l.tls() != nil || l.server.config.TLS == nil {
		return ""
	}
	return "250-STARTTLS\r\n"
}

// expectText gives the transfer its time and keeps Close from interrupting it.
func (l *line) expectText() {
	l.text = &text{r: l.in, left: 1 << 40}
	if limit := l.server.config.Limits.MessageBytes; limit > 0 {
		l.text.left = 4 * limit
	}
	l.raw.busy.Store(true)
	l.raw.limit(time.Now().Add(l.server.config.Transfer))
}

// judge counts what made no sense, slows down those who make mistakes and ends it with those who make many.
func (l *line) judge(answer string) string {
	code, _ := strconv.Atoi(answer[:min(3, len(answer))]) // 0 is no mistake
	switch code {
	case 500, 501, 502, 503, 504, 530, 555:
		l.mistakes++
	}
	if (l.mistakes > patience || l.unknown > patience) && code >= 400 && !l.server.pause(l.server.config.Tarpit) {
		l.ending = true
	}
	if l.mistakes > maxErrors || l.unknown > maxUnknown {
		l.ending = true
		return "421 4.7.0 Too many errors, goodbye\r\n"
	}
	return answer
}

// answer is the line's own.
func (l *line) answer(err error) {
	l.Write([]byte(wire(err))) // into memory: an error shows in the flush
}

// Close hangs up, once.
func (l *line) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	defer l.leave()
	l.linger()
	return l.raw.Close()
}

// linger reads what the client still sends, for a moment: closing with unread bytes would reset the connection and
// lose our last answer.
func (l *line) linger() {
	if l.out.Flush() != nil {
		return
	}
	if conn, ok := l.Conn.(*tls.Conn); ok {
		conn.CloseWrite()
	}
	if tcp, ok := l.raw.Conn.(*net.TCPConn); ok {
		tcp.CloseWrite()
	}
	l.raw.limit(time.Now().Add(time.Second))
	io.Copy(io.Discard, io.LimitReader(l.raw, 1<<20))
}

// abort closes without a word.
func (l *line) abort() {
	defer l.leave()
	l.closed = true
	l.raw.Close()
}

// goodbye is for those who are here when the server goes away.
func (l *line) goodbye() error {
	return reply(421, status{4, 3, 2}, "%s is shutting down, come back in a minute", l.server.config.Hostname)
}

// turnAway says instead of a greeting why there is none.
func (l *line) turnAway(why error) {
	if !l.door.implicitTLS {
		l.raw.Conn.SetWriteDeadline(time.Now().Add(time.Second))
		io.WriteString(l.raw.Conn, wire(why))
	}
	l.abort()
}

// encrypt begins TLS on the socket.
func (l *line) encrypt() error {
	conn := tls.Server(l.raw, l.server.config.TLS)
	ctx, cancel := context.WithTimeout(l.server.ctx, 30*time.Second)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		l.log.Info("TLS handshake failed", "err", err)
		return err
	}
	l.over(conn)
	return nil
}

func (l *line) tls() *tls.ConnectionState {
	if conn, ok := l.Conn.(*tls.Conn); ok {
		state := conn.ConnectionState()
		return &state
	}
	return nil
}
