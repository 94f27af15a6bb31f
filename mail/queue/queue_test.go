package queue

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/dsn"

	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/resolver"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

var (
	busy = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "come back later"}
	gone = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
)

// To the other company's server over TLS, signed so that anybody can verify it, without Bcc, and once.
func TestMX(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		config, _ := certificate(t, "mail.far.test")
		far := newPeer(t, config)
		o := newOffice(t, db, Config{}, far)
		receipt := o.send(t, "carl@far.test", "Carl@far.test", "dora@far.test", "ben@acme.test")
		eventually(t, "sent", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
		m := far.got()[0]
		if m.from != author || len(m.to) != 2 || !m.tls || strings.Contains(m.data, "hidden") {
			t.Errorf("received %+v", m)
		}
		log := slog.New(slog.DiscardHandler)
		results, err := dkim.Verify(t.Context(), log, resolver.New(o.dns, log), true, dkim.DefaultPolicy,
			strings.NewReader(m.data), false)
		if err != nil || !allAre(dkim.StatusPass, results) ||
			results[0].Sig.Domain.ASCII != "acme.test" {
			t.Errorf("DKIM %+v, %v", results, err)
		}
		forged := "From: boss@bank.test\r\n" + m.data
		if results, _ := dkim.Verify(t.Context(), log, resolver.New(o.dns, log), true, dkim.DefaultPolicy,
			strings.NewReader(forged), false); !allAre(dkim.StatusFail, results) {
			t.Errorf("a second From passes: %+v", results)
		}
		if sent := o.in(t, o.anna, "Sent"); len(sent) != 1 || sent[0].ID != receipt.Copy.ID ||
			!strings.Contains(o.raw(t, sent[0].ID), "Bcc: hidden@far.test") {
			t.Errorf("sent %+v", sent)
		}
		if inbox := o.in(t, o.ben, "INBOX"); len(inbox) != 1 || !inbox[0].Verdict.Verified {
			t.Errorf("Ben's inbox %+v", inbox)
		}
		eventually(t, "the message is forgotten", func() bool { return waitingBlobs(t, db) == 1 })
	})
}

func waitingBlobs(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM mail_dropped`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Each recipient has an outcome of its own: who got it never gets it again, who can't is reported, who may is tried
// again.
func TestOutcomes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newPeer(t, nil)
		far.refuse = func(rcpt string, attempt int) error {
			switch {
			case strings.HasPrefix(rcpt, "gone"):
				return gone
			case strings.HasPrefix(rcpt, "busy") && attempt < 3:
				return busy
			}
			return nil
		}
		o := newOffice(t, db, Config{FirstWait: time.Millisecond}, far)
		o.send(t, "carl@far.test", "gone@far.test", "busy@far.test")
		eventually(t, "all settled", func() bool { return len(far.got()) == 2 && len(o.list(t)) == 0 })
		if first, second := far.got()[0], far.got()[1]; strings.Join(first.to, ",") != "carl@far.test" ||
			strings.Join(second.to, ",") != "busy@far.test" {
			t.Errorf("first to %v, then to %v", first.to, second.to)
		}
		eventually(t, "notice", func() bool { return len(o.in(t, o.anna, "INBOX")) == 1 })
		notice := o.raw(t, o.in(t, o.anna, "INBOX")[0].ID)
		report, _, err := dsn.Parse(slog.New(slog.DiscardHandler), strings.NewReader(notice))
		if err != nil {
			t.Fatalf("%v in\n%s", err, notice)
		}
		if len(report.Recipients) != 1 || report.Recipients[0].Action != dsn.Failed ||
			report.Recipients[0].Status != "5.1.1" || report.Recipients[0].FinalRecipient.Localpart != "gone" {
			t.Errorf("report %+v", report.Recipients)
		}
		if !strings.Contains(notice, "no such user") || !strings.HasPrefix(notice, "Return-Path: <>\r\n") {
			t.Errorf("notice\n%s", notice)
		}
	})
}

func TestDelayAndGivingUp(t *testing.T) {
	far := newPeer(t, nil)
	far.refuse = func(string, int) error { return busy }
	o := newOffice(t, storetest.SQLite(t), Config{FirstWait: 100 * time.Millisecond, Warn: time.Millisecond,
		GiveUp: 4 * time.Second}, far)
	o.send(t, "carl@far.test")
	eventually(t, "both notices", func() bool { return len(o.in(t, o.anna, "INBOX")) == 2 })
	inbox := o.in(t, o.anna, "INBOX")
	failure, delay := o.raw(t, inbox[0].ID), o.raw(t, inbox[1].ID)
	if !strings.Contains(delay, "Action: delayed") || !strings.Contains(delay, "Will-Retry-Until") ||
		inbox[1].Subject != "Your mail is delayed" {
		t.Errorf("delay\n%s", delay)
	}
	if !strings.Contains(failure, "Action: failed") || !strings.Contains(failure, "Status: 5.4.7") ||
		!strings.Contains(failure, "come back later") {
		t.Errorf("failure\n%s", failure)
	}
	if len(o.list(t)) != 0 || far.tries() < 2 {
		t.Errorf("%d attempts, left %+v", far.tries(), o.list(t))
	}
}

// Wrong addresses come back at once, without anybody being called.
func TestUndeliverable(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t), Config{}, nil, dnstest.MX("nomail.test", "."))
	for _, test := range []struct{ to, status string }{{"x@nowhere.test", "5.1.2"}, {"x@nomail.test", "5.1"},
		{"nobody@acme.test", "5.1.1"}} {
		before := len(o.in(t, o.anna, "INBOX"))
		o.send(t, test.to)
		eventually(t, "notice about "+test.to, func() bool { return len(o.in(t, o.anna, "INBOX")) == before+1 })
		if notice := o.raw(t, o.in(t, o.anna, "INBOX")[0].ID); !strings.Contains(notice, "Status: "+test.status) ||
			!strings.Contains(notice, test.to) {
			t.Errorf("%s:\n%s", test.to, notice)
		}
	}
	if _, err := o.Submit(t.Context(), Envelope{From: "", To: []string{"x@nowhere.test"}},
		strings.NewReader("Subject: from nobody\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "dropped in silence", func() bool { return len(o.list(t)) == 0 })
	if n := len(o.in(t, o.anna, "INBOX")); n != 3 {
		t.Errorf("%d notices", n)
	}
}

// A crash after the other side's 250 and before our note of it repeats the message with the same Message-ID, and to
// nobody who was noted before. Nothing is lost.
func TestCrashAfterAccept(t *testing.T) {
	file := "sqlite://" + filepath.Join(t.TempDir(), "crash.db")
	db := must(store.Open(t.Context(), file))(t)
	far := newPeer(t, nil)
	far.refuse = func(rcpt string, attempt int) error {
		if strings.HasPrefix(rcpt, "second") && attempt < 2 {
			return busy
		}
		return nil
	}
	far.taken = func() {
		if far.tries() == 2 {
			db.Close() // as if the machine had stopped here
		}
	}
	o := newOffice(t, db, Config{FirstWait: time.Millisecond}, far)
	o.send(t, "first@far.test", "second@far.test")
	eventually(t, "accepted twice", func() bool { return len(far.got()) == 2 })
	o.stop()
	again := must(store.Open(t.Context(), file))(t)
	defer again.Close()
	config := o.config
	config.Members = must(store.JoinMembers(t.Context(), again, store.MembersConfig{Node: config.Members.Self().ID},
		o.log))(t)
	o.box = mail.New(mail.Config{RSA: keytest.RSA()}, again, o.blobs, o.log, newRegistry())
	o.start(t, again, config)
	defer o.stop()
	if err := config.Members.Start(t.Context(), o.recovers()); err != nil { // clears up after the life before
		t.Fatal(err)
	}
	defer config.Members.Close()
	eventually(t, "settled after the restart", func() bool { return len(far.got()) == 3 && len(o.list(t)) == 0 })
	mails := far.got()
	if strings.Join(mails[2].to, ",") != "second@far.test" || messageID(mails[2].data) != messageID(mails[1].data) ||
		messageID(mails[1].data) == "" {
		t.Errorf("repeated to %v as %q, before %q", mails[2].to, messageID(mails[2].data), messageID(mails[1].data))
	}
}

func messageID(data string) string {
	_, rest, _ := strings.Cut(data, "Message-ID: ")
	id, _, _ := strings.Cut(rest, "\r\n")
	return id
}

func TestSmartHost(t *testing.T) {
	config, roots := certificate(t, "relay.test")
	relay := newPeer(t, config)
	smart := Host{Address: relay.address(), User: "acme", Password: "pw", TLS: StartTLS}
	o := newOffice(t, storetest.SQLite(t), Config{Deliver: SmartHost, SmartHost: smart, Roots: roots}, nil)
	o.send(t, "carl@anywhere.test")
	eventually(t, "relayed", func() bool { return len(relay.got()) == 1 })
	if m := relay.got()[0]; !m.tls || m.to[0] != "carl@anywhere.test" || strings.Join(relay.logins, "") != "acme:pw" {
		t.Errorf("received %+v, log-ins %v", m, relay.logins)
	}
	// Without the certificate's root the password must not leave: the mail waits.
	strangers := newOffice(t, storetest.SQLite(t), Config{Deliver: SmartHost, SmartHost: smart}, nil)
	strangers.send(t, "carl@anywhere.test")
	eventually(t, "refused to talk", func() bool { l := strangers.list(t); return len(l) == 1 && l[0].Attempts == 1 })
	if len(relay.got()) != 1 || len(relay.logins) != 1 ||
		!strings.Contains(strangers.list(t)[0].Answer, "certificate") {
		t.Errorf("log-ins %v, item %+v", relay.logins, strangers.list(t)[0])
	}
}

// A server whose TLS is broken still gets mail, in the clear.
func TestBrokenTLS(t *testing.T) {
	far := newPeer(t, &tls.Config{})
	o := newOffice(t, storetest.SQLite(t), Config{}, far)
	o.send(t, "carl@far.test")
	eventually(t, "sent", func() bool { return len(far.got()) == 1 })
	if far.got()[0].tls {
		t.Error("TLS after all")
	}
}

func TestAdmin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newPeer(t, nil)
		far.refuse = func(rcpt string, attempt int) error {
			if attempt == 1 {
				return busy
			}
			return nil
		}
		o := newOffice(t, db, Config{FirstWait: time.Hour}, far)
		o.send(t, "carl@far.test", "dora@far.test")
		eventually(t, "both wait", func() bool {
			l := o.list(t)
			return len(l) == 2 && l[0].Attempts == 1 &&
				l[1].Attempts == 1
		})
		items := o.list(t)
		if items[0].To != "carl@far.test" || items[0].Code != 451 ||
			!strings.Contains(items[0].Answer, "come back later") || items[0].Remote != "mail.far.test" ||
			items[0].Subject != "Prețuri" {
			t.Errorf("item %+v", items[0])
		}
		if page := must(o.List(t.Context(), "", items[0].ID, 1))(t); len(page) != 1 || page[0].ID != items[1].ID {
			t.Errorf("second page %+v", page)
		}
		if err := o.Drop(t.Context(), "", items[1].ID, false); err != nil {
			t.Fatal(err)
		}
		eventually(t, "retried", func() bool { // again and again: the job of the first attempt may not have ended yet
			err := o.Retry(t.Context(), "", items[0].ID)
			if err != nil && !errors.Is(err, mail.ErrNotFound) {
				t.Fatal(err)
			}
			return len(far.got()) > 0
		})
		eventually(t, "sent", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
		if to := far.got()[0].to; strings.Join(to, ",") != "carl@far.test" {
			t.Errorf("sent to %v", to)
		}
		if err := o.Retry(t.Context(), "", items[0].ID); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("retry of what is sent: %v", err)
		}
		if err := o.Drop(t.Context(), "", items[0].ID, false); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("drop of what is sent: %v", err)
		}
		if len(o.in(t, o.anna, "INBOX")) != 0 {
			t.Error("dropping sent a notice")
		}
	})
}
