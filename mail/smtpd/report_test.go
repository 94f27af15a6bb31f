package smtpd

import (
	"log/slog"
	"testing"

	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/reports"
)

// A report about a domain of ours is read as it comes, if its sender is proven, and stands in its mailbox as any mail.
func TestReportsAreRead(t *testing.T) {
	book := new(reports.Book) // it needs the office's box
	db := sqlite(t)
	o := newOffice(t, db, Config{Reports: book, Limits: Limits{MailPerMinute: 1000}},
		dnstest.TXT("b.test", "v=spf1 ip4:127.0.0.1 -all"))
	*book = *reports.New(db, o.box.Ours, slog.New(slog.DiscardHandler))
	const report = "Subject: Report Domain: acme.test\r\nContent-Type: text/xml\r\n\r\n<feedback><report_metadata>" +
		"<report_id>1</report_id></report_metadata><policy_published><domain>acme.test</domain></policy_published>" +
		"<record><row><source_ip>192.0.2.1</source_ip><count>3</count></row></record></feedback>"
	o.send(t, "From: a@unproven.test\r\n"+report, "250")
	o.send(t, "From: a@b.test\r\n"+report, "250")
	s := must(book.Of(t.Context(), "acme.test"))(t)
	if len(s.Reports) != 1 || s.Reports[0].Reporter != "b.test" || s.Reports[0].Failed != 3 ||
		len(o.in(t, o.anna, "INBOX")) != 2 {
		t.Errorf("%+v", s)
	}
}
