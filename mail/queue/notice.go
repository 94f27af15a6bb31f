package queue

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/dsn"
	"github.com/mjl-/mox/mlog"
	"github.com/mjl-/mox/smtp"

	"frontdesk/mail/header"
	"frontdesk/store"
)

// notices prepares what the sender must hear (RFC 3464): failures, and delays. A null sender hears nothing, or two
// servers could tell each other about it for ever.
func (q *Queue) notices(ctx context.Context, m *message, failures, delays []outcome) (list []*prepared, err error) {
	if m.sender == "" {
		return nil, nil
	}
	for _, about := range [][]outcome{failures, delays} {
		if len(about) == 0 {
			continue
		}
		notice, err := q.notice(ctx, m, about)
		if err != nil {
			return nil, fmt.Errorf("notice about message %s: %w", m.id, err)
		}
		list = append(list, notice)
	}
	return list, nil
}

func (q *Queue) notice(ctx context.Context, m *message, about []outcome) (*prepared, error) {
	original, err := q.head(ctx, m)
	if err != nil {
		return nil, err
	}
	to, err := pathOf(m.sender)
	if err != nil {
		return nil, err
	}
	from := smtp.Path{Localpart: "postmaster", IPDomain: to.IPDomain}
	if m.via != "" { // its domain is not ours
		if from.IPDomain.Domain, err = dns.ParseDomain(q.config.Hostname); err != nil {
			return nil, err
		}
	}
	d := dsn.Message{SMTPUTF8: m.utf8, From: from, To: to, Subject: subject(about),
		MessageID: store.NewID() + "@" + q.config.Hostname,
		TextBody:  q.words(m, about), ReportingMTA: q.config.Hostname, ArrivalDate: m.created, Original: original}
	if m.messageID != "" {
		d.References = "<" + m.messageID + ">"
	}
	for _, o := range about {
		d.Recipients = append(d.Recipients, q.status(m, o))
	}
	report, err := d.Compose(mlog.New("dsn", q.log), m.utf8)
	if err != nil {
		return nil, err
	}
	raw := append([]byte("Auto-Submitted: auto-replied\r\n"), report...)
	notice, err := q.prepare(ctx, Envelope{To: []string{m.sender}, UTF8: m.utf8}, raw)
	if err == nil {
		notice.via = m.via
	}
	return notice, err
}

// head is the header of the message, which the notice carries: nothing of the body leaves with it.
func (q *Queue) head(ctx context.Context, m *message) ([]byte, error) {
	content, err := q.blobs.Open(ctx, m.blob)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	fields, err := header.Read(io.LimitReader(content, header.Max))
	if !m.utf8 && !ascii(fields) {
		fields = bytes.Map(func(r rune) rune {
			if r >= 0x80 {
				return '?'
			}
			return r
		}, fields)
	}
	return slices.Concat(fields, []byte("\r\n")), err
}

func pathOf(address string) (smtp.Path, error) {
	at := strings.LastIndexByte(address, '@')
	domain, err := domainOf(address)
	if err != nil {
		return smtp.Path{}, err
	}
	parsed, err := dns.ParseDomain(domain)
	return smtp.Path{Localpart: smtp.Localpart(address[:at]), IPDomain: dns.IPDomain{Domain: parsed}}, err
}

func isFailure(about []outcome) bool { return about[0].state == failed }

func subject(about []outcome) string {
	if isFailure(about) {
		return "Your mail could not be delivered"
	}
	return "Your mail is delayed"
}

// words say to a person what happened.
func (q *Queue) words(m *message, about []outcome) string {
	var b strings.Builder
	if isFailure(about) {
		b.WriteString("Your mail could not be delivered to:\n")
	} else {
		fmt.Fprintf(&b, "Your mail could not be delivered yet. We keep trying until %s; you need not send it again.\n",
			m.created.Add(q.config.GiveUp).UTC().Format("2 January 15:04 MST"))
	}
	for _, o := range about {
		fmt.Fprintf(&b, "\n  %s\n", plain(o.rcpt.address))
		for line := range strings.Lines(o.answer) {
			fmt.Fprintf(&b, "    %s\n", plain(strings.TrimRight(line, "\n")))
		}
		if o.remote != "" && o.code != 0 {
			fmt.Fprintf(&b, "    (said %s)\n", o.remote)
		}
	}
	fmt.Fprintf(&b, "\nSubject: %s\nSent: %s\n", plain(m.subject), m.created.UTC().Format(time.RFC1123))
	return b.String()
}

// plain keeps text that a stranger's server wrote on one line of ASCII.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f {
			return '?'
		}
		return r
	}, text[:min(len(text), maxAnswer)])
}

func (q *Queue) status(m *message, o outcome) dsn.Recipient {
	final, _ := pathOf(o.rcpt.address) // it was parsed when it was accepted
	r := dsn.Recipient{FinalRecipient: final, Action: dsn.Failed, Status: o.enhanced, LastAttemptDate: time.Now()}
	if o.state == waiting {
		until := m.created.Add(q.config.GiveUp)
		r.Action, r.WillRetryUntil = dsn.Delayed, &until
	}
	if o.code != 0 {
		r.RemoteMTA, r.DiagnosticCodeSMTP = dsn.NameIP{Name: o.remote}, plain(strings.ReplaceAll(o.answer, "\n", " "))
	}
	return r
}
