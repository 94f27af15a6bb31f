package smtpd

import (
	"context"
	"errors"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/carbon"
	"frontdesk/mail/reports"
)

// carbon takes the address of a user for copies of what he sends elsewhere. It wants a transaction of its own, as its
// answer is about him, not about others: who brings more is told to come again with the rest (RFC 5321 section
// 4.5.3.1.10).
func (s *session) carbon(ctx context.Context, to string) (taken bool, err error) {
	if s.core.config.Carbon == nil {
		return false, nil
	}
	user, err := s.core.config.Carbon.Owner(ctx, to)
	switch {
	case err != nil:
		return false, s.failed("recipient", err)
	case s.mail.files != "" || user != "" && len(s.mail.to) > 0:
		return false, reply(452, status{4, 5, 3}, "Please bring it for this recipient by itself")
	}
	s.mail.files = user
	return user != "", nil
}

// file keeps a copy of what a user sent elsewhere, if it is proven that he did.
func (s *session) file(ctx context.Context, a arriving, d mail.Delivery) error {
	if d.Parsed == nil {
		d.Parsed = a.parsed
	}
	err := s.core.config.Carbon.File(ctx, s.mail.files, d)
	if errors.Is(err, carbon.ErrForeign) {
		s.core.metrics.refused.WithLabelValues("carbon").Inc()
		s.log.Info("a copy is not filed", "msg", s.mail.id, "from", s.mail.from, "user", s.mail.files)
		err = reply(550, status{5, 7, 1}, "%v", err)
	} else if err != nil {
		err = s.failed("file", err)
	} else {
		s.log.Info("a copy is filed", "msg", s.mail.id, "from", s.mail.from, "user", s.mail.files)
	}
	return err
}

// reported passes on what may be a report about one of our domains, if it is proven who sent it. It is stored: whatever
// fails here is no reason to have it again.
func (s *session) reported(ctx context.Context, a arriving) {
	author := a.parsed.Author().Address
	if s.core.config.Reports == nil || !a.verdict.Verified || a.verdict.Junk || !reports.Looks(a.parsed) {
		return
	}
	reporter := author[strings.LastIndexByte(author, '@')+1:]
	if err := s.core.config.Reports.Took(ctx, reporter, a.Reader(), a.Size()); err != nil {
		s.log.Warn("read a report", "msg", s.mail.id, "err", err)
	}
}
