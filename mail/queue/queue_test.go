package queue

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/dsn"

	"frontdesk/mail"
	"frontdesk/mail/filter"
	"frontdesk/mail/filter/dnstest"
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
		results, err := dkim.Verify(t.Context(), log, filter.Resolver(o.dns, log), true, dkim.DefaultPolicy,
			strings.NewReader(m.data), false)
		if err != nil || len(results) != 1 || results[0].Status != dkim.StatusPass ||
			results[0].Sig.Domain.ASCII != "acme.test" {
			t.Errorf("DKIM %+v, %v", results, err)
		}
		forged := "From: boss@bank.test\r\n" + m.data
		if results, _ := dkim.Verify(t.Context(), log, filter.Resolver(o.dns, log), true, dkim.DefaultPolicy,
			strings.NewReader(forged), false); len(results) != 1 || results[0].Status != dkim.StatusFail {
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
	o.box = mail.New(again, o.blobs, o.log, newRegistry())
	o.start(t, again, config)
	defer o.stop()
	config.Members.Hooks.Recover = func(ctx context.Context,
		dead store.Member) error {
		return o.Recover(ctx, dead.ID, dead.Epoch)
	}
	if err := config.Members.Start(t.Context()); err != nil { // clears up after the life before
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
		if page := must(o.List(t.Context(), items[0].ID, 1))(t); len(page) != 1 || page[0].ID != items[1].ID {
			t.Errorf("second page %+v", page)
		}
		if err := o.Drop(t.Context(), items[1].ID); err != nil {
			t.Fatal(err)
		}
		eventually(t, "retried", func() bool { // again and again: the job of the first attempt may not have ended yet
			err := o.Retry(t.Context(), items[0].ID)
			if err != nil && !errors.Is(err, mail.ErrNotFound) {
				t.Fatal(err)
			}
			return len(far.got()) > 0
		})
		eventually(t, "sent", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
		if to := far.got()[0].to; strings.Join(to, ",") != "carl@far.test" {
			t.Errorf("sent to %v", to)
		}
		if err := o.Retry(t.Context(), items[0].ID); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("retry of what is sent: %v", err)
		}
		if err := o.Drop(t.Context(), items[0].ID); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("drop of what is sent: %v", err)
		}
		if len(o.in(t, o.anna, "INBOX")) != 0 {
			t.Error("dropping sent a notice")
		}
	})
}

func TestSubmitRefuses(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t), Config{}, nil)
	letter := "From: " + author + "\r\n\r\nHi\r\n"
	tests := []struct {
		name, message string
		envelope      Envelope
		want          error
	}{
		{"another's address", "From: ben@acme.test\r\n\r\nHi\r\n", Envelope{From: author, To: []string{"x@far.test"}, User: "u-anna"}, mail.ErrNotOurs},
		{"nobody to send to", letter, Envelope{From: author, User: "u-anna"}, mail.ErrInvalid},
		{"no address", letter, Envelope{From: author, To: []string{"far.test"}, User: "u-anna"}, mail.ErrInvalid},
		{"no header", "\r\nHi\r\n", Envelope{From: author, To: []string{"x@far.test"}, User: "u-anna"}, mail.ErrInvalid},
	}
	for _, test := range tests {
		if _, err := o.Submit(t.Context(), test.envelope, strings.NewReader(test.message)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if len(o.list(t)) != 0 || len(o.in(t, o.anna, "Sent")) != 0 {
		t.Error("something was kept")
	}
}

// The reply written in the browser joins the thread and marks what it answers.
func TestSubmitDraft(t *testing.T) {
	far := newPeer(t, nil)
	o := newOffice(t, storetest.SQLite(t), Config{}, far)
	question := "From: carl@far.test\r\nTo: anna@acme.test\r\nSubject: Price?\r\nMessage-ID: <q1@far.test>\r\n\r\nHow much?\r\n"
	if _, err := o.Submit(t.Context(), Envelope{From: "carl@far.test", To: []string{author}},
		strings.NewReader(question)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "question", func() bool { return len(o.in(t, o.anna, "INBOX")) == 1 })
	asked := o.in(t, o.anna, "INBOX")[0]
	draft := mail.Draft{From: author, To: []string{"Carl <carl@far.test>"}, Subject: "Re: Price?", Text: "Ten.",
		Reply: asked.ID}
	receipt := must(o.SubmitDraft(t.Context(), "u-anna", draft))(t)
	eventually(t, "answer", func() bool { return len(far.got()) == 1 })
	if data := far.got()[0].data; !strings.Contains(data, "In-Reply-To: <q1@far.test>") ||
		!strings.Contains(data, "DKIM-Signature: ") {
		t.Errorf("sent\n%s", data)
	}
	sent := o.in(t, o.anna, "Sent")
	if len(sent) != 1 || sent[0].ID != receipt.Copy.ID || sent[0].Thread != asked.Thread ||
		!o.in(t, o.anna, "INBOX")[0].Answered {
		t.Errorf("sent %+v, asked %+v", sent, o.in(t, o.anna, "INBOX")[0])
	}
	if _, err := o.SubmitDraft(t.Context(), "u-ben", draft); !errors.Is(err, mail.ErrNotOurs) {
		t.Errorf("as another: %v", err)
	}
}

func TestConfig(t *testing.T) {
	tests := []struct {
		config Config
		says   string
	}{
		{Config{Deliver: "pigeon"}, "none, smarthost or mx"},
		{Config{Deliver: MX}, "resolver"},
		{Config{Deliver: SmartHost, SmartHost: Host{Address: "relay"}}, "host:port"},
		{Config{Deliver: SmartHost, SmartHost: Host{Address: "relay:587", User: "u"}}, "password could be read"},
	}
	for _, test := range tests {
		if _, err := New(test.config, nil, nil, nil, nil, newRegistry()); err == nil ||
			!strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v, want %q", test.config, err, test.says)
		}
	}
}

func TestSlots(t *testing.T) {
	s := newSlots(2)
	for i, want := range []bool{true, true, false} {
		if s.take("a") != want {
			t.Errorf("take %d of one domain: not %v", i, want)
		}
	}
	if !s.take("b") {
		t.Error("another domain has to wait")
	}
	s.give("a")
	if !s.take("a") || len(s.taken) != 2 {
		t.Error("a slot given back is free")
	}
}

func TestBackoff(t *testing.T) {
	q := &Queue{config: Config{FirstWait: 5 * time.Minute}}
	var total time.Duration
	attempts := 0
	for total < 4*24*time.Hour {
		attempts++
		wait := q.backoff(attempts)
		if wait < 5*time.Minute || wait > 5*time.Hour {
			t.Fatalf("attempt %d waits %v", attempts, wait)
		}
		total += wait
	}
	if attempts < 20 || attempts > 40 {
		t.Errorf("%d attempts in four days", attempts)
	}
}

// A name server that doesn't answer is no reason to return mail.
func TestDNSDown(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t), Config{Resolver: filter.Resolver("127.0.0.1:1",
		slog.New(slog.DiscardHandler))}, nil)
	o.send(t, "carl@far.test")
	eventually(t, "attempted", func() bool { l := o.list(t); return len(l) == 1 && l[0].Attempts == 1 })
	if item := o.list(t)[0]; !strings.Contains(item.Answer, "DNS") {
		t.Errorf("item %+v", item)
	}
}

// What another mail program left in Drafts is sent as it is, with all its forms, once.
func TestSendDraftOfAMailProgram(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{}, nil)
		const body = "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n" +
			"--b\r\nContent-Type: text/html\r\n\r\n<b>Hello</b>\r\n--b--\r\n"
		const text = "Date: Thu, 1 Jan 2015 10:00:00 +0000\r\nX-Mozilla-Draft-Info: internal/draft\r\nFcc: imap://here/Sent\r\nFrom: Anna <" + author + ">\r\n" +
			"To: Ben <ben@acme.test>\r\nBcc: ben@acme.test\r\nSubject: Prices\r\nMessage-ID: <draft@acme.test>\r\n" +
			body
		blob, size, err := o.box.PutBlob(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		ref := must(o.box.Append(t.Context(),
			mail.Addition{Mailbox: o.anna.ID, Folder: "Drafts", Blob: blob, Size: size, Outgoing: true}))(t)
		draft := must(o.box.Draft(t.Context(), "u-anna", ref.ID))(t)
		if listed := o.in(t, o.anna, "Drafts"); !draft.Formatted || draft.Text != "Hello" || !listed[0].Draft {
			t.Errorf("read %+v, listed %+v", draft, listed)
		}
		var sent, refused atomic.Int32
		var tabs sync.WaitGroup
		for range 4 {
			tabs.Go(func() {
				switch _, err := o.SendDraft(t.Context(), "u-anna", draft.ID, draft.Version); {
				case err == nil:
					sent.Add(1)
				case errors.Is(err, mail.ErrNotFound):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		tabs.Wait()
		if sent.Load() != 1 || refused.Load() != 3 {
			t.Errorf("sent %d times, refused %d", sent.Load(), refused.Load())
		}
		if left, copies := o.in(t, o.anna, "Drafts"), o.in(t, o.anna, "Sent"); len(left) != 0 || len(copies) != 1 {
			t.Fatalf("drafts %+v, sent %+v", left, copies)
		}
		eventually(t, "Ben has it", func() bool { return len(o.in(t, o.ben, "INBOX")) == 1 })
		got := o.raw(t, o.in(t, o.ben, "INBOX")[0].ID)
		if !strings.HasSuffix(got, body) || strings.Contains(got, "Bcc") || strings.Contains(got, "Fcc") ||
			strings.Contains(got, "X-Mozilla") ||
			strings.Contains(got, "2015") || !strings.Contains(got, "<draft@acme.test>") {
			t.Errorf("Ben got\n%s", got)
		}
	})
}
