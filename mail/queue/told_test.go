package queue

import (
	"context"
	"crypto/tls"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/tlsrpt"

	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/reports"
	"frontdesk/mail/resolver"
	"frontdesk/mail/tally"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Each connection is counted under the policy that held, with why TLS failed.
func TestConnectionsAreCounted(t *testing.T) {
	good, roots := certificate(t, "mail.far.test")
	unknown, _ := certificate(t, "mail.far.test")
	enforced := policy("enforce", "mail.far.test")
	for name, x := range map[string]struct {
		peer   *tls.Config
		policy string
		kind   tlsrpt.PolicyType
		good   bool
		why    tlsrpt.ResultType
	}{
		"as it should be":   {good, enforced, tlsrpt.STS, true, ""},
		"unknown authority": {unknown, enforced, tlsrpt.STS, false, tlsrpt.ResultCertificateNotTrusted},
		"no TLS":            {nil, enforced, tlsrpt.STS, false, tlsrpt.ResultSTARTTLSNotSupported},
		"no policy":         {good, "", tlsrpt.NoPolicyFound, true, ""},
		"neither":           {nil, "", tlsrpt.NoPolicyFound, false, tlsrpt.ResultSTARTTLSNotSupported},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var heard []tlsrpt.Result
			c := Config{Roots: roots, Warn: time.Hour, Connected: func(r tlsrpt.Result) {
				mu.Lock()
				defer mu.Unlock()
				heard = append(heard, r)
			}}
			var records []string
			if x.policy != "" {
				newPolicyServer(t, x.policy)
				records = append(records, record)
			}
			o := newOffice(t, storetest.SQLite(t), c, newPeer(t, x.peer), records...)
			o.send(t, "carl@far.test")
			var r tlsrpt.Result
			eventually(t, "a connection", func() bool {
				mu.Lock()
				defer mu.Unlock()
				if len(heard) > 0 {
					r = heard[0]
				}
				return len(heard) > 0
			})
			if r.Policy.Domain != "far.test" || r.Policy.Type != x.kind ||
				(r.Summary.TotalSuccessfulSessionCount == 1) != x.good {
				t.Errorf("%+v", r)
			}
			if x.kind == tlsrpt.STS && (len(r.Policy.MXHost) != 1 || r.Policy.MXHost[0] != "mail.far.test" ||
				r.Policy.String[1] != "mode: enforce") {
				t.Errorf("the policy: %+v", r.Policy)
			}
			if x.why != "" && (len(r.FailureDetails) != 1 || r.FailureDetails[0].ResultType != x.why) {
				t.Errorf("%+v", r.FailureDetails)
			}
		})
	}
}

// A report reaches the domain's server, from nobody, signed; it is not itself counted.
func TestReportGoesOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newPeer(t, nil)
		log := slog.New(slog.DiscardHandler)
		counter := tally.NewCounter(db, log)
		o := newOffice(t, db, Config{Connected: counter.Connection}, far,
			dnstest.TXT("_smtp._tls.far.test", "v=TLSRPTv1; rua=mailto:tls@far.test"))
		o.send(t, "carl@far.test")
		eventually(t, "sent", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
		if err := counter.Write(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_tally SET day = $1`,
			time.Now().UTC().AddDate(0, 0, -1).Add(-time.Hour).Format("2006-01-02")); err != nil {
			t.Fatal(err)
		}
		reporter := tally.NewReporter(tally.Config{Resolver: resolver.New(o.dns, log),
			Domains: func(context.Context) ([]string, error) { return []string{"acme.test"}, nil },
			Send: func(ctx context.Context, to []string, raw []byte,
				first func(context.Context, *store.Tx) error) error {
				_, err := o.SubmitOnce(ctx, Envelope{To: to}, raw, first)
				return err
			}}, db, log)
		if n, err := reporter.Tell(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		eventually(t, "the report", func() bool { return len(far.got()) == 2 && len(o.list(t)) == 0 })
		m := far.got()[1]
		if m.from != "" || len(m.to) != 1 || m.to[0] != "tls@far.test" {
			t.Errorf("%+v", m)
		}
		results, err := dkim.Verify(t.Context(), log, resolver.New(o.dns, log), true, dkim.DefaultPolicy,
			strings.NewReader(m.data), false)
		if err != nil || !allAre(dkim.StatusPass, results) || results[0].Sig.Domain.ASCII != "acme.test" {
			t.Errorf("DKIM %+v, %v", results, err)
		}
		b := reports.New(db, func(context.Context, string) (bool, error) { return true, nil }, log)
		if err := b.Took(t.Context(), "acme.test", strings.NewReader(m.data), int64(len(m.data))); err != nil {
			t.Fatal(err)
		}
		if s, err := b.Of(t.Context(), "far.test"); err != nil || len(s.TLS) != 1 || s.TLS[0].Failed != 1 {
			t.Errorf("%+v %v", s, err)
		}
		if err := counter.Write(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM mail_tally`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d rows are left, %v", left, err)
		}
	})
}
