package smtpd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// gate is what a door does with mail: the world's and our users' differ in nothing else. Errors are answers.
type gate interface {
	// logins tells whether AUTH is offered; without a user nothing else is allowed then.
	logins() bool
	// login checks a password.
	login(ctx context.Context, login, password string) (user string, err error)
	// sender decides on MAIL FROM.
	sender(ctx context.Context, s *session, from string) error
	// recipient decides on RCPT TO.
	recipient(ctx context.Context, s *session, to string) error
	// accept takes a message over, and returns its id once it is safe on disk.
	accept(ctx context.Context, s *session, message *blob.Spool) (id string, err error)
}

// session decides what go-smtp asks: it is smtp.AuthSession, of a connection from its EHLO on.
type session struct {
	core *core
	line *line
	conn *smtp.Conn
	gate gate
	log  *slog.Logger
	ip   netip.Addr
	user string
	mail transaction
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
	files     string           // id of the user whose copy it is, to be filed
	copies    []string         // those of to that would file what is filed anyway
}

// newSession is a door's session, which does with mail what the gate does.
func newSession(g gate) func(l *line, c *smtp.Conn) smtp.Session {
	return func(l *line, c *smtp.Conn) smtp.Session {
		return &session{core: l.core, line: l, conn: c, gate: g, log: l.log, ip: l.ip}
	}
}

// Reset ends a transaction.
func (s *session) Reset() { s.mail = transaction{} }

// Logout ends the session.
func (s *session) Logout() error {
	s.Reset()
	return nil
}

// helo is the name the client claims. The line has checked it.
func (s *session) helo() string { return strings.ToLower(s.conn.Hostname()) }

// Mail is MAIL FROM.
func (s *session) Mail(from string, options *smtp.MailOptions) error {
	switch {
	case s.mail.open:
		return reply(503, status{5, 5, 1}, "One mail at a time")
	case s.gate.logins() && s.line.tls() == nil:
		return reply(530, status{5, 7, 0}, "STARTTLS first")
	case s.gate.logins() && s.user == "":
		return reply(530, status{5, 7, 0}, "Log in first")
	}
	s.mail = transaction{utf8: options.UTF8, size: options.Size}
	from, err := s.address(from)
	if err != nil {
		return err
	}
	if !s.core.limits.mails.Allow(guard.Network(s.ip)) {
		s.core.metrics.refused.WithLabelValues("rate").Inc()
		return reply(450, status{4, 7, 1}, "Too much mail from your address, slow down")
	}
	if err := s.gate.sender(s.core.ctx, s, from); err != nil {
		return err
	}
	s.mail.open, s.mail.id, s.mail.from = true, store.NewID(), from
	return nil
}

// address is what a path of the envelope holds, "" for the null path.
func (s *session) address(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	address, err := canonical(path)
	if err != nil {
		return "", reply(553, status{5, 1, 7}, "That is not a mail address")
	}
	if !s.mail.utf8 && !ascii(address) {
		return "", reply(553, status{5, 6, 7}, "SMTPUTF8 is needed for that address")
	}
	return address, nil
}

// Rcpt is RCPT TO.
func (s *session) Rcpt(path string, _ *smtp.RcptOptions) error {
	to, err := s.address(path)
	if err != nil {
		return err
	}
	if err := s.gate.recipient(s.core.ctx, s, to); err != nil {
		if codeOf(err) == 550 {
			s.line.unknown++
		}
		return err
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

// Data is the message, which comes from the line.
func (s *session) Data(io.Reader) error {
	message := new(blob.Spool)
	defer message.Close()
	if err := s.line.message(message, s.core.config.Limits.MessageBytes); err != nil {
		return s.unreadable(err)
	}
	began := time.Now()
	id, err := s.gate.accept(s.core.ctx, s, message)
	if err == nil {
		err = reply(250, status{2, 0, 0}, "Accepted as %s", id)
	}
	s.core.metrics.message(s.line.door.name, codeOf(err), time.Since(began))
	return err
}

// unreadable answers a message that did not come whole. Unless it was only too large, the line hangs up after it.
func (s *session) unreadable(err error) error {
	s.core.metrics.refused.WithLabelValues("data").Inc()
	s.log.Info("message refused", "msg", s.mail.id, "from", s.mail.from, "err", err)
	switch {
	case errors.Is(err, smtp.ErrDataTooLarge), errors.Is(err, errFlood):
		return reply(552, status{5, 3, 4}, "At most %d bytes", s.core.config.Limits.MessageBytes)
	case errors.Is(err, errBareLineEnd):
		return reply(550, status{5, 5, 2}, "Lines must end in CR LF, and nothing else may")
	case errors.Is(err, errNUL), errors.Is(err, errLongLine):
		return reply(550, status{5, 6, 0}, "Not a mail: %v", err)
	}
	return reply(451, status{4, 3, 0}, "The message could not be received, please try again")
}

// failed logs trouble of ours and answers it; what a client did wrong is its own.
func (s *session) failed(what string, err error) error {
	answer := failure(err)
	if codeOf(answer) == 451 && s.core.ctx.Err() == nil {
		s.log.Error(what, "msg", s.mail.id, "err", err)
	}
	return answer
}
