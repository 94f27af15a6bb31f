package queue

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mjl-/mox/dkim"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/limit"
	"frontdesk/mail/relay"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// allAre tells whether both signatures of a mail came to that.
func allAre(status dkim.Status, results []dkim.Result) bool {
	for _, r := range results {
		if r.Status != status {
			return false
		}
	}
	return len(results) == 2
}

// Who sent a mail, and an administrator, keep it from being sent, let it go, or give it up, with a notice or without.
func TestSteered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newPeer(t, nil)
		far.refuse = func(_ string, attempt int) error {
			if attempt == 1 {
				return busy
			}
			return nil
		}
		o := newOffice(t, db, Config{FirstWait: time.Hour}, far)
		o.send(t, "carl@far.test", "dora@far.test")
		eventually(t, "both wait", func() bool {
			l := o.list(t)
			return len(l) == 2 && l[0].Attempts == 1 && l[1].Attempts == 1 && l[0].Why == "refused" &&
				l[0].User == "u-anna"
		})
		items := o.list(t)
		for name, steer := range map[string]func(user, id string) error{
			"hold":  func(user, id string) error { return o.Hold(t.Context(), user, id) },
			"retry": func(user, id string) error { return o.Retry(t.Context(), user, id) },
			"drop":  func(user, id string) error { return o.Drop(t.Context(), user, id, true) },
		} {
			if err := steer("u-ben", items[0].ID); !errors.Is(err, mail.ErrNotFound) {
				t.Errorf("%s by somebody else: %v", name, err)
			}
		}
		if l := must(o.List(t.Context(), "u-ben", "", 10))(t); len(l) != 0 {
			t.Errorf("somebody else sees %+v", l)
		}
		if err := o.Hold(t.Context(), "u-anna", items[0].ID); err != nil {
			t.Fatal(err)
		}
		if l := must(o.List(t.Context(), "u-anna", "", 10))(t); len(l) != 2 || !l[0].Held || l[0].Why != "held" ||
			l[0].Next.Year() < 2100 {
			t.Errorf("held: %+v", l)
		}
		if err := o.Drop(t.Context(), "", items[1].ID, true); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the sender is told", func() bool { return len(o.in(t, o.anna, "INBOX")) == 1 })
		if raw := o.raw(t, o.in(t, o.anna, "INBOX")[0].ID); !strings.Contains(raw, "dora@far.test") ||
			strings.Contains(raw, "carl@far.test\r\n    an adm") ||
			!strings.Contains(raw, "Action: failed") {
			t.Errorf("notice:\n%s", raw)
		}
		eventually(t, "let go", func() bool { // again and again: the job of the first attempt may not have ended yet
			if err := o.Retry(t.Context(), "u-anna", items[0].ID); err != nil && !errors.Is(err, mail.ErrNotFound) {
				t.Fatal(err)
			}
			return len(far.got()) == 1 && len(o.list(t)) == 0
		})
	})
}

// Mail of a domain goes through its own smart host, by the next one when the first does not answer or let us in.
func TestSmartHostsOfADomain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		config, roots := certificate(t, "127.0.0.1")
		second := newPeer(t, config)
		inside, err := guard.NewEgress([]string{"127.0.0.0/8"})
		if err != nil {
			t.Fatal(err)
		}
		hosts := relay.New(db, guard.NewSeal("test"))
		put := func(h Host) Host { return must(hosts.Put(t.Context(), h))(t) }
		put(Host{Address: "127.0.0.1:1"})
		dead := put(Host{Domain: "acme.test", Position: 1, Address: "127.0.0.1:1", User: "acme", Password: "pw",
			TLS: StartTLS})
		good := put(Host{Domain: "acme.test", Position: 2, Address: second.address(), User: "acme", Password: "pw",
			TLS: StartTLS})
		o := newOffice(t, db, Config{Hosts: hosts, Egress: &inside, Roots: roots}, nil)
		o.send(t, "carl@anywhere.test")
		eventually(t, "relayed", func() bool { return len(second.got()) == 1 })
		if strings.Join(second.logins, "") != "acme:pw" {
			t.Errorf("log-ins %v", second.logins)
		}
		if err := o.Try(t.Context(), good); err != nil {
			t.Errorf("the good one: %v", err)
		}
		if err := o.Try(t.Context(), dead); err == nil {
			t.Error("nothing is wrong with the dead one")
		}
		outside, _ := guard.NewEgress(nil)
		strict := must(New(Config{Hostname: host, Members: o.config.Members, Hosts: hosts, Egress: &outside}, o.box,
			db, o.blobs, discard, newRegistry()))(t)
		if err := strict.Try(t.Context(), good); !errors.As(err, new(*guard.Forbidden)) {
			t.Errorf("a private address: %v", err)
		}
	})
}

// Who comes to the limit sends no more, and the administrators hear of it once.
func TestSendingLimits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		limits := limit.New(db)
		if err := limits.Set(t.Context(), limit.Exception{Rule: limit.Rule{Day: 2}}); err != nil {
			t.Fatal(err)
		}
		o := newOffice(t, db, Config{Limits: limits}, newPeer(t, nil))
		o.send(t, "carl@far.test", "dora@far.test")
		draft := mail.Draft{From: author, To: []string{"emil@far.test"}, Subject: "One more", Text: "x"}
		for range 2 {
			if _, err := o.SubmitDraft(t.Context(), "u-anna", draft); !errors.As(err, new(*limit.Over)) {
				t.Errorf("over the limit: %v", err)
			}
		}
		eventually(t, "the administrator is told", func() bool { return len(o.in(t, o.anna, "INBOX")) == 1 })
		if m := o.in(t, o.anna, "INBOX")[0]; m.Subject != author+" has come to the limit of sending" {
			t.Errorf("told %+v", m)
		}
		if sent := o.in(t, o.anna, "Sent"); len(sent) != 1 {
			t.Errorf("what was refused is in Sent: %+v", sent)
		}
	})
}

// Each reason to wait has its word.
func TestWhyItWaits(t *testing.T) {
	for want, i := range map[string]Item{
		"new": {}, "sending": {Busy: true, Attempts: 1}, "unreachable": {Attempts: 1, Answer: "dial tcp: timeout"},
		"held":       {Held: true},
		"greylisted": {Attempts: 1, Code: 450, Answer: "450 4.2.0 Greylisted, see https://postgrey.example"},
		"dns":        {Attempts: 1, Answer: "DNS: no answer"}, "host": {Attempts: 1,
			Answer: "smart host: sealed with another key"},
		"tls":  {Attempts: 1, Answer: "TLS as it is required there did not come about: x"},
		"full": {Attempts: 2, Code: 452, Answer: "452 4.2.2 Mailbox full"}, "slow": {Attempts: 2, Code: 421,
			Answer: "421 later"},
		"refused": {Attempts: 2, Code: 451, Answer: "451 come back"},
	} {
		if got := i.why(); got != want {
			t.Errorf("%+v waits for %q, want %q", i, got, want)
		}
	}
}
