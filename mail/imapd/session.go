package imapd

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"frontdesk/guard"
	"frontdesk/mail"
)

// session is one connection. go-imap calls it from one goroutine, except for Idle, which may still run when Poll or
// Close begin.
type session struct {
	server *Server
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

func (s *Server) newSession(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
	ip := remoteIP(c.NetConn())
	ctx, cancel := context.WithCancel(s.ctx)
	return &session{server: s, conn: c, ip: ip, log: s.log.With("ip", ip), ctx: ctx, cancel: cancel}, nil, nil
}

// Close ends what the session still does and waits for it.
func (s *session) Close() error {
	s.cancel()
	s.idling.Lock() // until Idle is over; what begins later finds the context ended
	defer s.idling.Unlock()
	if s.user != "" {
		s.server.entered(s, "")
		s.server.perUser.Leave(s.user)
	}
	if s.view != nil {
		s.view.close()
	}
	return nil
}

// wire is the connection as it is before go-imap.
func (s *session) wire() *conn { return s.conn.NetConn().(*conn) }

// AppendLimit is the largest APPEND in bytes.
func (s *session) AppendLimit() uint32 { return uint32(min(s.server.config.MaxMessage, 1<<31)) }

// maxTries of wrong log-ins on one connection.
const maxTries = 5

// Login checks the password. Whatever is wrong, the answer is the same and takes the same time.
func (s *session) Login(login, password string) (err error) {
	defer s.rescue("log-in", &err)
	began := time.Now()
	user, own, err := s.check(login, password)
	switch {
	case err == nil:
	case errors.As(err, new(*imap.Error)):
		return err
	default:
		return s.denied(began, err)
	}
	if !s.server.perUser.Enter(user) {
		s.server.metrics.logins.WithLabelValues("limit").Inc()
		return no(imap.ResponseCodeLimit, "Too many connections of this user")
	}
	s.user, s.own, s.log = user, own, s.log.With("user", user)
	s.server.entered(s, user)
	s.server.metrics.logins.WithLabelValues("ok").Inc()
	s.log.Info("imap log-in", "mailbox", own.Address)
	return nil
}

func (s *session) check(login, password string) (user string, own mail.Mailbox, err error) {
	from, _ := netip.ParseAddr(s.ip) // what is none is one source with all that is none
	attempt, err := s.server.config.Logins.Try(s.ctx, from, login)
	if err != nil {
		return "", own, err
	}
	defer attempt.End()
	user, err = s.server.auth(s.ctx, login, password)
	switch {
	case errors.Is(err, mail.ErrLogin):
		attempt.Wrong()
		return "", own, err
	case err != nil:
		s.log.Error("imap log-in", "err", err)
		return "", own, no(imap.ResponseCodeUnavailable, "Trouble here, please try again later") // RFC 5530
	}
	attempt.Right()
	list, err := s.server.box.MailboxesOf(s.ctx, user)
	if err != nil {
		return "", own, s.fault("log-in", err)
	}
	own, ok := root(list, user, login)
	if !ok {
		return "", own, no(imap.ResponseCodeContactAdmin, "This user has no mailbox")
	}
	return user, own, nil
}

func (s *session) denied(began time.Time, err error) error {
	s.server.metrics.logins.WithLabelValues("denied").Inc()
	s.log.Warn("imap log-in denied", "err", err)
	s.server.pause(time.Until(began.Add(s.server.config.FailDelay + rand.N(s.server.config.FailDelay/4+1))))
	if s.fails++; s.fails >= maxTries {
		s.conn.NetConn().Close()
	}
	if errors.As(err, new(*guard.TooMany)) {
		return no(imap.ResponseCodeUnavailable, "Too many wrong passwords, come back later")
	}
	return imapserver.ErrAuthFailed
}

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

// create makes the parents that are missing, too (RFC 9051 section 6.3.4).
func (s *session) Create(name string, _ *imap.CreateOptions) (err error) {
	defer s.rescue("create", &err)
	m, folder, err := s.locate(name)
	if err != nil {
		return err
	}
	for _, parent := range parents(folder) {
		if err := s.createOne(m.ID, parent); err != nil && !errors.Is(err, mail.ErrExists) {
			return s.fault("create", err)
		}
	}
	return s.fault("create", s.createOne(m.ID, folder))
}

// createOne makes a folder without subscribing to it: a client does that itself where it wants to, or has before.
func (s *session) createOne(mailbox, name string) error {
	lost, err := s.server.box.LostSubscriptions(s.ctx, mailbox)
	if err != nil {
		return err
	}
	f, err := s.server.box.CreateFolder(s.ctx, mailbox, name)
	if err != nil {
		return err
	}
	return s.server.box.Subscribe(s.ctx, mailbox, f.Name, slices.Contains(lost, f.Name))
}

func (s *session) Delete(name string) (err error) {
	defer s.rescue("delete", &err)
	m, folder, err := s.locate(name)
	if err != nil {
		return err
	}
	f, err := s.server.box.Folder(s.ctx, m.ID, folder)
	if err == nil {
		err = s.server.box.DeleteFolder(s.ctx, m.ID, folder)
	}
	if err == nil && f.Subscribed {
		err = s.server.box.Subscribe(s.ctx, m.ID, f.Name, true) // its name stays (RFC 3501 section 6.3.6)
	}
	return s.fault("delete", err)
}

func (s *session) Rename(name, to string, _ *imap.RenameOptions) (err error) {
	defer s.rescue("rename", &err)
	m, folder, err := s.locate(name)
	if err != nil {
		return err
	}
	other, target, err := s.locate(to)
	if err != nil {
		return err
	}
	if m.ID != other.ID {
		return no(imap.ResponseCodeCannot, "Can't rename into another mailbox's folders")
	}
	return s.fault("rename", s.server.box.RenameFolder(s.ctx, m.ID, folder, target))
}

func (s *session) Subscribe(name string) error   { return s.subscribe(name, true) }
func (s *session) Unsubscribe(name string) error { return s.subscribe(name, false) }

func (s *session) subscribe(name string, on bool) (err error) {
	defer s.rescue("subscribe", &err)
	m, folder, err := s.locate(name)
	if err != nil {
		return err
	}
	if on {
		if _, err := s.folder(name); err != nil {
			return err
		}
	}
	return s.fault("subscribe", s.server.box.Subscribe(s.ctx, m.ID, folder, on))
}
