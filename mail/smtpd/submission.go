package smtpd

import (
	"context"
	"slices"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/mail/queue"
	"frontdesk/store/blob"
)

// Auth tells which user a login and password belong to. "" without an error counts as mail.ErrLogin; any other error is
// answered as trouble of ours.
type Auth func(ctx context.Context, login, password string) (userID string, err error)

// submission takes our users' mail (RFC 6409).
type submission struct {
	box   *mail.Box
	queue *queue.Queue
	auth  Auth
}

func (m *submission) logins() bool { return true }

func (m *submission) login(ctx context.Context, login, password string) (string, error) {
	return m.auth(ctx, login, password)
}

func (m *submission) sender(ctx context.Context, s *session, from string) error {
	if from == "" {
		return failure(mail.ErrNotOurs)
	}
	if _, err := m.box.MaySend(ctx, s.user, from); err != nil {
		return s.failed("sender", err)
	}
	return nil
}

// recipient refuses at once what is known to fail: a mailbox of our own domains that isn't there.
func (m *submission) recipient(ctx context.Context, s *session, to string) error {
	if !s.core.limits.recipients.Allow(s.user) {
		s.core.metrics.refused.WithLabelValues("user rate").Inc()
		return reply(450, status{4, 7, 1}, "You are sending too fast, slow down")
	}
	if s.core.config.Carbon != nil {
		if user, err := s.core.config.Carbon.Owner(ctx, to); err != nil {
			return s.failed("recipient", err)
		} else if user != "" {
			s.mail.copies = append(s.mail.copies, to)
			return nil
		}
	}
	local, err := m.queue.Local(ctx, to)
	if err == nil && local {
		_, err = m.box.Resolve(ctx, to)
	}
	if err != nil {
		return s.failed("recipient", err)
	}
	return nil
}

func (m *submission) accept(ctx context.Context, s *session, message *blob.Spool) (id string, err error) {
	head, err := mime.ReadHead(message.Reader())
	if err != nil {
		return "", reply(554, status{5, 6, 0}, "The header can't be read: %v", err)
	}
	if err := m.mayWrite(ctx, s, head); err != nil {
		return "", err
	}
	virus, err := s.virusIn(ctx, message)
	if err != nil {
		return "", err
	}
	if virus != "" {
		s.core.metrics.refused.WithLabelValues("virus").Inc()
		s.log.Warn("a user's mail has a virus", "msg", s.mail.id, "virus", virus)
		return "", reply(554, status{5, 7, 1}, "Not sent: the virus scanner found %s", virus)
	}
	to := slices.DeleteFunc(s.mail.to, func(to string) bool { return slices.Contains(s.mail.copies, to) })
	if len(to) == 0 {
		return s.mail.id, reply(550, status{5, 7, 1}, "What you send here is filed by itself: write to the client")
	}
	envelope := queue.Envelope{From: s.mail.from, To: to, User: s.user, UTF8: s.mail.utf8}
	receipt, err := m.queue.Submit(ctx, envelope, message.Reader())
	if err != nil {
		return "", s.failed("submit", err)
	}
	s.log.Info("mail submitted", "msg", receipt.ID, "from", s.mail.from, "recipients", len(s.mail.to), "size",
		message.Size())
	return receipt.ID, nil
}

// mayWrite holds the visible authors to the same rule as the envelope: the addresses of the user's mailboxes.
func (m *submission) mayWrite(ctx context.Context, s *session, head *mime.Message) error {
	authors, err := head.Authors()
	if err != nil || len(authors) == 0 {
		return reply(554, status{5, 6, 0}, "%v", mime.ErrAuthors)
	}
	for _, author := range authors {
		if _, err := m.box.MaySend(ctx, s.user, author.Address); err != nil {
			return s.failed("author", err)
		}
	}
	return nil
}
