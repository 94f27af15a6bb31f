package programs

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/passwords"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

const own = "correct horse"

// newLogins are those of a company where Ana, with a shared mailbox, and Ion work.
func newLogins(t *testing.T, db *store.DB) (l Logins, ana, ion people.User) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	blobs, err := blob.NewFiles(t.TempDir())
	must(err)
	l = Logins{Core: crmcore.New(db, crmcore.Config{KnownPasswords: true}, crmcore.Hooks{}, log, reg),
		Box: mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, log, reg), Passwords: passwords.New(db),
		Factors: secondfactor.New(db, guard.NewSeal("test"))}
	user := func(login string) people.User {
		u, err := l.Core.CreateUser(t.Context(), people.System(), people.NewUser{
			User: people.User{Login: login, Name: login, Email: login + "@Acme.example", Role: people.Staff,
				Access: people.AccessOwn},
			Password: own})
		must(err)
		return u
	}
	ana, ion = user("Ana"), user("Ion")
	_, err = l.Box.CreateDomain(t.Context(), "acme.example")
	must(err)
	_, err = l.Box.CreateMailbox(t.Context(), mail.Mailbox{Address: "sales@acme.example", Users: []string{ana.ID}})
	must(err)
	return l, ana, ion
}

// A mail program comes in with a password made for it, at the doors it was made for and under any name that is its
// owner's; or with a person's own, unless that is switched off.
func TestLogins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l, ana, ion := newLogins(t, db)
		_, made, err := l.Passwords.Make(t.Context(), ana.ID, passwords.Password{Name: "Phone", Reads: true})
		if err != nil {
			t.Fatal(err)
		}
		try := func(door, login, password, want string) {
			t.Helper()
			got, err := l.At(door)(t.Context(), login, password)
			if err == nil && got != want || (want == "") != errors.Is(err, mail.ErrLogin) || want != "" && err != nil {
				t.Errorf("%s %s: %q %v", door, login, got, err)
			}
		}
		for _, login := range []string{"ana", " ANA ", "ana@acme.example", "sales@acme.example"} {
			try(passwords.Reading, login, made, ana.ID)
		}
		try(passwords.Sending, "ana", made, "")
		try(passwords.Reading, "ion", made, "")
		try(passwords.Reading, "support@acme.example", made, "")
		try(passwords.Sending, "ion", own, ion.ID)
		try(passwords.Sending, "ion", "wrong", "")
		if err := l.Passwords.SetOnly(t.Context(), ana.ID, true); err != nil {
			t.Fatal(err)
		}
		try(passwords.Reading, "ana", own, "")
		try(passwords.Reading, "ana", made, ana.ID)
		try(passwords.Reading, "ion", own, ion.ID)
	})
}

// Who left reads no mail, with whatever password.
func TestWhoLeft(t *testing.T) {
	l, ana, ion := newLogins(t, storetest.SQLite(t))
	_, made, err := l.Passwords.Make(t.Context(), ana.ID, passwords.Password{Name: "Phone", Reads: true})
	if err != nil {
		t.Fatal(err)
	}
	ion.Role = people.Admin // somebody has to be
	if _, err := l.Core.UpdateUser(t.Context(), people.System(), ion); err != nil {
		t.Fatal(err)
	}
	ana.Active = false
	if _, err := l.Core.UpdateUser(t.Context(), people.System(), ana); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{made, own} {
		if got, err := l.At(passwords.Reading)(t.Context(), "ana", password); !errors.Is(err, mail.ErrLogin) {
			t.Errorf("%q %v", got, err)
		}
	}
}

// Who has a second factor is not let in by his own password alone: mail programs don't know of codes.
func TestSecondFactorNeedsItsOwnPassword(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l, ana, _ := newLogins(t, db)
		door := l.At(passwords.Reading)
		if _, err := door(t.Context(), "Ana", own); err != nil {
			t.Fatal(err)
		}
		setup, err := l.Factors.Begin(t.Context(), ana, "Acme")
		if err != nil {
			t.Fatal(err)
		}
		code, err := totp.GenerateCode(setup.Secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Factors.Confirm(t.Context(), ana.ID, code); err != nil {
			t.Fatal(err)
		}
		if _, err := door(t.Context(), "Ana", own); !errors.Is(err, mail.ErrLogin) {
			t.Errorf("with a second factor: %v", err)
		}
	})
}
