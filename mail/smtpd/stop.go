package smtpd

import (
	"context"
	"errors"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/greylist"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/virus"
	"frontdesk/store/blob"
)

// virusIn tells which virus a message has, "" for none. Where nobody can tell, the error is the answer: a scanner that
// is away lets nothing pass.
func (s *session) virusIn(ctx context.Context, message *blob.Spool) (string, error) {
	if s.core.config.Scan == nil {
		return "", nil
	}
	name, err := s.core.config.Scan(ctx, message.Reader())
	switch {
	case errors.Is(err, virus.ErrTooLarge):
		s.core.metrics.refused.WithLabelValues("scanner").Inc()
		s.log.Warn("message refused: the virus scanner takes none that large (StreamMaxLength)", "msg", s.mail.id,
			"size", message.Size())
		return "", reply(552, status{5, 3, 4}, "Too large to be scanned for viruses here")
	case err != nil:
		s.core.metrics.refused.WithLabelValues("scanner").Inc()
		s.log.Error("scan for viruses", "msg", s.mail.id, "err", err)
		return "", reply(451, status{4, 7, 1}, "The virus scanner is away, please try again later")
	}
	return name, nil
}

// scan judges anew what has a virus.
func (s *session) scan(ctx context.Context, a *arriving) error {
	name, err := s.virusIn(ctx, a.Spool)
	if name != "" {
		a.verdict.Junk, a.verdict.Score, a.verdict.Cause = true, 1, mail.Virus
		a.verdict.Reasons = append([]string{"the virus scanner found " + name}, a.verdict.Reasons...)
	}
	return err
}

// action is what the company wants done with a message. A virus reaches no mailbox, whatever it wants.
func (s *session) action(ctx context.Context, cause mail.Cause) (quarantine.Action, error) {
	switch keeper := s.core.config.Quarantine; {
	case cause == mail.Virus && keeper == nil:
		return quarantine.Reject, nil
	case cause == "" || keeper == nil:
		return quarantine.Junk, nil
	}
	p, err := s.core.config.Quarantine.Policy(ctx)
	if err != nil {
		return "", s.failed("read the policy of the quarantine", err)
	}
	return p.For(cause), nil
}

// hold keeps a message from its mailboxes until an administrator decides.
func (s *session) hold(ctx context.Context, a arriving, d mail.Delivery) error {
	if d.Parsed == nil {
		d.Parsed = a.parsed
	}
	err := s.core.config.Quarantine.Keep(ctx, a.verdict.Cause, a.verdict.Reasons[0], d)
	if errors.Is(err, quarantine.ErrFull) {
		s.log.Warn("the quarantine is full: what would be kept there is refused", "msg", s.mail.id)
		return s.stopped(a)
	} else if err != nil {
		return s.failed("quarantine", err)
	}
	s.log.Info("mail is kept in quarantine", "msg", s.mail.id, "from", s.mail.from, "cause", a.verdict.Cause, "reason",
		a.verdict.Reasons[0])
	return nil
}

// stopped refuses a message for what it is.
func (s *session) stopped(a arriving) error {
	s.core.metrics.refused.WithLabelValues(string(a.verdict.Cause)).Inc()
	s.log.Info("message refused", "msg", s.mail.id, "from", s.mail.from, "cause", a.verdict.Cause, "reason",
		a.verdict.Reasons[0])
	if a.verdict.Cause == mail.Virus {
		return reply(554, status{5, 7, 1}, "Not taken: %s", a.verdict.Reasons[0])
	}
	return reply(550, status{5, 7, 1}, "Not taken: this looks like junk, or like mail that nobody proved to have sent")
}

// again asks who brings a mail to come later, where the company has strangers asked so.
func (s *session) again(ctx context.Context, a arriving) error {
	if s.core.config.Greylist == nil {
		return nil
	}
	brought := greylist.Mail{IP: s.ip, From: s.mail.from, Author: a.parsed.Author().Address, To: s.mail.to,
		Verdict: a.verdict}
	if a.verdict.SPF == "pass" {
		brought.SPF = s.mail.from[strings.LastIndexByte(s.mail.from, '@')+1:]
	}
	wait, err := s.core.config.Greylist.Ask(ctx, brought)
	if err != nil {
		return s.failed("greylist", err)
	}
	if wait == 0 {
		return nil
	}
	s.core.metrics.refused.WithLabelValues("greylist").Inc()
	s.log.Info("mail is asked to come again", "msg", s.mail.id, "from", s.mail.from, "wait", wait)
	return reply(451, status{4, 7, 1}, "We do not know you yet: please bring it again in %d seconds",
		int(wait.Seconds())+1)
}
