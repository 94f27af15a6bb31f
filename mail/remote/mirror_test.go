package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// office is a company one of whose people has a mailbox elsewhere.
type office struct {
	*Accounts
	t   testing.TB
	box *mail.Box
	db  *store.DB

	blobs  blob.Store
	config Config
}

func newOffice(t testing.TB, db *store.DB, change func(*Config)) *office {
	t.Helper()
	blobs, err := blob.NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	egress, err := guard.NewEgress([]string{"127.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	o := &office{t: t, db: db, box: mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, log, prometheus.NewRegistry())}
	config := Config{Seal: guard.NewSeal("a secret of this test"), Egress: egress, Hostname: "desk.ours.test",
		LookEvery: 50 * time.Millisecond, PollEvery: time.Second}
	if change != nil {
		change(&config)
	}
	o.blobs, o.config = blobs, config
	o.Accounts = New(config, o.box, db, blobs, log)
	return o
}

// connect writes an account without a look at its servers, and holds it.
func (o *office) connect(p *provider, days int) Account {
	o.t.Helper()
	servers := Servers{IMAP: p.imap, IMAPTLS: Plain, SMTP: "127.0.0.1:1", SMTPTLS: Plain}
	a, err := o.make(o.t.Context(), "u-ana", Account{Address: address, Login: address, Servers: servers, Days: days},
		"Ana", password)
	if err != nil {
		o.t.Fatal(err)
	}
	o.run()
	return a
}

func (o *office) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { o.Run(ctx); close(done) }()
	o.t.Cleanup(func() { cancel(); <-done })
}

// folder lists a folder here: subjects with flags, the oldest first.
func (o *office) folder(a Account, name string) string {
	o.t.Helper()
	f, err := o.box.Folder(o.t.Context(), a.Mailbox, name)
	if errors.Is(err, mail.ErrNotFound) {
		return "no such folder"
	}
	if err != nil {
		o.t.Fatal(err)
	}
	rows, err := o.db.Query(o.t.Context(), `SELECT subject, seen, flagged FROM mail_message WHERE folder = $1 ORDER BY uid`, f.ID)
	list, err := store.Collect(rows, err, func(row store.Row) (text string, err error) {
		var seen, flagged bool
		err = row.Scan(&text, &seen, &flagged)
		if seen {
			text += " \\Seen"
		}
		if flagged {
			text += " \\Flagged"
		}
		return text, err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

func (o *office) waits(what string, is func() string, want string) {
	o.t.Helper()
	got := ""
	o.t.Cleanup(func() {
		if o.t.Failed() {
			o.t.Logf("%s: %q, want %q", what, got, want)
		}
	})
	testwait.Until(o.t, what, func() bool { got = is(); return got == want })
}

func (o *office) ids(a Account, subject string) (ids []string) {
	o.t.Helper()
	rows, err := o.db.Query(o.t.Context(), `SELECT id FROM mail_message WHERE mailbox = $1 AND subject = $2`, a.Mailbox, subject)
	ids, err = store.Collect(rows, err, func(row store.Row) (id string, err error) { return id, row.Scan(&id) })
	if err != nil {
		o.t.Fatal(err)
	}
	return ids
}

// What comes there is here in a moment; what is done on either side is done on the other; what moves stays the same
// message; what there was before comes as far back as one wants, and is nothing new to anybody.
func TestMirror(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newProvider(t, "")
		o, there := newOffice(t, db, nil), p.program()
		p.comes(there, "INBOX", time.Now().AddDate(0, 0, -100), letterOf("old", "Old"))
		p.comes(there, "INBOX", time.Now().AddDate(0, 0, -3), letterOf("a", "Before"))
		a := o.connect(p, 30)
		inbox := func() string { return o.folder(a, "INBOX") }
		o.waits("the past", inbox, "Before")

		p.comes(there, "INBOX", time.Now(), letterOf("b", "New"))
		began := time.Now()
		o.waits("new mail", inbox, "Before, New")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("new mail took %v", took)
		}
		o.told(t, "Before true", "New false")

		id := o.ids(a, "New")[0]
		if err := errors.Join(o.box.MarkSeen(t.Context(), "u-ana", []string{id}, true),
			o.box.Flag(t.Context(), "u-ana", []string{id}, true)); err != nil {
			t.Fatal(err)
		}
		o.waits("flags go there", func() string { return p.subjects(there, "INBOX") }, `Old, Before, New \Flagged \Seen`)
		there.Store(imap.SeqSetNum(3), &imap.StoreFlags{Op: imap.StoreFlagsDel, Flags: []imap.Flag{imap.FlagFlagged}},
			nil).Close()
		o.waits("flags come from there", inbox, `Before, New \Seen`)

		o.chooses(a, "Offers")
		o.waits("a folder that is chosen", func() string { return o.folder(a, "Offers") }, "")
		if _, err := there.Move(imap.SeqSetNum(3), "Offers").Wait(); err != nil {
			t.Fatal(err)
		}
		o.waits("moved there", func() string { return o.folder(a, "INBOX") + " | " + o.folder(a, "Offers") }, `Before | New \Seen`)
		if now := o.ids(a, "New"); !slices.Equal(now, []string{id}) {
			t.Errorf("the message that was moved there is another here: %v, was %s", now, id)
		}
		if err := o.box.Delete(t.Context(), "u-ana", []string{id}); err != nil {
			t.Fatal(err)
		}
		o.waits("moved here", func() string { return p.subjects(there, "Offers") + " | " + p.subjects(there, "Trash") },
			` | New \Seen`)

		p.subjects(there, "INBOX")
		there.Store(imap.SeqSetNum(2), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}},
			nil).Close()
		there.Expunge().Close()
		o.waits("deleted there", inbox, "")
	})
}

// chooses has one more folder mirrored.
func (o *office) chooses(a Account, name string) {
	o.t.Helper()
	list, err := o.Folders(o.t.Context(), "u-ana", a.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	var ids []string
	for _, f := range list {
		if f.Chosen || f.Name == name {
			ids = append(ids, f.ID)
		}
	}
	if _, err := o.Change(o.t.Context(), "u-ana", a.ID, Patch{Folders: ids}); err != nil {
		o.t.Fatal(err)
	}
}

// told checks what the CRM hears: the subject, and whether it is of the past.
func (o *office) told(t *testing.T, want ...string) {
	t.Helper()
	rows, err := o.db.Query(t.Context(), `SELECT payload FROM job WHERE kind = $1`, mail.IntakeJob)
	list, err := store.Collect(rows, err, func(row store.Row) (p string, err error) { return p, row.Scan(&p) })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, payload := range list {
		in := decode[mail.Intake](t, payload)
		arrivals, errs := o.box.Arrivals(t.Context(), []mail.Intake{in})
		if errs[0] != nil {
			t.Fatal(errs[0])
		}
		got = append(got, fmt.Sprint(arrivals[0].Subject, " ", arrivals[0].Past))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the CRM hears %v, want %v", got, want)
	}
}

// A server that gives its UIDs anew, and a program that begins anew, bring nothing twice and remove nothing.
func TestNothingTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newProvider(t, "")
		o, there := newOffice(t, db, nil), p.program()
		for i := range 5 {
			p.comes(there, "INBOX", time.Now(), letterOf(fmt.Sprint("m", i), fmt.Sprint("Mail ", i)))
		}
		nameless := strings.Replace(letterOf("x", "Nameless"), "Message-ID: <x@else.test>\n", "", 1)
		p.comes(there, "INBOX", time.Now(), nameless)
		a := o.connect(p, 30)
		want := "Mail 0, Mail 1, Mail 2, Mail 3, Mail 4, Nameless"
		o.waits("all", func() string { return sorted(o.folder(a, "INBOX")) }, want)
		ids := o.ids(a, "Mail 3")

		// As if the server had other UIDs than those that are known here.
		if _, err := db.Exec(t.Context(), `UPDATE mail_remote_folder SET validity = validity + 7 WHERE account = $1`, a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Change(t.Context(), "u-ana", a.ID, Patch{Days: new(20)}); err != nil { // it connects anew
			t.Fatal(err)
		}
		links := func() string {
			var n int
			db.QueryRow(t.Context(), `SELECT count(*) FROM mail_remote_message r JOIN mail_remote_folder f ON f.id = r.folder
				JOIN mail_message m ON m.id = r.message WHERE f.validity < 4000000000 AND f.filled AND f.special_use = 'Inbox'`).Scan(&n)
			return fmt.Sprint(n)
		}
		p.comes(there, "INBOX", time.Now(), letterOf("last", "Last"))
		o.waits("all is known again", links, "7")
		if got := sorted(o.folder(a, "INBOX")); got != "Last, "+want {
			t.Errorf("after new UIDs: %s", got)
		}
		if now := o.ids(a, "Mail 3"); !slices.Equal(now, ids) {
			t.Errorf("another message: %v, was %v", now, ids)
		}
		if there := sorted(p.subjects(there, "INBOX")); there != "Last, "+want {
			t.Errorf("there: %s", there)
		}
		// A mailbox that goes here stays there.
		if err := o.Remove(t.Context(), "u-ana", a.ID); err != nil {
			t.Fatal(err)
		}
		if there := sorted(p.subjects(there, "INBOX")); there != "Last, "+want {
			t.Errorf("there, after the account was removed here: %s", there)
		}
	})
}

func sorted(list string) string {
	words := strings.Split(list, ", ")
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// A wrong password is said so, once it was tried; a right one mends it.
func TestRefused(t *testing.T) {
	p := newProvider(t, "")
	o := newOffice(t, storetest.SQLite(t), nil)
	servers := Servers{IMAP: p.imap, IMAPTLS: Plain, SMTP: "127.0.0.1:1", SMTPTLS: Plain}
	if _, err := o.Add(t.Context(), "u-ana",
		Input{Address: address, Password: "wrong", Servers: &servers}); !errors.Is(err, ErrLogin) {
		t.Errorf("a wrong password: %v", err)
	}
	a, err := o.make(t.Context(), "u-ana", Account{Address: address, Login: address, Servers: servers, Days: 1}, "",
		"was right once")
	if err != nil {
		t.Fatal(err)
	}
	o.run()
	state := func() string {
		now, err := o.one(t.Context(), "u-ana", a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return string(now.State)
	}
	o.waits("refused", state, string(Login))
	now, _ := o.one(t.Context(), "u-ana", a.ID)
	if !strings.Contains(now.Told, "Authentication failed") {
		t.Errorf("told %q", now.Told)
	}
	if _, err := o.db.Exec(t.Context(), `UPDATE mail_remote SET secret = $1, version = version + 1`, o.close(a.ID, []byte(password))); err != nil {
		t.Fatal(err)
	}
	o.waits("mended", state, string(Works))
}

// Only who reads the mailbox sees the account; a private network is out of reach unless allowed.
func TestLimits(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t), func(c *Config) { c.Egress, _ = guard.NewEgress(nil) })
	servers := Servers{IMAP: "127.0.0.1:143", IMAPTLS: Plain, SMTP: "10.1.2.3:25", SMTPTLS: Plain}
	var forbidden *guard.Forbidden
	if _, err := o.Add(t.Context(), "u-ana", Input{Address: address, Password: "x", Servers: &servers}); !errors.As(err,
		&forbidden) {
		t.Errorf("a private address: %v", err)
	}
	a, err := o.make(t.Context(), "u-ana",
		Account{Address: address, Login: address, Servers: servers, Days: 1}, "", "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.make(t.Context(), "u-ion", Account{Address: address, Servers: servers}, "", "x"); !errors.Is(err,
		mail.ErrExists) {
		t.Errorf("connected twice: %v", err)
	}
	_, change := o.Change(t.Context(), "u-ion", a.ID, Patch{})
	_, folders := o.Folders(t.Context(), "u-ion", a.ID)
	for what, err := range map[string]error{"change": change, "folders": folders,
		"remove": o.Remove(t.Context(), "u-ion", a.ID)} {
		if !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("%s by somebody else: %v", what, err)
		}
	}
	if list, err := o.Of(t.Context(), "u-ion"); err != nil || len(list) > 0 {
		t.Errorf("somebody else sees %v %v", list, err)
	}
	var secret string
	if err := o.db.QueryRow(t.Context(), `SELECT secret FROM mail_remote`).Scan(&secret); err != nil || len(secret) < 20 {
		t.Errorf("the password is kept as %q, %v", secret, err)
	}
	if _, err := o.box.CreateDomain(t.Context(), "ours.test"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.make(t.Context(), "u-ana", Account{Address: "boss@ours.test", Servers: servers}, "",
		"x"); !errors.Is(err, ErrOurs) {
		t.Errorf("an address of our own domain: %v", err)
	}
}

func decode[T any](t testing.TB, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
