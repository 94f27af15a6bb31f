package tally

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mjl-/mox/dmarc"
	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/publicsuffix"
	"github.com/mjl-/mox/tlsrpt"

	"frontdesk/mail/mime"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Policy says what is told.
type Policy struct {
	DMARC bool `json:"dmarc" doc:"Domains are told once a day who sent mail to us in their names (RFC 7489), where they ask for it"`
	TLS   bool `json:"tls" doc:"And how our connections to their servers were encrypted (RFC 8460)"`
}

// Standard holds until an administrator says otherwise.
func Standard() Policy { return Policy{DMARC: true, TLS: true} }

const setting = "mail.tally"

// Config is what reports are sent with.
type Config struct {
	Resolver dns.Resolver
	Domains  func(ctx context.Context) ([]string, error) // ours; reports come from the first
	// Send gives a mail to the queue from nobody, in a transaction that begins with first.
	Send func(ctx context.Context, to []string, raw []byte, first func(ctx context.Context, tx *store.Tx) error) error
}

// Reporter tells once a day. One node's does at a time.
type Reporter struct {
	config Config
	db     *store.DB
	log    *slog.Logger
	now    func() time.Time
}

// NewReporter opens it over a migrated database.
func NewReporter(c Config, db *store.DB, log *slog.Logger) *Reporter {
	return &Reporter{config: c, db: db, log: log, now: time.Now}
}

// Policy is the company's.
func (r *Reporter) Policy(ctx context.Context) (Policy, error) {
	p := Standard()
	return p, query.ReadSetting(ctx, r.db, setting, &p)
}

// SetPolicy changes it.
func (r *Reporter) SetPolicy(ctx context.Context, p Policy) error {
	return query.SaveSetting(ctx, r.db, setting, p)
}

const (
	waits     = 15 * time.Minute   // after the end of a day, until all nodes have written
	latest    = 3 * 24 * time.Hour // what could not be told by then is forgotten
	maxTold   = 2_000              // domains in one round
	maxTo     = 5                  // addresses of a report
	maxReport = 1 << 20            // bytes
	askTime   = 20 * time.Second
)

// Tell sends the reports of days that are over. What DNS does not answer for waits for the next call.
func (r *Reporter) Tell(ctx context.Context) (sent int, err error) {
	p, err := r.Policy(ctx)
	if err != nil {
		return 0, err
	}
	now := r.now().UTC().Add(-waits)
	today, old := now.Format(dayForm), now.Add(-latest).Format(dayForm)
	if _, err := r.db.Exec(ctx, `DELETE FROM mail_tally WHERE day < $1`, old); err != nil {
		return 0, err
	}
	ours, err := r.config.Domains(ctx)
	if err != nil || len(ours) == 0 {
		return 0, err
	}
	type place struct{ day, kind, domain string }
	places, err := query.All(ctx, r.db, func(row store.Row) (x place, err error) {
		return x, row.Scan(&x.day, &x.kind, &x.domain)
	}, query.New(`SELECT DISTINCT day, kind, domain FROM mail_tally WHERE day < ? ORDER BY day, domain, kind LIMIT ?`,
		today, maxTold))
	for _, x := range places {
		day, bad := time.Parse(dayForm, x.day)
		if bad != nil || ctx.Err() != nil {
			return sent, errors.Join(bad, ctx.Err())
		}
		a := about{kind: x.kind, domain: x.domain, day: day, domainOurs: ours[0], from: "postmaster@" + ours[0]}
		wanted := x.kind == DMARC && p.DMARC || x.kind == TLS && p.TLS
		told, failed := r.tell(ctx, a, wanted && !slices.Contains(ours, x.domain))
		if failed != nil {
			r.log.Info("a report is not sent so far", "kind", x.kind, "domain", x.domain, "err", failed)
		}
		if told {
			sent++
		}
	}
	return sent, err
}

// tell sends one report and forgets what it was made of; one that nobody wants is forgotten.
func (r *Reporter) tell(ctx context.Context, a about, wanted bool) (told bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var to []string
	if wanted {
		if to, err = r.recipients(ctx, a); err != nil {
			return false, err
		}
	}
	if len(to) == 0 {
		return false, forget(ctx, r.db, a)
	}
	rows, err := query.All(ctx, r.db, func(s store.Row) (x row, err error) {
		return x, s.Scan(&x.detail, &x.passed, &x.failed)
	}, query.New(`SELECT detail, passed, failed FROM mail_tally WHERE day = ? AND kind = ? AND domain = ? ORDER BY id`,
		a.day.Format(dayForm), a.kind, a.domain))
	if err != nil || len(rows) == 0 {
		return false, err
	}
	make := dmarcXML
	if a.kind == TLS {
		make = tlsJSON
	}
	report, err := make(a, rows)
	if err != nil {
		return false, err
	}
	raw, err := letter(a, to, report)
	if err != nil {
		return false, err
	}
	if len(raw) > maxReport {
		return false, errors.Join(fmt.Errorf("the report has %d bytes", len(raw)), forget(ctx, r.db, a))
	}
	return true, r.config.Send(ctx, to, raw,
		func(ctx context.Context, tx *store.Tx) error { return forget(ctx, tx, a) })
}

func forget(ctx context.Context, q store.Queries, a about) error {
	_, err := q.Exec(ctx, `DELETE FROM mail_tally WHERE day = $1 AND kind = $2 AND domain = $3`, a.day.Format(dayForm),
		a.kind, a.domain)
	return err
}

// recipients are whom a domain wants told; none where it asks for nothing (any more).
func (r *Reporter) recipients(ctx context.Context, a about) ([]string, error) {
	domain, err := dns.ParseDomain(a.domain)
	if err != nil {
		return nil, nil // of a name that can't be asked for
	}
	if a.kind == TLS {
		return r.tlsRecipients(ctx, domain)
	}
	status, at, record, _, _, err := dmarc.Lookup(ctx, r.log, r.config.Resolver, domain)
	if status == dmarc.StatusTemperror {
		return nil, err
	}
	if err != nil || record == nil || at != domain {
		return nil, nil
	}
	var to []string
	for _, uri := range record.AggregateReportAddresses {
		address, ok := mailto(uri.Address)
		if !ok || len(to) >= maxTo || slices.Contains(to, address) {
			continue
		}
		takes, err := r.takes(ctx, domain, address)
		if err != nil {
			return nil, err
		}
		if takes {
			to = append(to, address)
		}
	}
	return to, nil
}

// takes tells whether the domain of an address agrees to have the reports of another (RFC 7489 section 7.1).
func (r *Reporter) takes(ctx context.Context, domain dns.Domain, address string) (bool, error) {
	theirs, err := dns.ParseDomain(address[strings.LastIndexByte(address, '@')+1:])
	if err != nil {
		return false, nil
	}
	if publicsuffix.Lookup(ctx, r.log, theirs) == publicsuffix.Lookup(ctx, r.log, domain) {
		return true, nil
	}
	accepts, status, _, _, _, err := dmarc.LookupExternalReportsAccepted(ctx, r.log, r.config.Resolver, domain, theirs)
	if status == dmarc.StatusTemperror {
		return false, err
	}
	return accepts, nil
}

func (r *Reporter) tlsRecipients(ctx context.Context, domain dns.Domain) (to []string, err error) {
	record, _, err := tlsrpt.Lookup(ctx, r.log, r.config.Resolver, domain)
	if errors.Is(err, tlsrpt.ErrDNS) {
		return nil, err
	}
	if err != nil {
		return nil, nil
	}
	for _, rua := range slices.Concat(record.RUAs...) {
		address, ok := mailto(string(rua))
		if ok && len(to) < maxTo && !slices.Contains(to, address) {
			to = append(to, address)
		}
	}
	return to, nil
}

// mailto is the address of such a URI.
func mailto(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || !strings.EqualFold(u.Scheme, "mailto") {
		return "", false
	}
	text, err := url.PathUnescape(u.Opaque)
	if err != nil || strings.ContainsAny(text, " <>\r\n\"") {
		return "", false
	}
	_, _, err = mime.SplitAddress(text)
	return text, err == nil
}
