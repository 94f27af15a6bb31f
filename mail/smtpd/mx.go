package smtpd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/filter"
	"frontdesk/mail/header"
	"frontdesk/mail/mime"
	"frontdesk/mail/quarantine"
	"frontdesk/store/blob"
)

// maxHops is how many servers a message may have passed: more is a loop (RFC 5321 section 6.3).
const maxHops = 50

// mx takes the world's mail for our mailboxes, and for nobody else.
type mx struct {
	hostname string
	box      *mail.Box
	blobs    blob.Store
	filter   *filter.Filter
}

func (m *mx) logins() bool { return false }

func (m *mx) login(context.Context, string, string) (string, error) { return "", mail.ErrLogin }

// sender accepts every address, and the null path of bounces: what they are worth is judged with the content.
func (m *mx) sender(context.Context, *session, string) error { return nil }

func (m *mx) recipient(ctx context.Context, s *session, to string) error {
	if taken, err := s.carbon(ctx, to); err != nil || taken {
		return err
	}
	mailboxes, err := m.box.Resolve(ctx, to)
	// also <Postmaster> alone, RFC 5321 section 4.5.1
	if errors.Is(err, mail.ErrRelay) && m.forUs(to) {
		mailboxes, err = m.box.Postmaster(ctx)
	}
	if err != nil {
		return s.failed("recipient", err)
	}
	for _, mailbox := range mailboxes {
		if err := mailbox.HasRoom(s.mail.size); err != nil {
			return failure(err)
		}
	}
	for _, mailbox := range mailboxes {
		s.mail.mailboxes = append(s.mail.mailboxes, mail.Recipient{Mailbox: mailbox.ID, Address: to})
	}
	return nil
}

// forUs tells the addresses of who runs this server.
func (m *mx) forUs(to string) bool {
	return strings.EqualFold(to, "postmaster@"+m.hostname) || strings.EqualFold(to, "abuse@"+m.hostname)
}

// accept judges a message and stores it in all its mailboxes or none: blob, then rows, then 250.
func (m *mx) accept(ctx context.Context, s *session, message *blob.Spool) (id string, err error) {
	fields, err := header.Read(message.Reader())
	if errors.Is(err, header.ErrTooLarge) {
		return "", reply(552, status{5, 3, 4}, "The header is too large")
	} else if err != nil {
		return "", s.failed("read header", err)
	}
	if header.Count(fields, "received") >= maxHops {
		return "", reply(554, status{5, 4, 6}, "This message is going in circles")
	}
	parsed, err := parse(message)
	if err != nil {
		return "", s.failed("read message", err)
	}
	if err := s.oneAuthor(parsed); err != nil {
		return "", err
	}
	envelope := filter.Envelope{IP: net.IP(s.ip.AsSlice()), Helo: s.helo(), From: s.mail.from, UTF8: s.mail.utf8,
		To: s.mail.to}
	verdict, results, err := m.filter.Check(ctx, envelope, message.Reader(), parsed)
	if err != nil {
		return "", s.failed("filter", err)
	}
	a := arriving{message, fields, parsed, verdict, results}
	if s.mail.files == "" {
		if err := s.again(ctx, a); err != nil {
			return "", err
		}
	}
	if err := s.scan(ctx, &a); err != nil {
		return "", err
	}
	action, err := s.action(ctx, a.verdict.Cause)
	if err != nil {
		return "", err
	}
	if action == quarantine.Reject {
		return "", s.stopped(a)
	}
	return m.store(ctx, s, a, action == quarantine.Hold)
}

// parsedAtOnce is how large a message may be to be read as it comes; a larger one is read where it is stored.
const parsedAtOnce = max(256<<10, filter.Whole)

// parse reads a small message whole, and the header of a larger one.
func parse(message *blob.Spool) (*mime.Message, error) {
	if message.Size() > parsedAtOnce {
		return mime.ReadHead(message.Reader())
	}
	return mime.Parse(message.Reader())
}

// oneAuthor refuses a message that different programs would show as from different people (RFC 7489 section 6.6.1).
func (s *session) oneAuthor(head *mime.Message) error {
	if _, err := head.Authors(); err != nil {
		s.core.metrics.refused.WithLabelValues("author").Inc()
		s.log.Info("message refused", "msg", s.mail.id, "from", s.mail.from, "err", err)
		return reply(550, status{5, 7, 1}, "Who is it from? RFC 5322 section 3.6: %v", err)
	}
	return nil
}

// store keeps a message, in its mailboxes or, stopped, in quarantine.
func (m *mx) store(ctx context.Context, s *session, a arriving, hold bool) (id string, err error) {
	now := time.Now()
	head := slices.Concat(m.trace(s, a.fields, a.results, now), m.filter.WithoutForged(a.fields))
	rest := int64(len(a.fields))
	whole := io.MultiReader(bytes.NewReader(head), io.NewSectionReader(a.Reader(), rest, a.Size()-rest))
	delivery := mail.Delivery{To: s.mail.mailboxes, Verdict: a.verdict, EnvelopeFrom: s.mail.from,
		Helo: s.helo(), RemoteIP: s.ip.String(), Received: now}
	if a.Size() <= parsedAtOnce {
		raw := make([]byte, int64(len(head))+a.Size()-rest)
		if _, err := io.ReadFull(whole, raw); err != nil {
			return "", s.failed("store message", err)
		}
		delivery.Parsed, whole = a.under(raw, len(head)), bytes.NewReader(raw)
	}
	if delivery.Blob, delivery.Size, err = m.blobs.Put(ctx, whole); err != nil {
		return "", s.failed("store message", err)
	}
	if s.mail.files != "" {
		if err := s.file(ctx, a, delivery); err != nil {
			m.box.Unclaimed(delivery.Blob)
			return "", err
		}
		return s.mail.id, nil
	}
	if hold {
		if err := s.hold(ctx, a, delivery); err != nil {
			m.box.Unclaimed(delivery.Blob)
			return "", err
		}
		return s.mail.id, nil
	}
	if _, err := m.box.Deliver(ctx, delivery); err != nil {
		return "", s.failed("deliver", err)
	}
	s.core.config.Seen(ctx, s.ip)
	m.bounced(ctx, s, a)
	s.reported(ctx, a)
	s.log.Info("mail accepted", "msg", s.mail.id, "from", s.mail.from, "recipients", len(s.mail.to), "size",
		delivery.Size,
		"junk", a.verdict.Junk, "score", a.verdict.Score, "spf", a.verdict.SPF, "dkim", a.verdict.DKIM,
		"dmarc", a.verdict.DMARC)
	return s.mail.id, nil
}

// maxNotice is how much of a notice is read, in bytes: all that matters stands in front.
const maxNotice = 256 << 10

// bounced passes on what may be a notice that a mail could not be delivered. It is stored: whatever fails here is no
// reason to have it again.
func (m *mx) bounced(ctx context.Context, s *session, a arriving) {
	notice := s.mail.from == "" || strings.HasPrefix(strings.ToLower(s.mail.from), "mailer-daemon@")
	if !notice || s.core.config.Bounced == nil {
		return
	}
	raw, err := io.ReadAll(io.LimitReader(a.Reader(), maxNotice))
	if err == nil {
		var boxes []string
		for _, r := range s.mail.mailboxes {
			boxes = append(boxes, r.Mailbox)
		}
		err = s.core.config.Bounced(ctx, boxes, raw)
	}
	if err != nil {
		s.log.Warn("read a notice of failure", "msg", s.mail.id, "err", err)
	}
}

// trace is what we put on top: who sent it really, how it came, and an id if it has none.
func (m *mx) trace(s *session, fields, results []byte, now time.Time) []byte {
	var top bytes.Buffer
	fmt.Fprintf(&top, "Return-Path: <%s>\r\n%s%s", s.mail.from, results, s.received(now))
	if header.Value(fields, "message-id") == "" {
		fmt.Fprintf(&top, "Message-ID: <%s@%s>\r\n", s.mail.id, m.hostname)
	}
	if len(fields) == 0 {
		top.WriteString("\r\n")
	}
	return top.Bytes()
}
