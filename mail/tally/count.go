// Package tally counts what other domains ask to be told of their mail, and tells them once a day: who sent mail in
// their names and whether that was proven (DMARC's aggregate reports, RFC 7489 section 7.2), and how connections to
// their servers were encrypted (TLS reports, RFC 8460).
package tally

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/mjl-/mox/dmarc"
	"github.com/mjl-/mox/dmarcrpt"
	"github.com/mjl-/mox/tlsrpt"

	"frontdesk/store"
)

// Kinds of reports.
const (
	DMARC = "dmarc"
	TLS   = "tls"
)

const (
	maxKeys = 10_000 // that a node counts between two writes: what senders may make up
	maxRows = 2_000  // of a domain and day
	maxDay  = 50_000 // of a day
	dayForm = "2006-01-02"
)

// key is what is counted together.
type key struct{ day, kind, domain, detail string }

func (k key) id() string {
	sum := sha256.Sum256([]byte(k.detail))
	return hex.EncodeToString(sum[:12])
}

type counts struct{ passed, failed int64 }

// Counter counts on one node; Write adds up over all. It is safe for concurrent use.
type Counter struct {
	db  *store.DB
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	counts map[key]counts
}

// NewCounter opens one over a migrated database.
func NewCounter(db *store.DB, log *slog.Logger) *Counter {
	return &Counter{db: db, log: log, now: time.Now, counts: map[key]counts{}}
}

// Mail is what came in a domain's name.
type Mail struct {
	IP           net.IP
	EnvelopeFrom string // domain
	HeaderFrom   string // domain
	Result       dmarc.Result
	Applied      bool // what the policy asks for was done
	Auth         dmarcrpt.AuthResults
}

// dmarcDetail is what is kept of mails that are alike.
type dmarcDetail struct {
	Policy dmarcrpt.PolicyPublished
	Record dmarcrpt.ReportRecord
}

// Mail counts one, where its domain asks to be told.
func (c *Counter) Mail(m Mail) {
	r := m.Result
	if r.Record == nil || len(r.Record.AggregateReportAddresses) == 0 || r.Domain.ASCII == "" {
		return
	}
	evaluated := dmarcrpt.PolicyEvaluated{Disposition: dmarcrpt.DispositionNone, DKIM: dmarcrpt.DMARCFail,
		SPF: dmarcrpt.DMARCFail}
	if r.AlignedDKIMPass {
		evaluated.DKIM = dmarcrpt.DMARCPass
	}
	if r.AlignedSPFPass {
		evaluated.SPF = dmarcrpt.DMARCPass
	}
	asked := asksFor(r, m.HeaderFrom)
	switch {
	case m.Applied:
		evaluated.Disposition = dmarcrpt.DispositionQuarantine
		if asked == dmarc.PolicyReject { // it goes to Junk here
			evaluated.Reasons = []dmarcrpt.PolicyOverrideReason{{Type: dmarcrpt.PolicyOverrideLocalPolicy}}
		}
	case r.Status == dmarc.StatusFail && asked != dmarc.PolicyNone:
		evaluated.Reasons = []dmarcrpt.PolicyOverrideReason{{Type: dmarcrpt.PolicyOverrideSampledOut}}
	}
	subdomains := r.Record.SubdomainPolicy
	if subdomains == "" {
		subdomains = r.Record.Policy
	}
	passed, failed := int64(0), int64(1)
	if r.Status == dmarc.StatusPass {
		passed, failed = 1, 0
	}
	c.add(DMARC, r.Domain.ASCII, dmarcDetail{
		Policy: dmarcrpt.PolicyPublished{Domain: r.Domain.ASCII, ADKIM: dmarcrpt.Alignment(r.Record.ADKIM),
			ASPF: dmarcrpt.Alignment(r.Record.ASPF), Policy: dmarcrpt.Disposition(r.Record.Policy),
			SubdomainPolicy: dmarcrpt.Disposition(subdomains), Percentage: r.Record.Percentage,
			ReportingOptions: strings.Join(r.Record.FailureReportingOptions, ":")},
		Record: dmarcrpt.ReportRecord{
			Row:         dmarcrpt.Row{SourceIP: m.IP.String(), PolicyEvaluated: evaluated},
			Identifiers: dmarcrpt.Identifiers{EnvelopeFrom: m.EnvelopeFrom, HeaderFrom: m.HeaderFrom},
			AuthResults: m.Auth,
		}}, passed, failed)
}

// asksFor is the policy that holds for an author's domain.
func asksFor(r dmarc.Result, author string) dmarc.Policy {
	if author != r.Domain.ASCII && r.Record.SubdomainPolicy != "" {
		return r.Record.SubdomainPolicy
	}
	return r.Record.Policy
}

// tlsDetail is what is kept of connections that are alike.
type tlsDetail struct {
	Policy  tlsrpt.ResultPolicyJSON
	Failure *tlsrpt.FailureDetailsJSON `json:",omitempty"`
}

// Connection counts what came of a connection to a server of a domain, which the policy names.
func (c *Counter) Connection(r tlsrpt.Result) {
	domain := r.Policy.Domain
	if r.Summary.TotalSuccessfulSessionCount+r.Summary.TotalFailureSessionCount == 0 && len(r.FailureDetails) > 0 {
		r.Summary.TotalFailureSessionCount = 1 // there was no TLS to succeed or fail
	}
	if domain == "" || r.Summary.TotalSuccessfulSessionCount+r.Summary.TotalFailureSessionCount == 0 {
		return
	}
	policy := tlsrpt.ResultPolicyJSON(r.Policy)
	c.add(TLS, domain, tlsDetail{Policy: policy}, r.Summary.TotalSuccessfulSessionCount,
		r.Summary.TotalFailureSessionCount)
	for _, d := range r.FailureDetails {
		failure := tlsrpt.FailureDetailsJSON(d)
		n := failure.FailedSessionCount
		failure.FailedSessionCount = 0
		c.add(TLS, domain, tlsDetail{Policy: policy, Failure: &failure}, 0, n)
	}
}

func (c *Counter) add(kind, domain string, detail any, passed, failed int64) {
	text, err := json.Marshal(detail)
	if err != nil || len(text) > 8<<10 {
		return // nothing that anybody has to know
	}
	k := key{c.now().UTC().Format(dayForm), kind, strings.ToLower(domain), string(text)}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, known := c.counts[k]
	if !known && len(c.counts) >= maxKeys {
		return
	}
	c.counts[k] = counts{n.passed + passed, n.failed + failed}
}

// Write adds what was counted to what all nodes did.
func (c *Counter) Write(ctx context.Context) error {
	c.mu.Lock()
	counted := c.counts
	c.counts = map[key]counts{}
	c.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	err := c.db.Tx(ctx, func(tx *store.Tx) error { return write(ctx, tx, counted) })
	if err != nil {
		c.restore(counted)
	}
	return err
}

func write(ctx context.Context, tx *store.Tx, counted map[key]counts) error {
	type place struct{ day, kind, domain string }
	rows, days := map[place]int{}, map[string]int{}
	for k, n := range counted {
		at := place{k.day, k.kind, k.domain}
		if _, asked := days[k.day]; !asked {
			var all int
			if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_tally WHERE day = $1`, k.day).Scan(&all); err != nil {
				return err
			}
			days[k.day] = all
		}
		if _, asked := rows[at]; !asked {
			var all int
			if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM mail_tally WHERE day = $1 AND kind = $2 AND domain = $3`, k.day,
				k.kind, k.domain).Scan(&all); err != nil {
				return err
			}
			rows[at] = all
		}
		if rows[at] >= maxRows || days[k.day] >= maxDay {
			continue
		}
		rows[at], days[k.day] = rows[at]+1, days[k.day]+1
		if _, err := tx.Exec(ctx, `INSERT INTO mail_tally (day, kind, domain, id, detail, passed, failed)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (day, kind, domain, id)
			DO UPDATE SET passed = mail_tally.passed + excluded.passed, failed = mail_tally.failed + excluded.failed`,
			k.day, k.kind, k.domain, k.id(), k.detail, n.passed, n.failed); err != nil {
			return err
		}
	}
	return nil
}

// restore takes back what could not be written.
func (c *Counter) restore(counted map[key]counts) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, n := range counted {
		now, known := c.counts[k]
		if known || len(c.counts) < maxKeys {
			c.counts[k] = counts{now.passed + n.passed, now.failed + n.failed}
		}
	}
}
