package tally

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mjl-/mox/dmarcrpt"
	"github.com/mjl-/mox/tlsrpt"
)

// row is what all nodes counted of one kind of mail or connection.
type row struct {
	detail         string
	passed, failed int64
}

// about is what a report tells of.
type about struct {
	kind, domain string
	day          time.Time
	from         string // our address
	domainOurs   string
}

func (a about) submitter() string { return a.domainOurs }

// id is the same however often the report is made.
func (a about) id() string { return a.day.Format("20060102") + "." + a.domain + "@" + a.domainOurs }

func (a about) end() time.Time { return a.day.Add(24*time.Hour - time.Second) }

// dmarcXML is the report of RFC 7489 appendix C.
func dmarcXML(a about, rows []row) ([]byte, error) {
	f := dmarcrpt.Feedback{Version: "1.0", ReportMetadata: dmarcrpt.ReportMetadata{OrgName: a.domainOurs, Email: a.from,
		ReportID: a.id(), DateRange: dmarcrpt.DateRange{Begin: a.day.Unix(), End: a.end().Unix()}}}
	for _, r := range rows {
		var d dmarcDetail
		if err := json.Unmarshal([]byte(r.detail), &d); err != nil {
			return nil, err
		}
		f.PolicyPublished = d.Policy
		d.Record.Row.Count = int(r.passed + r.failed)
		f.Records = append(f.Records, d.Record)
	}
	text, err := xml.MarshalIndent(f, "", " ")
	return append([]byte(xml.Header), text...), err
}

// tlsJSON is the report of RFC 8460 section 4.
func tlsJSON(a about, rows []row) ([]byte, error) {
	r := tlsrpt.ReportJSON{OrganizationName: a.domainOurs, ContactInfo: a.from, ReportID: a.id(),
		DateRange: tlsrpt.TLSRPTDateRangeJSON{Start: a.day, End: a.end()}, Policies: []tlsrpt.ResultJSON{}}
	at := func(p tlsrpt.ResultPolicyJSON) *tlsrpt.ResultJSON {
		same := func(o tlsrpt.ResultJSON) bool {
			return o.Policy.Type == p.Type && o.Policy.Domain == p.Domain && slices.Equal(o.Policy.String, p.String) &&
				slices.Equal(o.Policy.MXHost, p.MXHost)
		}
		i := slices.IndexFunc(r.Policies, same)
		if i < 0 {
			r.Policies = append(r.Policies, tlsrpt.ResultJSON{Policy: p, FailureDetails: []tlsrpt.FailureDetailsJSON{}})
			i = len(r.Policies) - 1
		}
		return &r.Policies[i]
	}
	for _, x := range rows {
		var d tlsDetail
		if err := json.Unmarshal([]byte(x.detail), &d); err != nil {
			return nil, err
		}
		p := at(d.Policy)
		if d.Failure != nil {
			d.Failure.FailedSessionCount = x.failed
			p.FailureDetails = append(p.FailureDetails, *d.Failure)
			continue
		}
		p.Summary.TotalSuccessfulSessionCount += x.passed
		p.Summary.TotalFailureSessionCount += x.failed
	}
	return json.MarshalIndent(r, "", " ")
}

// letter is the mail that carries a report (RFC 7489 section 7.2.1.1, RFC 8460 section 5.3).
func letter(a about, to []string, report []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(report); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s!%s!%d!%d", a.submitter(), a.domain, a.day.Unix(), a.end().Unix())
	kind, multipart, words := "application/gzip", "multipart/mixed", "DMARC aggregate report"
	extra := ""
	if name += ".xml.gz"; a.kind == TLS {
		name = strings.TrimSuffix(name, ".xml.gz") + ".json.gz"
		kind, multipart = "application/tlsrpt+gzip", `multipart/report; report-type="tlsrpt"`
		words = "TLS report"
		extra = "TLS-Report-Domain: " + a.domain + "\r\nTLS-Report-Submitter: " + a.submitter() + "\r\n"
	}
	var b bytes.Buffer
	const boundary = "=_report"
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("From: <%s>", a.from)
	line("To: <%s>", strings.Join(to, ">,\r\n <"))
	line("Subject: Report Domain: %s\r\n Submitter: %s\r\n Report-ID: <%s>", a.domain, a.submitter(), a.id())
	line("%sAuto-Submitted: auto-generated\r\nMIME-Version: 1.0", extra)
	line("Content-Type: %s;\r\n boundary=\"%s\"\r\n", multipart, boundary)
	line("--%s\r\nContent-Type: text/plain; charset=us-ascii\r\n", boundary)
	line("%s for %s of %s (UTC), made by %s.", words, a.domain, a.day.Format(dayForm), a.submitter())
	line("--%s\r\nContent-Type: %s;\r\n name=\"%s\"", boundary, kind, name)
	line("Content-Disposition: attachment;\r\n filename=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n", name)
	for part := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(packed.Bytes())), 76) {
		line("%s", part)
	}
	line("--%s--", boundary)
	return b.Bytes(), nil
}
