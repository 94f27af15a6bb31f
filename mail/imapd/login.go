package imapd

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// maxTries of wrong log-ins on one connection.
const maxTries = 5

func (s *session) login(c *imap.Command) (string, error) {
	c.Args.Space()
	login := c.Args.AString()
	c.Args.Space()
	password := c.Args.AString()
	if err := c.Args.End(); err != nil {
		return "", err
	}
	return s.enter(login, password)
}

// authenticate is SASL PLAIN (RFC 4616), the only mechanism within TLS.
func (s *session) authenticate(c *imap.Command) (string, error) {
	c.Args.Space()
	mechanism, response := c.Args.Keyword(), ""
	if c.Args.Err() == nil && mechanism != "PLAIN" {
		return "", imap.No("CANNOT", "Only PLAIN is known")
	}
	initial := c.Args.More()
	if initial {
		c.Args.Space()
		response = c.Args.Rest()
	}
	if err := c.Args.End(); err != nil {
		return "", err
	}
	if !initial {
		var err error
		if response, err = s.goOn(""); err != nil {
			return "", err
		}
	}
	raw, err := base64.StdEncoding.DecodeString(response)
	parts := strings.Split(string(raw), "\x00")
	switch {
	case response == "*":
		return "", imap.Bad("Cancelled")
	case err != nil || len(parts) != 3:
		return "", imap.Bad("Not an answer of PLAIN")
	case parts[0] != "" && parts[0] != parts[1]:
		return "", imap.No("AUTHORIZATIONFAILED", "Nobody acts for somebody else here")
	}
	return s.enter(parts[1], parts[2])
}

// goOn asks for the rest of a command.
func (s *session) goOn(text string) (line string, err error) {
	s.out.Continue(text)
	if err = s.out.Flush(); err == nil {
		line, err = s.in.Line()
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", errConn, err)
	}
	return line, err
}

// enter checks the password. Whatever is wrong, the answer is the same and takes the same time.
func (s *session) enter(login, password string) (code string, err error) {
	began := time.Now()
	user, own, err := s.check(login, password)
	switch {
	case err == nil:
	case errors.As(err, new(*imap.Status)):
		return "", err
	default:
		return "", s.denied(began, err)
	}
	if !s.core.perUser.Enter(user) {
		s.core.metrics.logins.WithLabelValues("limit").Inc()
		return "", imap.No("LIMIT", "Too many connections of this user")
	}
	s.user, s.own, s.log = user, own, s.log.With("user", user)
	s.core.entered(s.conn, user)
	s.core.metrics.logins.WithLabelValues("ok").Inc()
	s.log.Info("imap log-in", "mailbox", own.Address)
	return "CAPABILITY " + s.capabilities(), nil
}

func (s *session) check(login, password string) (user string, own mail.Mailbox, err error) {
	from, _ := netip.ParseAddr(remoteIP(s.conn)) // what is none is one source with all that is none
	attempt, err := s.core.config.Logins.Try(s.ctx, from, login)
	if err != nil {
		return "", own, err
	}
	defer attempt.End()
	user, err = s.core.auth(s.ctx, login, password)
	switch {
	case errors.Is(err, mail.ErrLogin):
		attempt.Wrong()
		s.core.config.Refused(s.ctx, from, login)
		return "", own, err
	case err != nil:
		s.log.Error("imap log-in", "err", err)
		return "", own, imap.No("UNAVAILABLE", "Trouble here, please try again later") // RFC 5530
	}
	attempt.Right()
	list, err := s.core.box.MailboxesOf(s.ctx, user)
	if err != nil {
		return "", own, s.fault("log-in", err)
	}
	own, ok := root(list, user, login)
	if !ok {
		return "", own, imap.No("CONTACTADMIN", "This user has no mailbox")
	}
	return user, own, nil
}

func (s *session) denied(began time.Time, err error) error {
	s.core.metrics.logins.WithLabelValues("denied").Inc()
	s.log.Warn("imap log-in denied", "err", err)
	s.core.pause(time.Until(began.Add(s.core.config.FailDelay + rand.N(s.core.config.FailDelay/4+1))))
	s.fails++
	s.over = s.over || s.fails >= maxTries
	if errors.As(err, new(*guard.TooMany)) {
		return imap.No("UNAVAILABLE", "Too many wrong passwords, come back later")
	}
	return imap.No("AUTHENTICATIONFAILED", "Wrong log-in or password")
}
