package smtpd

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
)

const (
	maxCommand = 12 << 10 // an AUTH line may be that long (RFC 4954 section 4), others are checked below it
	maxErrors  = 12       // commands that made no sense, before we hang up
	maxUnknown = 20       // unknown recipients, before we hang up
	patience   = 4        // mistakes before answers come slowly
)

// gate is what a door does with mail: the world's and our users' differ in nothing else.
type gate interface {
	// logins tells whether AUTH is offered; without a user nothing else is allowed then.
	logins() bool
	// login checks a password.
	login(ctx context.Context, login, password string) (user string, err error)
	// sender decides on MAIL FROM.
	sender(ctx context.Context, s *session, from string) reply
	// recipient decides on RCPT TO.
	recipient(ctx context.Context, s *session, to string) reply
	// accept takes a message over. An answer of 250 says that it is safe on disk.
	accept(ctx context.Context, s *session, message *spool) reply
}

// session is one connection. Its goroutine owns all but raw.
type session struct {
	server *Server
	door   door
	log    *slog.Logger
	raw    *timedConn
	conn   net.Conn // raw, or TLS over it
	r      *bufio.Reader
	w      *bufio.Writer
	ip     netip.Addr

	helo     string
	extended bool // EHLO
	user     string
	mail     transaction
	mistakes int
	unknown  int
}

// transaction is one mail on its way in (RFC 5321 section 3.3).
type transaction struct {
	id        string
	open      bool
	from      string
	utf8      bool
	size      int64 // as announced
	to        []string
	mailboxes []mail.Recipient // those of to that are ours
	chunks    *chunks          // BDAT has begun
}

func newSession(server *Server, conn net.Conn, d door) *session {
	raw := &timedConn{Conn: conn, idle: server.config.Timeout}
	s := &session{server: server, door: d, raw: raw, ip: addressOf(conn)}
	s.log = server.log.With("door", d.name, "session", store.NewID(), "ip", s.ip.String())
	s.wrap(raw)
	return s
}

func addressOf(conn net.Conn) netip.Addr {
	address, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.IPv4Unspecified()
	}
	return address.Addr().Unmap()
}

func (s *session) wrap(conn net.Conn) {
	s.conn, s.r, s.w = conn, bufio.NewReaderSize(conn, maxTextLine), bufio.NewWriter(conn)
}

// run serves the connection. full: there are too many already.
func (s *session) run(full bool) {
	defer s.raw.Close()
	defer s.mail.drop()
	defer s.server.metrics.session(s.door.name)()
	leave, admitted := s.server.guard.enter(s.ip)
	defer leave()
	if !admitted || full {
		s.server.metrics.refused.WithLabelValues("connections").Inc()
		s.raw.SetWriteDeadline(time.Now().Add(time.Second))
		if !s.door.implicitTLS {
			s.write(answer(421, "4.7.0", "Too many connections, come back later"))
		}
		return
	}
	if s.door.implicitTLS && s.startTLS() != nil {
		return
	}
	s.write(reply{code: 220, text: s.server.config.Hostname + " ESMTP Frontdesk"})
	for s.step() {
	}
}

// step reads one command and answers it; false ends the session.
func (s *session) step() bool {
	line, err := s.readLine()
	if err != nil {
		s.farewell(err)
		return false
	}
	verb, arg, _ := strings.Cut(line, " ")
	r := s.command(strings.ToUpper(verb), arg)
	if r.code == 0 { // it has answered by itself
		return true
	}
	s.judge(&r)
	if err := s.write(r); err != nil {
		return false
	}
	if r.final {
		s.linger()
		return false
	}
	return r.code != 220 || s.upgrade()
}

// judge counts what made no sense, slows down those who make mistakes and ends it with those who make many.
func (s *session) judge(r *reply) {
	switch r.code {
	case 500, 501, 502, 503, 504, 530, 555:
		s.mistakes++
	}
	if s.mistakes > maxErrors || s.unknown > maxUnknown {
		*r = answer(421, "4.7.0", "Too many errors, goodbye").closing()
	}
	if (s.mistakes > patience || s.unknown > patience) && r.code >= 400 && !s.server.pause(s.server.config.Tarpit) {
		r.final = true
	}
}

var errCommandLine = errors.New("command line too long")

// readLine reads a command. Lines may end in a bare LF here: no message's content is among them.
func (s *session) readLine() (string, error) {
	if s.r.Buffered() == 0 {
		if err := s.w.Flush(); err != nil {
			return "", err
		}
	}
	line, err := s.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(line) > maxCommand {
		return "", errCommandLine
	}
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

func (s *session) write(r reply) error {
	_, err := s.w.WriteString(r.String() + "\r\n")
	if r.final || s.r.Buffered() == 0 {
		err = errors.Join(err, s.w.Flush())
	}
	return err
}

// farewell says why the session ends, where anybody still listens.
func (s *session) farewell(err error) {
	var timeout net.Error
	switch {
	case errors.Is(err, errDraining):
		s.write(answer(421, "4.3.2", "%s is shutting down, come back in a minute", s.server.config.Hostname))
	case errors.Is(err, errCommandLine):
		s.write(answer(500, "5.5.2", "Line too long").closing())
		s.linger()
	case errors.As(err, &timeout) && timeout.Timeout():
		s.write(answer(421, "4.4.2", "Nothing came for too long, goodbye").closing())
	}
}

// linger reads what the client still sends, for a moment: closing with unread bytes would reset the connection and
// lose our last answer.
func (s *session) linger() {
	s.w.Flush()
	if conn, ok := s.conn.(*tls.Conn); ok {
		conn.CloseWrite()
	}
	if tcp, ok := s.raw.Conn.(*net.TCPConn); ok {
		tcp.CloseWrite()
	}
	s.raw.limit(time.Now().Add(time.Second))
	io.Copy(io.Discard, io.LimitReader(s.raw, 1<<20))
}

func (s *session) startTLS() error {
	conn := tls.Server(s.raw, s.server.config.TLS)
	ctx, cancel := context.WithTimeout(s.server.ctx, 30*time.Second)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		s.log.Info("TLS handshake failed", "err", err)
		return err
	}
	s.wrap(conn)
	return nil
}

// upgrade is what follows our 220 to STARTTLS: all that was said before is forgotten (RFC 3207 section 4.2).
func (s *session) upgrade() bool {
	s.mail.drop()
	s.helo, s.extended, s.user = "", false, ""
	return s.startTLS() == nil
}

func (s *session) tls() *tls.ConnectionState {
	if conn, ok := s.conn.(*tls.Conn); ok {
		state := conn.ConnectionState()
		return &state
	}
	return nil
}

// protocol is the word for Received (RFC 3848, RFC 6531).
func (s *session) protocol() string {
	if !s.extended {
		return "SMTP"
	}
	word := "ESMTP"
	if s.mail.utf8 {
		word = "UTF8SMTP"
	}
	if s.tls() != nil {
		word += "S"
	}
	if s.user != "" {
		word += "A"
	}
	return word
}

// received is our trace field (RFC 5321 section 4.4). The recipient is named only when there is one, or Bcc would show.
func (s *session) received(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Received: from %s ([%s])\r\n\tby %s with %s id %s", s.helo, literal(s.ip), s.server.config.Hostname, s.protocol(), s.mail.id)
	if state := s.tls(); state != nil {
		fmt.Fprintf(&b, "\r\n\t(%s %s)", strings.ReplaceAll(tls.VersionName(state.Version), " ", ""), tls.CipherSuiteName(state.CipherSuite))
	}
	if len(s.mail.to) == 1 {
		fmt.Fprintf(&b, "\r\n\tfor <%s>", s.mail.to[0])
	}
	fmt.Fprintf(&b, ";\r\n\t%s\r\n", now.Format(time.RFC1123Z))
	return b.String()
}

func literal(ip netip.Addr) string {
	if ip.Is6() {
		return "IPv6:" + ip.String()
	}
	return ip.String()
}

// drain makes an idle session say goodbye.
func (s *session) drain() {
	s.raw.draining.Store(true)
	if !s.raw.busy.Load() {
		s.raw.SetReadDeadline(time.Now())
	}
}
