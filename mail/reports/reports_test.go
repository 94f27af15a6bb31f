package reports

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"frontdesk/mail/mime"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func aggregate(domain, id string, rows ...string) string {
	return `<?xml version="1.0"?><feedback><report_metadata><org_name>Big Mail</org_name><report_id>` + id +
		`</report_id><date_range><begin>1596412800</begin><end>1596499199</end></date_range></report_metadata>` +
		`<policy_published><domain>` + domain + `</domain><p>reject</p></policy_published>` + strings.Join(rows, "") + `</feedback>`
}

func row(ip string, count int, dkim, spf string) string {
	return fmt.Sprintf(`<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>`+
		`<dkim>%s</dkim><spf>%s</spf></policy_evaluated></row><identifiers><header_from>x</header_from></identifiers></record>`,
		ip, count, dkim, spf)
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("a!b!1!2.xml")
	if err == nil {
		_, err = f.Write([]byte(text))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.String()
}

func gzipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write([]byte(text)) // into memory
	w.Close()
	return out.String()
}

// letter has a file in a second part, as reports come.
func letter(kind, name, content string) string {
	return "From: reports@big.test\r\nSubject: Report\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\n" +
		"Content-Type: " + kind + "; name=\"" + name + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte(content)) + "\r\n--b--\r\n"
}

const tlsReport = `{"organization-name":"Big","date-range":{"start-datetime":"2026-04-01T00:00:00Z","end-datetime":"2026-04-01T23:59:59Z"},
"report-id":"t1","policies":[{"policy":{"policy-type":"sts","policy-domain":"acme.test"},"summary":{"total-successful-session-count":50,
"total-failure-session-count":3},"failure-details":[{"result-type":"certificate-expired","sending-mta-ip":"2001:db8::1",
"failed-session-count":3}]}]}`

// Reports in each of their wrappings are kept, once, for our own domains, and summed up by source; what is none, or
// unpacks to more than is bearable, is nothing.
func TestReports(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := New(db, func(_ context.Context, domain string) (bool, error) { return domain == "acme.test", nil },
			slog.New(slog.DiscardHandler))
		took := func(reporter, raw string) {
			t.Helper()
			if err := b.Took(t.Context(), reporter, strings.NewReader(raw), int64(len(raw))); err != nil {
				t.Error(err)
			}
		}
		first := aggregate("ACME.test.", "1", row("192.0.2.1", 7, "pass", "fail"),
			row("198.51.100.9", 4, "fail", "fail"),
			row("192.0.2.1", 2, "pass", "pass"))
		took("big.test", letter("application/gzip", "big.test!acme.test!1!2.xml.gz", gzipped(first)))
		took("big.test", letter("application/zip", "x", zipped(t, first))) // again
		took("other.test", letter("application/octet-stream", "x", zipped(t, aggregate("acme.test", "1",
			row("198.51.100.9", 1, "fail", "fail"), row("&lt;script&gt;", -5, "fail", "fail")))))
		took("other.test", "Content-Type: text/xml\r\n\r\n"+
			aggregate("acme.test", "2", row("192.0.2.2", 1, "fail", "pass")))
		took("big.test", strings.Replace(letter("application/tlsrpt+gzip", "big.test!acme.test!1!2.json.gz",
			gzipped(tlsReport)), "multipart/mixed", "multipart/report; report-type=tlsrpt", 1))
		took("big.test", letter("application/gzip", "x", gzipped(aggregate("other.test", "9",
			row("192.0.2.1", 1, "pass", "pass")))))
		bomb := aggregate("acme.test", "bomb", strings.Repeat(row("192.0.2.1", 1, "pass", "pass"), 100_000))
		took("big.test", letter("application/gzip", "x", gzipped(bomb)))
		took("big.test", letter("application/zip", "x", zipped(t, bomb)))
		took("big.test", letter("application/gzip", "x", "no gzip"))
		took("big.test", "no mail at all")
		s, err := b.Of(t.Context(), "acme.test")
		if err != nil || len(s.Reports) != 4 {
			t.Fatalf("%+v %v", s.Reports, err)
		}
		want := []Line{{"198.51.100.9", 0, 5, "dkim spf"}, {"192.0.2.1", 9, 0, ""}, {"192.0.2.2", 1, 0, ""}}
		got := slices.DeleteFunc(slices.Clone(s.DMARC), func(l Line) bool { return l.Passed+l.Failed == 0 })
		if !slices.Equal(got, want) {
			t.Errorf("%+v", s.DMARC)
		}
		if len(s.TLS) != 1 || s.TLS[0] != (Line{"2001:db8::1", 0, 3, "certificate-expired"}) {
			t.Errorf("%+v", s.TLS)
		}
		if r := s.Reports[0]; r.Kind != TLS || r.Passed != 50 || r.Failed != 3 || r.Begin.Year() != 2026 {
			t.Errorf("%+v", r)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_report SET at = 1`); err != nil || b.Expire(t.Context()) != nil {
			t.Fatal(err)
		}
		if s, err := b.Of(t.Context(), "acme.test"); err != nil || len(s.Reports) != 0 || s.DMARC == nil {
			t.Errorf("expired: %+v %v", s, err)
		}
	})
}

// What is a report is known by its file's name or its subject.
func TestLooks(t *testing.T) {
	for raw, want := range map[string]bool{
		letter("application/gzip", "big.test!acme.test!1!2.xml.gz", "x"): true,
		"Subject: Report Domain: acme.test Submitter: big.test\r\n\r\nx": true,
		letter("application/gzip", "prices!.gz", "x"):                    false,
		"Subject: Hello\r\n\r\nx":                                        false,
	} {
		if Looks(mime.ParseBytes([]byte(raw))) != want {
			t.Errorf("want %v: %s", want, raw)
		}
	}
}

// Whatever a stranger sends, reading it ends, and what is kept is within bounds.
func FuzzRead(f *testing.F) {
	f.Add(letter("application/gzip", "a!b!1!2.gz", gzipped(aggregate("acme.test", "1", row("::1", 1, "pass", "fail")))))
	f.Add(letter("application/zip", "a!b!1!2.zip", zipped(f, aggregate("acme.test", "1"))))
	f.Add(letter("application/tlsrpt+json", "a!b!1!2.json", tlsReport))
	f.Add("Content-Type: application/tlsrpt+gzip\r\n\r\n" + gzipped(tlsReport))
	f.Add("Content-Type: text/xml\r\n\r\n" + aggregate("acme.test", "1", row("x", 1<<40, "pass", "")))
	f.Fuzz(func(t *testing.T, raw string) {
		for _, r := range read(strings.NewReader(raw), int64(len(raw)), slog.New(slog.DiscardHandler)) {
			if len(r.lines) > maxLines || r.passed < 0 || r.failed < 0 {
				t.Errorf("%+v", r)
			}
		}
	})
}
