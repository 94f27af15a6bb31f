package smtpd

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/greylist"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A server that nobody knows is asked to come again; too early it is asked once more; later, also from another machine
// of its network, it is taken, and from then on at once. Another network begins anew.
func TestGreylisting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		list := greylist.New(db, func(_ context.Context, address string) (bool, error) {
			return address == "client@known.test", nil
		})
		p := greylist.Standard()
		p.Trusted = append(p.Trusted, " Big.TEST", "127.0.7.0/24")
		o := newOffice(t, db, Config{Greylist: list, Limits: Limits{MailPerMinute: 1000}},
			dnstest.TXT("big.test", "v=spf1 ip4:127.0.0.0/8 -all"),
			dnstest.TXT("spread.test", "v=spf1 ip4:127.0.0.0/8 -all"))
		brings := func(ip, from, want string) {
			t.Helper()
			out, _ := swaks(t, "--server", o.mx, "--from", from, "--to", "anna@acme.test", "--local-interface", ip,
				"--helo", "x.test", "--h-Subject", "x", "--body", "Hello")
			answer := map[string]string{"later": "<** 451 4.7.1", "taken": "Accepted as"}[want]
			if !strings.Contains(out, answer) {
				t.Errorf("%s from %s is not %s:\n%s", from, ip, want, out)
			}
		}
		pass := func(d time.Duration) {
			t.Helper()
			if _, err := db.Exec(t.Context(), `UPDATE mail_greylist SET first_at = first_at - $1, last_at = last_at - $1`,
				d.Microseconds()); err != nil {
				t.Fatal(err)
			}
		}
		brings("127.0.0.1", "a@new.test", "taken") // nobody is asked unless an administrator says so
		p.Mode = greylist.Suspicious
		if err := list.SetPolicy(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		brings("127.0.0.1", "a@new.test", "later")
		pass(4 * time.Minute)
		brings("127.0.0.1", "a@new.test", "later")
		pass(2 * time.Minute)
		brings("127.0.3.1", "a@new.test", "later")
		brings("127.0.0.99", "A@new.test", "taken")
		brings("127.0.0.1", "a@new.test", "taken")
		brings("127.0.0.1", "b@new.test", "later")
		brings("127.0.0.1", "client@known.test", "taken")
		brings("127.0.5.1", "a@big.test", "taken")
		brings("127.0.7.9", "b@new.test", "taken")
		brings("127.0.3.1", "a@spread.test", "taken") // SPF proves its author: nothing to suspect
		p.Mode = greylist.Everybody
		if err := list.SetPolicy(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		brings("127.0.3.1", "c@spread.test", "later")
		pass(6 * time.Minute)
		brings("127.0.9.1", "c@spread.test", "taken") // the domain counts where SPF proves it, from wherever it comes
		pass(25 * time.Hour)
		brings("127.0.0.1", "b@new.test", "later") // a day later is no answer to the question
		pass(36 * 24 * time.Hour)
		brings("127.0.0.1", "a@new.test", "later") // who has not come for long is nobody any more
		if err := list.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows := 0
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM mail_greylist`).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows are left, %v", rows, err)
		}
	})
}

// A source that came again with several mails is asked no more, and one that only ever begins fills no table; what is
// no domain and no network can't be trusted.
func TestGreylistIsBounded(t *testing.T) {
	db := sqlite(t)
	list := greylist.New(db, func(context.Context, string) (bool, error) { return false, nil })
	if err := list.SetPolicy(t.Context(),
		greylist.Policy{Mode: greylist.Everybody, Trusted: []string{"a/b"}}); err == nil {
		t.Error("a/b is trusted")
	}
	if err := list.SetPolicy(t.Context(), greylist.Policy{Mode: greylist.Everybody, Minutes: 5, Days: 35}); err != nil {
		t.Fatal(err)
	}
	brought := func(spf, from string) time.Duration {
		t.Helper()
		return must(list.Ask(t.Context(), greylist.Mail{SPF: spf, From: from, To: []string{"anna@acme.test"}}))(t)
	}
	for i := range 600 {
		if brought("flood.test", strings.Repeat("x", i)) == 0 {
			t.Fatal("a stranger is taken")
		}
	}
	rows := 0
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM mail_greylist`).Scan(&rows); err != nil || rows != 500 {
		t.Errorf("%d rows, %v", rows, err)
	}
	for range 2 {
		for _, from := range []string{"a", "b", "c", "d", "e"} {
			brought("good.test", from)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_greylist SET first_at = first_at - 400000000`); err != nil {
			t.Fatal(err)
		}
	}
	if wait := brought("good.test", "new"); wait != 0 {
		t.Errorf("who always comes again is asked to wait %s", wait)
	}
}
