package bounce

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

const head = "From: MAILER-DAEMON@mx.example\nTo: anna@acme.test\nSubject: Undelivered Mail\n" +
	"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n" +
	"Sorry.\n\n"

func dsn(fields string) string {
	return head +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n" +
		"Arrival-Date: Mon, 2 Nov 2026 10:00:00 +0000\n\n" + fields +
		"\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <sent@acme.test>\nSubject: Offer\n\n--b--\n"
}

// Notices as servers of the world write them.
func TestRead(t *testing.T) {
	for _, test := range []struct{ name, raw, want string }{
		{"Postfix",
			dsn("Final-Recipient: rfc822; Gone@far.example\nOriginal-Recipient: rfc822;gone@far.example\n" +
				"Action: failed\nStatus: 5.1.1\n" +
				"Remote-MTA: dns; mx.far.example\n" +
				"Diagnostic-Code: smtp; 550 5.1.1 <gone@far.example>: Recipient address rejected:\n    User unknown\n"),
			"gone@far.example 5.1.1 550 5.1.1 <gone@far.example>: Recipient address rejected: User unknown"},
		{"Gmail, a code of several lines",
			dsn("Final-Recipient: rfc822; gone@gmail.example\nAction: failed\nStatus: 5.1.1\n" +
				"Diagnostic-Code: smtp; 550-5.1.1 The email account that\n" +
				" you tried to reach does not exist.\n"),
			"gone@gmail.example 5.1.1 550-5.1.1 The email account that you tried to reach does not exist."},
		{"Exchange, general status",
			dsn("Final-Recipient: rfc822;gone@corp.example\nAction: failed\nStatus: 5.0.0\n" +
				"Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound\n"),
			"gone@corp.example 5.1.10 550 5.1.10 RESOLVER.ADR.RecipientNotFound"},
		{"two of three failed",
			dsn("Final-Recipient: rfc822; b@far.example\nAction: failed\nStatus: 5.2.2\n\n" +
				"Final-Recipient: rfc822; a@far.example\nAction: FAILED\nStatus: 5.1.1 (no)\n\n" +
				"Final-Recipient: rfc822; c@far.example\nAction: delivered\nStatus: 2.0.0\n"),
			"a@far.example 5.1.1 | b@far.example 5.2.2"},
		{"delayed", dsn("Final-Recipient: rfc822; a@far.example\nAction: delayed\nStatus: 4.4.1\n"), ""},
		{"a failure of today only", dsn("Final-Recipient: rfc822; a@far.example\nAction: failed\nStatus: 4.4.7\n"), ""},
		{"qmail",
			"From: MAILER-DAEMON@q.example\n\nHi. This is the qmail-send program at q.example.\n" +
				"I'm afraid I wasn't able to deliver your message.\n\n" +
				"<gone@q.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n" +
				"--- Below this line is a copy of the message.\n\nMessage-ID: <sent@acme.test>\n",
			"gone@q.example 5.1.1 Sorry, no mailbox here by that name. (#5.1.1)"},
		{"Exim",
			"X-Failed-Recipients: gone@x.example\nFrom: Mail Delivery System <Mailer-Daemon@x.example>\n\n" +
				"This message was created automatically by mail delivery software.\n\n" +
				"A message that you sent could not be delivered to one or more of its recipients:\n\n" +
				"  gone@x.example\n    Unrouteable address\n\n------ This is a copy of the message ------\n",
			"gone@x.example 5.1.1 Unrouteable address"},
		{"a person's answer", "From: ana@far.example\n\nI don't work there any more, 5.1.1 or not.\n\n" +
			"  gone@far.example\n   is gone\n", ""},
		{"nothing", "", ""},
		{"no address", dsn("Final-Recipient: rfc822; nobody\nAction: failed\nStatus: 5.1.1\n"), ""},
	} {
		var got []string
		for _, f := range Read([]byte(strings.ReplaceAll(test.raw, "\n", "\r\n"))) {
			got = append(got, strings.TrimSpace(fmt.Sprint(f.Address, " ", f.Status, " ", f.Answer)))
		}
		if strings.Join(got, " | ") != test.want {
			t.Errorf("%s:\n got %q\nwant %q", test.name, strings.Join(got, " | "), test.want)
		}
	}
}

// An address is dead when it does not exist, not when its mailbox is full or its server distrusts us.
func TestDead(t *testing.T) {
	for code, want := range map[string]bool{"5.1.1": true, "5.1.10": true, "5.2.1": true, "5.2.2": false,
		"5.7.1": false, "5.1.8": false, "5.4.7": false, "": false} {
		if Dead(code) != want {
			t.Errorf("%s: %v", code, !want)
		}
	}
}

// Only a notice about a mail of ours puts an address on the list, from which it can be taken again.
func TestList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := New(db)
		box := sentBy(t, db, "sent@acme.test")
		notice := []byte(dsn(
			"Final-Recipient: rfc822; Gone@far.example\nAction: failed\nStatus: 5.1.1\n" +
				"Diagnostic-Code: smtp; 550 no\n\n" +
				"Final-Recipient: rfc822; full@far.example\nAction: failed\nStatus: 5.2.2\n"))
		found := func(want bool) {
			t.Helper()
			e, found, err := l.Find(t.Context(), "GONE@far.example")
			if found != want || err != nil || found && (e.Status != "5.1.1" || e.Answer != "550 no") {
				t.Errorf("%+v %v %v", e, found, err)
			}
		}
		for _, foreign := range []struct {
			boxes []string
			raw   []byte
		}{{[]string{"another"}, notice}, {[]string{box}, []byte(strings.ReplaceAll(string(notice), "sent@acme",
			"made-up@acme"))}, {nil, notice}} {
			if err := l.Took(t.Context(), foreign.boxes, foreign.raw); err != nil {
				t.Fatal(err)
			}
			found(false)
		}
		for range 2 {
			if err := l.Took(t.Context(), []string{"another", box}, notice); err != nil {
				t.Fatal(err)
			}
		}
		found(true)
		if list, err := l.All(t.Context(), "", 10); err != nil || len(list) != 1 {
			t.Errorf("%+v %v", list, err)
		}
		if err := l.Release(t.Context(), "gone@FAR.example"); err != nil {
			t.Fatal(err)
		}
		found(false)
	})
}

// sentBy makes a mailbox that has sent a message.
func sentBy(t *testing.T, db *store.DB, id string) (mailbox string) {
	t.Helper()
	blobs, err := blob.NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	box := mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if _, err := box.CreateDomain(t.Context(), "acme.test"); err != nil {
		t.Fatal(err)
	}
	anna, err := box.CreateMailbox(t.Context(), mail.Mailbox{Address: "anna@acme.test"})
	if err != nil {
		t.Fatal(err)
	}
	content, size, err := blobs.Put(t.Context(),
		strings.NewReader("From: anna@acme.test\r\nMessage-ID: <"+id+">\r\n\r\nHi\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := box.Append(t.Context(), mail.Addition{Mailbox: anna.ID, Folder: "Sent", Blob: content, Size: size,
		Outgoing: true}); err != nil {
		t.Fatal(err)
	}
	return anna.ID
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(dsn("Final-Recipient: rfc822; a@far.example\nAction: failed\nStatus: 5.1.1\n")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, failure := range Read(raw) {
			if failure.Address == "" || failure.Status == "" {
				t.Errorf("%+v", failure)
			}
		}
		About(raw)
	})
}
