package tally

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mjl-/mox/dmarc"
	"github.com/mjl-/mox/dmarcrpt"
	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/tlsrpt"

	"frontdesk/mail/mime"
	"frontdesk/mail/reports"
	"frontdesk/mail/xmltest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// letterSent is a mail that a reporter gave to the queue.
type letterSent struct {
	to  []string
	raw string
}

type office struct {
	*Reporter
	nodes []*Counter
	now   time.Time
	sent  []letterSent
}

func newOffice(t *testing.T, db *store.DB, resolver dns.Resolver) *office {
	t.Helper()
	o := &office{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	log := slog.New(slog.DiscardHandler)
	for range 2 {
		c := NewCounter(db, log)
		c.now = func() time.Time { return o.now }
		o.nodes = append(o.nodes, c)
	}
	o.Reporter = NewReporter(Config{Resolver: resolver,
		Domains: func(context.Context) ([]string, error) { return []string{"acme.test"}, nil },
		Send: func(ctx context.Context, to []string, raw []byte,
			first func(context.Context, *store.Tx) error) error {
			if err := db.Tx(ctx, func(tx *store.Tx) error { return first(ctx, tx) }); err != nil {
				return err
			}
			o.sent = append(o.sent, letterSent{to, string(raw)})
			return nil
		}}, db, log)
	o.Reporter.now = func() time.Time { return o.now }
	return o
}

func (o *office) tell(t *testing.T) int {
	t.Helper()
	for _, c := range o.nodes {
		if err := c.Write(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	n, err := o.Tell(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func record(t *testing.T, text string) *dmarc.Record {
	t.Helper()
	r, _, err := dmarc.ParseRecord(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const asks = "v=DMARC1; p=reject; sp=none; rua=mailto:d@far.test!5m,mailto:d@service.test,mailto:d@victim.test," +
	"https://far.test/"

// came is a mail in the name of far.test.
func came(t *testing.T, ip string, status dmarc.Status, from string) Mail {
	t.Helper()
	pass := status == dmarc.StatusPass
	return Mail{IP: net.ParseIP(ip), EnvelopeFrom: "bounces.far.test", HeaderFrom: from,
		Applied: !pass && from == "far.test",
		Result: dmarc.Result{Status: status, AlignedDKIMPass: pass, Domain: dns.Domain{ASCII: "far.test"},
			Record: record(t, asks)},
		Auth: dmarcrpt.AuthResults{SPF: []dmarcrpt.SPFAuthResult{{Domain: "bounces.far.test",
			Scope: dmarcrpt.SPFDomainScopeMailFrom, Result: "pass"}},
			DKIM: []dmarcrpt.DKIMAuthResult{{Domain: "far.test", Selector: "s", Result: dmarcrpt.DKIMResult(status)}}}}
}

func dnsOf(also map[string][]string) dns.MockResolver {
	txt := map[string][]string{"_dmarc.far.test.": {asks}, "far.test._report._dmarc.service.test.": {"v=DMARC1"},
		"_smtp._tls.far.test.": {"v=TLSRPTv1; rua=mailto:t@far.test,https://far.test/tls"}}
	for name, texts := range also {
		txt[name] = texts
	}
	return dns.MockResolver{TXT: txt}
}

// What all nodes counted of a day is told once, when it is over, to those who may be told; it has the structure of
// RFC 7489 appendix C, and our own reader reads it.
func TestDMARC(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, dnsOf(nil))
		for range 3 {
			o.nodes[0].Mail(came(t, "192.0.2.1", dmarc.StatusPass, "far.test"))
			o.nodes[1].Mail(came(t, "192.0.2.1", dmarc.StatusPass, "far.test"))
		}
		o.nodes[1].Mail(came(t, "2001:db8::9", dmarc.StatusFail, "far.test"))
		o.nodes[1].Mail(came(t, "2001:db8::9", dmarc.StatusFail, "sub.far.test"))
		silent := came(t, "192.0.2.1", dmarc.StatusPass, "far.test")
		silent.Result.Record = record(t, "v=DMARC1; p=none")
		o.nodes[0].Mail(silent)
		if o.tell(t) != 0 {
			t.Error("told of a day that is not over")
		}
		o.now = time.Date(2026, 3, 2, 0, 20, 0, 0, time.UTC)
		if o.tell(t) != 1 || o.tell(t) != 0 {
			t.Fatalf("sent %d", len(o.sent))
		}
		mail := o.sent[0]
		if want := []string{"d@far.test", "d@service.test"}; !slices.Equal(mail.to, want) {
			t.Errorf("to %v", mail.to)
		}
		report := attached(t, mail.raw, "acme.test!far.test!1772323200!1772409599.xml.gz")
		if err := xmltest.Check(report, feedback()); err != nil {
			t.Errorf("%v in\n%s", err, report)
		}
		if s := string(report); !strings.Contains(s, "<count>6</count>") ||
			!strings.Contains(s, "<type>local_policy</type>") {
			t.Errorf("%s", s)
		}
		sum := read(t, db, mail.raw)
		if len(sum.DMARC) != 2 || sum.DMARC[0].Failed != 2 || sum.DMARC[0].Source != "2001:db8::9" ||
			sum.DMARC[1].Passed != 6 {
			t.Errorf("read back: %+v", sum.DMARC)
		}
	})
}

// attached is what is packed in a mail's file of that name.
func attached(t *testing.T, raw, name string) []byte {
	t.Helper()
	m := mime.ParseBytes([]byte(raw))
	i := slices.IndexFunc(m.Parts, func(p mime.Part) bool { return p.Name == name })
	if i < 0 || !reports.Looks(m) {
		t.Fatalf("no file %s in\n%s", name, raw)
	}
	_, content, _ := mime.ReadPart([]byte(raw), m.Parts[i].Path, 1<<20)
	unpacked, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// read is what our own reader makes of a report.
func read(t *testing.T, db *store.DB, raw string) reports.Summary {
	t.Helper()
	any := func(context.Context, string) (bool, error) { return true, nil }
	b := reports.New(db, any, slog.New(slog.DiscardHandler))
	if err := b.Took(t.Context(), "acme.test", strings.NewReader(raw), int64(len(raw))); err != nil {
		t.Fatal(err)
	}
	s, err := b.Of(t.Context(), "far.test")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// feedback is the schema of RFC 7489 appendix C.
func feedback() xmltest.Element {
	one := func(name, text string) xmltest.Element {
		return xmltest.Element{Name: name, Min: 1, Max: 1, Text: text}
	}
	may := func(name, text string) xmltest.Element { return xmltest.Element{Name: name, Max: 1, Text: text} }
	group := func(name string, least, most int, in ...xmltest.Element) xmltest.Element {
		return xmltest.Element{Name: name, Min: least, Max: most, In: in}
	}
	const disposition, outcome = "none|quarantine|reject", "pass|fail"
	return group("feedback", 1, 1, one("version", "1.0"),
		group("report_metadata", 1, 1, one("org_name", ".+"), one("email", ".+@.+"), may("extra_contact_info", ".*"),
			one("report_id", ".+"), group("date_range", 1, 1, one("begin", `\d+`), one("end", `\d+`)),
			xmltest.Element{Name: "error", Text: ".*"}),
		group("policy_published", 1, 1, one("domain", ".+"), may("adkim", "r|s"), may("aspf", "r|s"),
			one("p", disposition), one("sp", disposition), one("pct", `\d+`), one("fo", "[01ds:]+")),
		group("record", 1, 0,
			group("row", 1, 1, one("source_ip", `[0-9.]+|[0-9a-f:]+`), one("count", `\d+`),
				group("policy_evaluated", 1, 1, one("disposition", disposition), one("dkim", outcome),
					one("spf", outcome), group("reason", 0, 0,
						one("type", "forwarded|sampled_out|trusted_forwarder|mailing_list|local_policy|other"),
						may("comment", ".*")))),
			group("identifiers", 1, 1, may("envelope_to", ".+"), one("envelope_from", ".*"), one("header_from", ".+")),
			group("auth_results", 1, 1,
				group("dkim", 0, 0, one("domain", ".+"), may("selector", ".*"),
					one("result", "none|pass|fail|policy|neutral|temperror|permerror"), may("human_result", ".*")),
				group("spf", 1, 0, one("domain", ".+"), one("scope", "helo|mfrom"),
					one("result", "none|neutral|pass|fail|softfail|temperror|permerror")))))
}

// Connections are told by policy, with what failed; the mail is as RFC 8460 section 5.3 has it.
func TestTLS(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, dnsOf(nil))
		policy := tlsrpt.ResultPolicy{Type: tlsrpt.STS, Domain: "far.test", String: []string{"version: STSv1"},
			MXHost: []string{"*.far.test"}}
		for _, node := range o.nodes {
			node.Connection(tlsrpt.Result{Policy: policy, Summary: tlsrpt.Summary{TotalSuccessfulSessionCount: 1}})
			node.Connection(tlsrpt.Result{Policy: policy, Summary: tlsrpt.Summary{TotalFailureSessionCount: 1},
				FailureDetails: []tlsrpt.FailureDetails{{ResultType: tlsrpt.ResultCertificateExpired,
					SendingMTAIP: "192.0.2.4", ReceivingMXHostname: "mx.far.test", FailedSessionCount: 1}}})
		}
		o.nodes[0].Connection(tlsrpt.Result{Policy: tlsrpt.ResultPolicy{Type: tlsrpt.NoPolicyFound, Domain: "far.test"},
			FailureDetails: []tlsrpt.FailureDetails{{ResultType: tlsrpt.ResultSTARTTLSNotSupported,
				FailedSessionCount: 1}}})
		o.nodes[0].Connection(tlsrpt.Result{Summary: tlsrpt.Summary{TotalSuccessfulSessionCount: 1},
			Policy: tlsrpt.ResultPolicy{Type: tlsrpt.NoPolicyFound, Domain: "silent.test"}})
		o.now = o.now.AddDate(0, 0, 1)
		if o.tell(t) != 1 || !slices.Equal(o.sent[0].to, []string{"t@far.test"}) {
			t.Fatalf("%+v", o.sent)
		}
		raw := o.sent[0].raw
		for _, line := range []string{"TLS-Report-Domain: far.test\r\n", "TLS-Report-Submitter: acme.test\r\n",
			`multipart/report; report-type="tlsrpt"`, "application/tlsrpt+gzip"} {
			if !strings.Contains(raw, line) {
				t.Errorf("no %s in\n%s", line, raw)
			}
		}
		report := attached(t, raw, "acme.test!far.test!1772323200!1772409599.json.gz")
		var r tlsrpt.ReportJSON
		d := json.NewDecoder(bytes.NewReader(report))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil || len(r.Policies) != 2 {
			t.Fatalf("%v in %s", err, report)
		}
		sum := read(t, db, raw)
		if len(sum.TLS) != 2 || sum.TLS[0].Failed != 2 || sum.TLS[0].Why != "certificate-expired" ||
			sum.TLS[1].Failed != 1 || sum.TLS[1].Why != "starttls-not-supported" {
			t.Errorf("read back: %+v", sum.TLS)
		}
		if n := left(t, db); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func left(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM mail_tally`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What DNS does not tell just now is told later, for three days; what the company does not want told is not.
func TestLater(t *testing.T) {
	db := storetest.SQLite(t)
	away := dnsOf(nil)
	away.Fail = []string{"txt _dmarc.far.test."}
	o := newOffice(t, db, away)
	o.nodes[0].Mail(came(t, "192.0.2.1", dmarc.StatusPass, "far.test"))
	o.now = o.now.AddDate(0, 0, 1)
	if o.tell(t) != 0 || left(t, db) != 1 {
		t.Fatal("not kept while DNS is away")
	}
	o.config.Resolver = dnsOf(nil)
	if o.tell(t) != 1 {
		t.Error("not told later")
	}
	o.nodes[0].Mail(came(t, "192.0.2.1", dmarc.StatusPass, "far.test"))
	if err := o.SetPolicy(t.Context(), Policy{TLS: true}); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.AddDate(0, 0, 1)
	if o.tell(t) != 0 || left(t, db) != 0 || len(o.sent) != 1 {
		t.Error("told although it is switched off")
	}
	o.config.Resolver = away
	if err := o.SetPolicy(t.Context(), Standard()); err != nil {
		t.Fatal(err)
	}
	o.nodes[0].Mail(came(t, "192.0.2.1", dmarc.StatusPass, "far.test"))
	o.now = o.now.AddDate(0, 0, 5)
	if o.tell(t) != 0 || left(t, db) != 0 {
		t.Error("kept for ever")
	}
}

// However much a sender makes up, what is kept of it is within bounds.
func TestBounds(t *testing.T) {
	db := storetest.SQLite(t)
	o := newOffice(t, db, dnsOf(nil))
	for i := range maxKeys + 5 {
		m := came(t, "192.0.2.1", dmarc.StatusFail, "far.test")
		m.IP = net.IPv4(10, byte(i>>16), byte(i>>8), byte(i))
		o.nodes[0].Mail(m)
	}
	if n := len(o.nodes[0].counts); n != maxKeys {
		t.Errorf("%d are counted", n)
	}
	if err := o.nodes[0].Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := left(t, db); n != maxRows {
		t.Errorf("%d rows", n)
	}
}

// Where reports go is an address of mail and nothing else.
func TestMailto(t *testing.T) {
	for uri, want := range map[string]string{"mailto:a@b.test": "a@b.test", "MAILTO:a%21@b.test": "a!@b.test",
		"https://b.test/": "", "mailto:a@b.test%0d%0aBcc:x@y.test": "", "mailto:": "", "mailto:a": "", "a@b.test": ""} {
		if got, ok := mailto(uri); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q %v", uri, got, ok)
		}
	}
}

// Reports come from the domain of the mail server.
func TestFirst(t *testing.T) {
	if got := First("mx.b.test", []string{"a.test", "b.test"}); got[0] != "b.test" {
		t.Error(got)
	}
}
