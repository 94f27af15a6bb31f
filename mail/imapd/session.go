package imapd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"frontdesk/mail"
)

// session is one connection. go-imap calls it from one goroutine, except for Idle, which may still run when Poll or
// Close begin.
type session struct {
	core   *core
	conn   *imapserver.Conn
	ip     string
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	idling sync.Mutex // held while Idle runs, which go-imap may begin when the connection is over already
	fails  int

	user string // id; "" until logged in
	own  mail.Mailbox
	view *view // of the selected folder, or nil
}

var _ interface {
	imapserver.SessionIMAP4rev2
	imapserver.SessionAppendLimit
} = (*session)(nil)

func (s *core) newSession(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
	ip := remoteIP(c.NetConn())
	ctx, cancel := context.WithCancel(s.ctx)
	return &session{core: s, conn: c, ip: ip, log: s.log.With("ip", ip), ctx: ctx, cancel: cancel}, nil, nil
}

// Close ends what the session still does and waits for it.
func (s *session) Close() error {
	s.cancel()
	s.idling.Lock() // until Idle is over; what begins later finds the context ended
	defer s.idling.Unlock()
	if s.user != "" {
		s.core.entered(s.wire(), "")
		s.core.perUser.Leave(s.user)
	}
	if s.view != nil {
		s.view.close()
	}
	return nil
}

// wire is the connection as it is before go-imap.
func (s *session) wire() *conn { return s.conn.NetConn().(*conn) }

// AppendLimit is the largest APPEND in bytes.
func (s *session) AppendLimit() uint32 { return uint32(min(s.core.config.MaxMessage, 1<<31)) }

func no(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

// fault is the answer to an error: the client's own fault is told, ours is logged and told in general.
func (s *session) fault(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*imap.Error)):
		return err
	case errors.Is(err, mail.ErrNotFound), errors.Is(err, mail.ErrNoMailbox):
		return no(imap.ResponseCodeNonExistent, "No such mailbox")
	case errors.Is(err, mail.ErrExists):
		return no(imap.ResponseCodeAlreadyExists, "The mailbox exists already")
	case errors.Is(err, mail.ErrInvalid):
		return no(imap.ResponseCodeCannot, "Not a possible mailbox name")
	case errors.Is(err, mail.ErrSpecial):
		return no(imap.ResponseCodeCannot, "This mailbox has to stay as it is")
	case errors.Is(err, mail.ErrQuota):
		return no(imap.ResponseCodeOverQuota, "The mailbox is full")
	}
	if s.ctx.Err() == nil {
		s.log.Error("imap "+doing, "err", err)
	}
	return no(imap.ResponseCodeServerBug, "Internal error")
}

// errBug is the answer to a command that met a bug of ours.
var errBug = no(imap.ResponseCodeServerBug, "Internal error")

// rescue, deferred, makes a panic the error of one command: the connection and what else it does go on. It must not be
// used while a FETCH response is being written, for its line couldn't be ended.
func (s *session) rescue(doing string, err *error) {
	if v := recover(); v != nil {
		s.log.Error("imap "+doing, "panic", v, "stack", string(debug.Stack()))
		*err = errBug
	}
}

func remoteIP(c net.Conn) string {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.IP.String()
	}
	return c.RemoteAddr().String()
}
