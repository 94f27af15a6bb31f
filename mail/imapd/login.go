package imapd

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"frontdesk/guard"
	"frontdesk/mail"
)

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
	if !s.core.perUser.Enter(user) {
		s.core.metrics.logins.WithLabelValues("limit").Inc()
		return no(imap.ResponseCodeLimit, "Too many connections of this user")
	}
	s.user, s.own, s.log = user, own, s.log.With("user", user)
	s.core.entered(s.wire(), user)
	s.core.metrics.logins.WithLabelValues("ok").Inc()
	s.log.Info("imap log-in", "mailbox", own.Address)
	return nil
}

func (s *session) check(login, password string) (user string, own mail.Mailbox, err error) {
	from, _ := netip.ParseAddr(s.ip) // what is none is one source with all that is none
	attempt, err := s.core.config.Logins.Try(s.ctx, from, login)
	if err != nil {
		return "", own, err
	}
	defer attempt.End()
	user, err = s.core.auth(s.ctx, login, password)
	switch {
	case errors.Is(err, mail.ErrLogin):
		attempt.Wrong()
		return "", own, err
	case err != nil:
		s.log.Error("imap log-in", "err", err)
		return "", own, no(imap.ResponseCodeUnavailable, "Trouble here, please try again later") // RFC 5530
	}
	attempt.Right()
	list, err := s.core.box.MailboxesOf(s.ctx, user)
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
	s.core.metrics.logins.WithLabelValues("denied").Inc()
	s.log.Warn("imap log-in denied", "err", err)
	s.core.pause(time.Until(began.Add(s.core.config.FailDelay + rand.N(s.core.config.FailDelay/4+1))))
	if s.fails++; s.fails >= maxTries {
		s.conn.NetConn().Close()
	}
	if errors.As(err, new(*guard.TooMany)) {
		return no(imap.ResponseCodeUnavailable, "Too many wrong passwords, come back later")
	}
	return imapserver.ErrAuthFailed
}
