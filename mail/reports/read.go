// Package reports reads what other servers report of our domains: DMARC's aggregate reports of who sent mail in their
// names (RFC 7489 section 7.2), and TLS reports of connections to us (RFC 8460).
package reports

import (
	"cmp"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/mjl-/mox/dmarcrpt"
	"github.com/mjl-/mox/tlsrpt"

	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
)

// Kind of a report.
type Kind string

// The kinds.
const (
	DMARC Kind = "dmarc"
	TLS   Kind = "tls"
)

// Line is what a report says of one source.
type Line struct {
	Source string `json:"source" doc:"Address that sent mail in our name, or failed to reach us by TLS"`
	Passed int64  `json:"passed"`
	Failed int64  `json:"failed"`
	Why    string `json:"why" doc:"What failed: dkim, spf, or the kind of failure of RFC 8460"`
}

// report is one as it was read.
type report struct {
	kind           Kind
	domain, id     string
	begin, end     time.Time
	passed, failed int64
	lines          []Line
}

const (
	maxMessage = 2 << 20   // bytes of a mail that is looked at; what it unpacks to is bounded by the parsers, to 20 MB
	maxLines   = 100       // of a report are kept, those with the most
	maxCount   = 1_000_000 // of mails that one line may tell of: a stranger's word
)

// Looks tells whether a mail may be a report, by the name of its file (RFC 7489 section 7.2.1.1, RFC 8460 section 5.1)
// or its subject.
func Looks(m *mime.Message) bool {
	named := func(p mime.Part) bool { return strings.Count(p.Name, "!") >= 3 }
	return slices.ContainsFunc(m.Parts, named) || strings.Contains(strings.ToLower(m.Subject), "report domain:")
}

// read finds the reports of a mail; none where it has none, or one that can't be read.
func read(raw io.ReaderAt, size int64, log *slog.Logger) (list []report) {
	if size > maxMessage {
		return nil
	}
	if f, err := dmarcrpt.ParseMessageReport(log, raw); err == nil {
		return []report{ofDMARC(f)}
	}
	if r, err := tlsrpt.ParseMessage(log, raw); err == nil {
		return ofTLS(r)
	}
	return nil
}

func ofDMARC(f *dmarcrpt.Feedback) report {
	r := report{kind: DMARC, domain: f.PolicyPublished.Domain, id: f.ReportMetadata.ReportID,
		begin: time.Unix(f.ReportMetadata.DateRange.Begin, 0), end: time.Unix(f.ReportMetadata.DateRange.End, 0)}
	for _, record := range f.Records {
		row, line := record.Row, Line{Source: record.Row.SourceIP}
		dkim, spf := row.PolicyEvaluated.DKIM == dmarcrpt.DMARCPass, row.PolicyEvaluated.SPF == dmarcrpt.DMARCPass
		if n := bounded(int64(row.Count)); dkim || spf {
			line.Passed = n
		} else {
			line.Failed, line.Why = n, "dkim spf"
		}
		r.add(line)
	}
	return r.shortened()
}

func ofTLS(j *tlsrpt.ReportJSON) (list []report) {
	for _, p := range j.Policies[:min(len(j.Policies), maxLines)] {
		r := report{kind: TLS, domain: p.Policy.Domain, id: j.ReportID + " " + string(p.Policy.Type),
			begin: time.Time(j.DateRange.Start), end: time.Time(j.DateRange.End),
			passed: bounded(p.Summary.TotalSuccessfulSessionCount)}
		failed := bounded(p.Summary.TotalFailureSessionCount)
		for _, d := range p.FailureDetails {
			r.add(Line{Source: d.SendingMTAIP, Failed: bounded(d.FailedSessionCount), Why: string(d.ResultType)})
		}
		r.failed = failed
		list = append(list, r.shortened())
	}
	return list
}

func bounded(n int64) int64 { return min(max(n, 0), maxCount) }

// add counts a line to those of the same source and reason.
func (r *report) add(l Line) {
	if a, err := netip.ParseAddr(strings.TrimSpace(l.Source)); err == nil {
		l.Source = a.Unmap().String()
	}
	l.Source, l.Why = coding.Clean(l.Source, 64), coding.Clean(l.Why, 64)
	r.passed, r.failed = r.passed+l.Passed, r.failed+l.Failed
	r.lines = append(r.lines, l)
}

// shortened keeps the lines with the most.
func (r report) shortened() report {
	r.lines = sum(r.lines)
	return r
}

// sum adds lines of the same source and reason up, and keeps those with the most: first of what failed.
func sum(lines []Line) []Line {
	total := map[[2]string]Line{}
	for _, l := range lines {
		key := [2]string{l.Source, l.Why}
		l.Passed, l.Failed = l.Passed+total[key].Passed, l.Failed+total[key].Failed
		total[key] = l
	}
	list := make([]Line, 0, len(total))
	for _, l := range total {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Failed, a.Failed), cmp.Compare(b.Passed, a.Passed), cmp.Compare(a.Source, b.Source),
			cmp.Compare(a.Why, b.Why))
	})
	return list[:min(len(list), maxLines)]
}
