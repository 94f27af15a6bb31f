package imapd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// session is one connection. All of it happens on one goroutine, but for the reading of a line during IDLE.
type session struct {
	core   *core
	conn   net.Conn
	in     *imap.Reader
	out    *imap.Writer
	pace   *pace // below out
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc

	fails int  // wrong log-ins
	bad   int  // commands that couldn't be read
	over  bool // the client was told that it ends

	user  string // id; "" until logged in
	own   mail.Mailbox
	view  *view // of the selected folder, or nil
	rev2  bool  // the client speaks IMAP4rev2
	knows knows
}

// knows is which extensions the client has shown to know, beyond those that need no telling.
type knows struct {
	modseq   bool // it wants to hear mod-sequences (RFC 7162 section 3.1)
	vanished bool // and UIDs of what leaves, in place of its numbers (section 3.2)
}

const (
	readTimeout    = 30 * time.Second // of a command that was begun, and until the log-in
	idleTimeout    = 35 * time.Minute // between two commands; RFC 9051 section 5.4 says 30 at least
	messageTimeout = 5 * time.Minute  // of the message of an APPEND
	writeTimeout   = 5 * time.Minute  // of what is sent at once
)

func newSession(c *core, conn net.Conn) *session {
	ctx, cancel := context.WithCancel(c.ctx)
	s := &session{core: c, conn: conn, log: c.log.With("ip", remoteIP(conn)), ctx: ctx, cancel: cancel}
	s.pace = &pace{conn, writeTimeout}
	s.out = imap.NewWriter(s.pace)
	s.in = imap.NewReader(conn, s.out)
	return s
}

// pace gives a client time to take what is sent, but not for ever.
type pace struct {
	net.Conn
	patience time.Duration
}

func (p *pace) Write(b []byte) (int, error) {
	p.SetWriteDeadline(time.Now().Add(p.patience))
	return p.Conn.Write(b)
}

func (s *session) close() {
	if v := recover(); v != nil {
		s.log.Error("imap", "panic", v, "stack", string(debug.Stack()))
	}
	s.out.Flush()
	s.cancel()
	s.conn.Close()
	if s.user != "" {
		s.core.entered(s.conn, "")
		s.core.perUser.Leave(s.user)
	}
	if s.view != nil {
		s.view.close()
	}
}

// bye ends the session.
func (s *session) bye(why string) {
	s.out.Status("*", &imap.Status{Type: "BYE", Text: why})
	s.over = true
}

// errConn wraps what is wrong with the connection.
var errConn = errors.New("imapd: connection")

// lost is an error behind which the connection has to end.
type lost struct {
	told *imap.Status
	err  error
}

func (l *lost) Error() string { return l.err.Error() }

// errBug is the answer to a command that met a bug of ours.
var errBug = imap.No("SERVERBUG", "Internal error")

// status is how an error is told.
func status(err error) *imap.Status {
	var told *imap.Status
	if errors.As(err, &told) {
		return told
	}
	return errBug
}

// fault is the answer to an error: the client's own fault is told, ours is logged and told in general.
func (s *session) fault(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*imap.Status)):
		return err
	case errors.Is(err, mail.ErrNotFound), errors.Is(err, mail.ErrNoMailbox):
		return imap.No("NONEXISTENT", "No such mailbox")
	case errors.Is(err, mail.ErrExists):
		return imap.No("ALREADYEXISTS", "The mailbox exists already")
	case errors.Is(err, mail.ErrInvalid):
		return imap.No("CANNOT", "Not a possible mailbox name")
	case errors.Is(err, mail.ErrSpecial):
		return imap.No("CANNOT", "This mailbox has to stay as it is")
	case errors.Is(err, mail.ErrQuota):
		return imap.No("OVERQUOTA", "The mailbox is full")
	}
	if s.ctx.Err() == nil {
		s.log.Error("imap "+doing, "err", err)
	}
	return errBug
}

func remoteIP(c net.Conn) string {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.IP.String()
	}
	return c.RemoteAddr().String()
}

// byUID tells whether the numbers of a command are UIDs.
func byUID(c *imap.Command) bool { return strings.HasPrefix(c.Name, "UID ") }
