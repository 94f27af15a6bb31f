package smtpd

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/virus"
	"frontdesk/mail/virus/clamdtest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

const (
	spam = "From: Spammer <s@spam.test>\r\nSubject: Pills\r\n\r\n" +
		"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
	infected = "From: Ana <ana@client.test>\r\nSubject: Invoice\r\n\r\n" + clamdtest.Virus
	fine     = "From: Ana <ana@client.test>\r\nSubject: Hello\r\n\r\nHello"
)

// guarded is an office with a quarantine and, where it has an address, a virus scanner.
func guarded(t *testing.T, db *store.DB, clamd string) (*office, *quarantine.Keeper) {
	keeper := new(quarantine.Keeper) // it needs the office's box
	c := Config{Limits: Limits{MailPerMinute: 1000}, Quarantine: keeper}
	if clamd != "" {
		c.Scan = virus.New(clamd).Scan
	}
	o := newOffice(t, db, c)
	*keeper = *quarantine.New(db, o.box)
	return o, keeper
}

func (o *office) held(t *testing.T, k *quarantine.Keeper, words string) []quarantine.Held {
	t.Helper()
	return must(k.List(t.Context(), words, "", 10))(t)
}

func setPolicy(t *testing.T, k *quarantine.Keeper, p quarantine.Policy) {
	t.Helper()
	if err := k.SetPolicy(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// What has a virus is refused or kept, as the company wants, and never stands in a mailbox until an administrator who
// knows of it releases it; users send none.
func TestVirusIsStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o, k := guarded(t, db, clamdtest.Start(t))
		o.send(t, infected, "554 5.7.1 Not taken: the virus scanner found "+clamdtest.Name)
		p := quarantine.Standard()
		p.Virus = quarantine.Hold
		setPolicy(t, k, p)
		o.send(t, infected, "250")
		o.send(t, fine, "250")
		list := o.held(t, k, "ANNA invoice")
		if len(list) != 1 || list[0].Cause != mail.Virus || list[0].From.Address != "ana@client.test" ||
			list[0].To[0] != "anna@acme.test" || !strings.Contains(list[0].Reason, clamdtest.Name) {
			t.Fatalf("%+v", list)
		}
		if in := o.in(t, o.anna, "INBOX"); len(in) != 1 || in[0].Subject != "Hello" ||
			len(o.in(t, o.anna, "Junk")) != 0 {
			t.Fatalf("inbox %+v", in)
		}
		if err := k.Release(t.Context(), list[0].ID, false); !errors.Is(err, quarantine.ErrVirus) {
			t.Errorf("released unasked: %v", err)
		}
		if err := k.Release(t.Context(), list[0].ID, true); err != nil {
			t.Fatal(err)
		}
		in := o.in(t, o.anna, "INBOX")
		if len(in) != 2 || in[0].Subject != "Invoice" || !strings.Contains(o.raw(t, in[0].ID), clamdtest.Virus) {
			t.Errorf("released: %+v", in)
		}
		if err := k.Release(t.Context(), list[0].ID, true); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("released twice: %v", err)
		}
		dialogue(t, o.submit, begin+
			"C: STARTTLS\nS: 220\nTLS\nC: EHLO c\nS: 250\nC: AUTH PLAIN AGFubmEAc2VjcmV0LWE=\nS: 235\n"+
			"C: MAIL FROM:<anna@acme.test>\nS: 250\nC: RCPT TO:<sales@acme.test>\nS: 250\nC: DATA\nS: 354\n"+
			lines(strings.ReplaceAll(infected, "ana@client.test", "anna@acme.test"))+"C: .\nS: 554 5.7.1 Not sent")
	})
}

// A scanner that is away, or can't take a mail, lets nothing pass.
func TestScannerIsAway(t *testing.T) {
	o, _ := guarded(t, sqlite(t), "127.0.0.1:1")
	o.send(t, fine, "451 4.7.1 The virus scanner is away")
	o, _ = guarded(t, sqlite(t), clamdtest.Start(t))
	o.send(t, fine+strings.Repeat("\r\n"+strings.Repeat("x", 500), 3*clamdtest.MaxSize/500),
		"552 5.3.4 Too large to be scanned")
	if in := o.in(t, o.anna, "INBOX"); len(in) != 0 {
		t.Errorf("came in: %+v", in)
	}
}

// Certain junk is kept where the company wants it: its content stays while it is there, its release brings it to the
// inbox and the CRM and teaches the filter; what nobody released goes with its time, what nobody wants at once.
func TestJunkIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o, k := guarded(t, db, "")
		o.send(t, spam, "250")
		if junk := o.in(t, o.anna, "Junk"); len(junk) != 1 {
			t.Fatalf("without a word of the company: %+v", junk)
		}
		p := quarantine.Standard()
		p.Spam = quarantine.Hold
		setPolicy(t, k, p)
		for _, subject := range []string{"first", "second", "third"} {
			o.send(t, strings.ReplaceAll(spam, "Pills", subject), "250")
		}
		list := o.held(t, k, "")
		if len(list) != 3 || list[0].Subject != "third" || list[0].Cause != mail.Spam ||
			len(o.held(t, k, "100%")) != 0 {
			t.Fatalf("%+v", list)
		}
		sweep := func() int {
			t.Helper()
			return must(o.box.Sweep(t.Context(), -time.Second, k.Uses))(t)
		}
		if err := k.Delete(t.Context(), list[0].ID); err != nil || sweep() != 1 {
			t.Errorf("deleted: %v", err)
		}
		if err := k.Release(t.Context(), list[1].ID, false); err != nil {
			t.Fatal(err)
		}
		if in := o.in(t, o.anna, "INBOX"); len(in) != 1 || in[0].Subject != "second" || in[0].Verdict.Junk {
			t.Errorf("released: %+v", in)
		}
		told := 0
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM job WHERE kind = $1`,
			mail.IntakeJob).Scan(&told); err != nil || told != 1 {
			t.Errorf("%d told the CRM, %v", told, err)
		}
		if n, err := k.Expire(t.Context()); n != 0 || err != nil {
			t.Errorf("too early: %d %v", n, err)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_quarantine SET at = at - $1`,
			(31 * 24 * time.Hour).Microseconds()); err != nil {
			t.Fatal(err)
		}
		if n, err := k.Expire(t.Context()); n != 1 || err != nil || sweep() != 1 || len(o.held(t, k, "")) != 0 {
			t.Errorf("in the end: %d %v", n, err)
		}
	})
}

// A full quarantine refuses, so that the author hears of it; a mailbox that is gone takes no release.
func TestFullQuarantine(t *testing.T) {
	o, k := guarded(t, sqlite(t), "")
	setPolicy(t, k, quarantine.Policy{Virus: quarantine.Reject, Forged: quarantine.Reject, Spam: quarantine.Hold,
		Days: 1, Room: 1})
	if err := k.Keep(t.Context(), mail.Spam, "x", mail.Delivery{To: []mail.Recipient{{Mailbox: "gone", Address: "a@b"}},
		Blob: blobOf(t, o), Parsed: must(o.box.Parse(t.Context(), blobOf(t, o)))(t), Size: 999_900}); err != nil {
		t.Fatal(err)
	}
	o.send(t, spam, "550 5.7.1 Not taken")
	if err := k.Release(t.Context(), o.held(t, k, "")[0].ID, false); !errors.Is(err, quarantine.ErrGone) {
		t.Errorf("for a mailbox that is gone: %v", err)
	}
	if used := must(k.Used(t.Context()))(t); used.Mails != 1 || used.Bytes != 999_900 {
		t.Errorf("%+v", used)
	}
}

func blobOf(t *testing.T, o *office) string {
	t.Helper()
	key, _, err := o.box.PutBlob(context.Background(), strings.NewReader(fine))
	if err != nil {
		t.Fatal(err)
	}
	return key
}
