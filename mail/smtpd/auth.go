package smtpd

import (
	"errors"
	"strings"
	"time"

	"github.com/emersion/go-sasl"

	"frontdesk/mail"
)

// AuthMechanisms is what EHLO offers (RFC 4954), inside TLS only: PLAIN (RFC 4616), and LOGIN for old clients.
func (s *session) AuthMechanisms() []string {
	if !s.gate.logins() || s.line.tls() == nil || s.user != "" {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth begins a log-in.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch {
	case !s.gate.logins():
		return nil, reply(502, status{5, 5, 1}, "No log-in here: users send through the submission port")
	case s.mail.open:
		return nil, reply(503, status{5, 5, 1}, "Not now")
	case s.line.tls() == nil:
		return nil, reply(538, status{5, 7, 11}, "STARTTLS first")
	case mechanism == sasl.Plain:
		return plain{s}, nil
	case mechanism == sasl.Login:
		return &loginSteps{session: s}, nil
	}
	return nil, reply(504, status{5, 5, 4}, "PLAIN or LOGIN")
}

// plain is the PLAIN mechanism: "authorization NUL login NUL password".
type plain struct{ *session }

// Next takes the response, or asks for it.
func (p plain) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return nil, false, nil
	}
	parts := strings.Split(string(response), "\x00")
	if len(parts) != 3 || parts[0] != "" && parts[0] != parts[1] {
		return nil, false, reply(501, status{5, 5, 2}, "Malformed PLAIN response")
	}
	return nil, true, p.authenticate(parts[1], parts[2])
}

// loginSteps is the LOGIN mechanism: it asks for the login, then for the password.
type loginSteps struct {
	*session
	login string
	asked bool // for the password
}

// Next takes a response and asks for the next.
func (l *loginSteps) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case l.asked:
		return nil, true, l.authenticate(l.login, string(response))
	case response == nil:
		return []byte("Username:"), false, nil
	}
	l.login, l.asked = string(response), true
	return []byte("Password:"), false, nil
}

func (s *session) authenticate(login, password string) error {
	attempt, err := s.core.config.Logins.Try(s.core.ctx, s.ip, login)
	if err != nil {
		s.core.metrics.refused.WithLabelValues("login").Inc()
		s.line.ending = true
		return reply(454, status{4, 7, 0}, "Too many wrong log-ins, come back later")
	}
	defer attempt.End()
	user, err := s.gate.login(s.core.ctx, login, password)
	switch {
	case err == nil && user != "":
		attempt.Right()
		s.user = user
		s.core.entered(s.line.raw, user)
		s.log = s.log.With("user", user)
		s.core.metrics.logins.WithLabelValues("ok").Inc()
		return nil
	case err == nil || errors.Is(err, mail.ErrLogin):
		s.core.metrics.logins.WithLabelValues("wrong").Inc()
		attempt.Wrong()
		s.core.config.Refused(s.core.ctx, s.ip, login)
		s.log.Info("wrong log-in")
		s.core.pause(min(s.core.config.Tarpit, time.Second))
		return reply(535, status{5, 7, 8}, "Wrong login or password")
	}
	s.core.metrics.logins.WithLabelValues("error").Inc()
	s.log.Error("log-in", "err", err)
	return reply(454, status{4, 7, 0}, "Trouble here, please try again later")
}
