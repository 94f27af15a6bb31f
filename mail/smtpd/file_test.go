package smtpd

import (
	"context"
	"errors"
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/mail/carbon"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// What a user sends from any program, with a blind copy to his own address, stands in his Sent and is told to the CRM,
// once; from others, or without proof, it is refused.
func TestCopiesAreFiled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		book := new(carbon.Book) // it needs the office's box
		o := newOffice(t, db, Config{Carbon: book, Limits: Limits{MailPerMinute: 1000}},
			dnstest.TXT("private.test", "v=spf1 ip4:127.0.0.1 -all"),
			dnstest.TXT("evil.test", "v=spf1 ip4:127.0.0.1 -all"))
		*book = *carbon.New(carbon.Config{Emails: func(_ context.Context, user string) ([]string, error) {
			return map[string][]string{"u-anna": {"Anna@private.test"}}[user], nil
		}}, db, o.box)
		if p := must(book.Place(t.Context(), "u-anna"))(t); p.Address != "" || len(p.From) != 3 {
			t.Errorf("before there is one: %+v", p)
		}
		if _, err := book.Renew(t.Context(), "u-nobody"); !errors.Is(err, mail.ErrNoMailbox) {
			t.Errorf("who has no mailbox: %v", err)
		}
		to := must(book.Renew(t.Context(), "u-anna"))(t).Address
		brings := func(envelope, author, to, answer string) {
			t.Helper()
			dialogue(t, o.mx, begin+"C: MAIL FROM:<"+envelope+">\nS: 250\nC: RCPT TO:<"+to+">\nS: 250\n"+
				"C: DATA\nS: 354\n"+lines("From: "+author+"\r\nTo: ion@client.test\r\n"+
				"Message-ID: <1@private.test>\r\nSubject: Offer\r\n\r\nHello")+
				"C: .\nS: "+answer)
		}
		brings("anna@private.test", "Anna <anna@private.test>", to, "250")
		brings("anna@private.test", "anna@private.test", strings.ToUpper(to), "250") // again
		brings("x@evil.test", "anna@private.test", to, "550 5.7.1 only your own mail is filed")
		brings("x@evil.test", "x@evil.test", to, "550 5.7.1")
		brings("anna@private.test", "anna@private.test, x@evil.test", to, "550 5.7.1")
		sent := o.in(t, o.anna, "Sent")
		if len(sent) != 1 || !sent[0].Outgoing || sent[0].Subject != "Offer" || !sent[0].Seen ||
			len(o.in(t, o.anna, "INBOX")) != 0 {
			t.Errorf("%+v", sent)
		}
		count := func(query string) (n int) {
			t.Helper()
			if err := db.QueryRow(t.Context(), query).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := count(`SELECT count(*) FROM job WHERE kind = 'intake.mail'`); n != 1 {
			t.Errorf("the CRM is told %d times", n)
		}
		dialogue(t, o.mx, begin+"C: MAIL FROM:<anna@private.test>\nS: 250\nC: RCPT TO:<ben@acme.test>\nS: 250\n"+
			"C: RCPT TO:<"+to+">\nS: 452 4.5.3\nC: RSET\nS: 250\nC: MAIL FROM:<anna@private.test>\nS: 250\n"+
			"C: RCPT TO:<"+to+">\nS: 250\nC: RCPT TO:<ben@acme.test>\nS: 452 4.5.3")
		dialogue(t, o.submit, begin+
			"C: STARTTLS\nS: 220\nTLS\nC: EHLO c\nS: 250\nC: AUTH PLAIN AGFubmEAc2VjcmV0LWE=\nS: 235\n"+
			"C: MAIL FROM:<anna@acme.test>\nS: 250\nC: RCPT TO:<sales@acme.test>\nS: 250\n"+
			"C: RCPT TO:<"+to+">\nS: 250\nC: DATA\nS: 354\n"+
			lines("From: anna@acme.test\r\nTo: sales@acme.test\r\nSubject: Ours\r\n\r\nx")+"C: .\nS: 250")
		eventually(t, "what our own door files by itself", func() bool { return len(o.in(t, o.shared, "INBOX")) == 1 })
		if sent := o.in(t, o.anna, "Sent"); len(sent) != 2 || len(o.in(t, o.anna, "INBOX")) != 0 {
			t.Errorf("submitted: %+v", sent)
		}
		must(book.Renew(t.Context(), "u-anna"))(t)
		dialogue(t, o.mx, begin+"C: MAIL FROM:<anna@private.test>\nS: 250\nC: RCPT TO:<"+to+">\nS: 550 5.1.1")
	})
}
