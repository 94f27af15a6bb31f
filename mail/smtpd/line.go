package smtpd

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/mail/admission"
	"frontdesk/store"
)

const (
	maxCommand = 12 << 10 // an AUTH line may be that long (RFC 4954 section 4), others are checked below it
	maxErrors  = 12       // commands that made no sense, before we hang up
	maxUnknown = 20       // unknown recipients, before we hang up
	patience   = 4        // mistakes before answers come slowly
)

// door is one kind of listener.
type door struct {
	name        string
	session     func(l *line, c *smtp.Conn) smtp.Session
	implicitTLS bool
}

// line is the connection as go-smtp sees it: one line at a time, checked, and in the clear whether it came in TLS or
// not.
//
// go-smtp answers a line wholly before it reads the next. So when Read is called, everything before is answered, and
// the line may answer by itself what go-smtp is not to see: STARTTLS first of all, and commands that are malformed.
// What follows is a message when go-smtp has just answered 354, and to be left alone when it was 334.
type line struct {
	net.Conn // raw, or TLS over it
	core     *core
	door     door
	inbox    *admission.Listener // where go-smtp takes it from, and again once it has begun TLS
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

func newLine(core *core, d door, in *admission.Listener, raw *timedConn) *line {
	l := &line{core: core, door: d, inbox: in, raw: raw, ip: addressOf(raw)}
	l.log = core.log.With("door", d.name, "session", store.NewID(), "ip", l.ip.String())
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
	if l.tls() != nil || l.core.config.TLS == nil {
		return ""
	}
	return "250-STARTTLS\r\n"
}

// expectText gives the transfer its time and keeps Close from interrupting it.
func (l *line) expectText() {
	l.text = &text{r: l.in, left: 1 << 40}
	if limit := l.core.config.Limits.MessageBytes; limit > 0 {
		l.text.left = 4 * limit
	}
	l.raw.busy.Store(true)
	l.raw.limit(time.Now().Add(l.core.config.Transfer))
}

// judge counts what made no sense, slows down those who make mistakes and ends it with those who make many.
func (l *line) judge(answer string) string {
	code, _ := strconv.Atoi(answer[:min(3, len(answer))]) // 0 is no mistake
	switch code {
	case 500, 501, 502, 503, 504, 530, 555:
		l.mistakes++
	}
	if (l.mistakes > patience || l.unknown > patience) && code >= 400 && !l.core.pause(l.core.config.Tarpit) {
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
	return reply(421, status{4, 3, 2}, "%s is shutting down, come back in a minute", l.core.config.Hostname)
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
	conn := tls.Server(l.raw, l.core.config.TLS)
	ctx, cancel := context.WithTimeout(l.core.ctx, 30*time.Second)
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
