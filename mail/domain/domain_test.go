package domain

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/dns"
	"go.uber.org/goleak"

	"frontdesk/guard"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/resolver"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var silent = slog.New(slog.DiscardHandler)

func newBook(db *store.DB) *Book {
	return New(db, guard.NewSeal("a secret of this test"), keytest.RSA(), silent)
}

// zone is a DNS server with records as the company published them, and more.
func zone(t *testing.T, records []DNSRecord, more ...string) func() dns.Resolver {
	t.Helper()
	var lines []string
	for _, r := range records {
		value := strings.Fields(r.Value)
		switch r.Type {
		case "MX":
			lines = append(lines, dnstest.MX(r.Name, strings.TrimSuffix(value[1], ".")))
		case "TXT":
			lines = append(lines, dnstest.TXT(r.Name, r.Value))
		case "CNAME":
			lines = append(lines, "cname="+r.Name+","+strings.TrimSuffix(r.Value, "."))
		case "SRV":
			lines = append(lines, "srv-host="+r.Name+","+strings.TrimSuffix(value[3], ".")+","+value[2]+",0,1")
		}
	}
	address := dnstest.Start(t, append(lines, more...)...)
	return func() dns.Resolver { return resolver.New(address, silent) }
}

// verify tells which keys have signed a mail of the domain that DNS vouches for.
func verify(t *testing.T, b *Book, name string, look dns.Resolver) (passed []string) {
	t.Helper()
	signers, err := b.Signers(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	var selectors []dkim.Selector
	for _, s := range signers {
		selectors = append(selectors, dkim.Selector{Hash: "sha256", Headers: []string{"From", "Subject"},
			PrivateKey: s.Key,
			Domain:     dns.Domain{ASCII: s.Selector}})
	}
	mail := "From: ana@" + name + "\r\nSubject: Hi\r\n\r\nHello\r\n"
	head, err := dkim.Sign(t.Context(), silent, "ana", dns.Domain{ASCII: name}, selectors, false,
		strings.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	results, err := dkim.Verify(t.Context(), silent, look, false, dkim.DefaultPolicy,
		bytes.NewReader([]byte(head+mail)), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Status == dkim.StatusPass {
			passed = append(passed, r.Sig.Selector.ASCII)
		}
	}
	return passed
}

// New keys are published first, sign once DNS shows them, and leave the old ones' records for a week.
func TestKeysAreRotated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(db)
		d, err := b.CreateDomain(t.Context(), "Acme.example")
		if err != nil || len(d.Keys) != 2 || d.Record != d.Keys[0].Record || d.Keys[1].Algorithm != Ed25519 {
			t.Fatalf("%+v, %v", d, err)
		}
		look := zone(t, Place{}.Wanted(d))
		if passed := verify(t, b, d.Name, look()); len(passed) != 2 {
			t.Errorf("signatures that hold: %v", passed)
		}
		var secrets string
		if err := db.QueryRow(t.Context(), `SELECT string_agg(secret, ' ') FROM mail_dkim`).Scan(&secrets); err != nil ||
			strings.Contains(secrets, "PRIVATE") || len(secrets) < 1000 {
			t.Errorf("kept as %.60s, %v", secrets, err)
		}
		for range 2 { // a second time there is nothing to make
			if d, err = b.Rotate(t.Context(), d.Name); err != nil || len(d.Keys) != 4 {
				t.Fatalf("%+v, %v", d.Keys, err)
			}
		}
		before := d.Selector
		if err := b.Follow(t.Context(), look()); err != nil {
			t.Fatal(err)
		}
		if d, _ = b.Domain(t.Context(), d.Name); d.Selector != before {
			t.Error("a key signs that nobody can look up")
		}
		look = zone(t, Place{}.Wanted(d))
		if err := b.Follow(t.Context(), look()); err != nil {
			t.Fatal(err)
		}
		if d, _ = b.Domain(t.Context(), d.Name); d.Selector == before || len(d.Keys) != 4 ||
			len(Place{}.Wanted(d)) != 10 {
			t.Errorf("published, but %+v", d.Keys)
		}
		if passed := verify(t, b, d.Name, look()); len(passed) != 2 || passed[0] == before {
			t.Errorf("signatures that hold: %v", passed)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_dkim SET since = since - $1`, int64(Linger/time.Microsecond)+1); err != nil {
			t.Fatal(err)
		}
		if err := b.Follow(t.Context(), look()); err != nil {
			t.Fatal(err)
		}
		if d, _ = b.Domain(t.Context(), d.Name); len(d.Keys) != 2 || d.Keys[0].State != Signs {
			t.Errorf("a week later: %+v", d.Keys)
		}
	})
}

// A key of a version before is sealed and goes on signing; the open one is gone a week later.
func TestKeysOfBeforeAreTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(db)
		made, err := newKey(b.seal, b.makeRSA, "old.example", "fd202601", RSA)
		if err != nil {
			t.Fatal(err)
		}
		der, err := b.seal.Open(purpose("old.example", "fd202601"), made.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x509.ParsePKCS8PrivateKey(der); err != nil {
			t.Fatal(err)
		}
		open := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		if _, err := db.Exec(t.Context(), `INSERT INTO mail_domain (name, selector, dkim_key, created_at) VALUES ('old.example', 'fd202601', $1, 1)`, open); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := b.Adopt(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		d, err := b.Domain(t.Context(), "old.example")
		if err != nil || d.Selector != "fd202601" || d.Record != made.Record || len(d.Keys) != 2 ||
			d.Keys[1].State != Next {
			t.Fatalf("%+v, %v", d, err)
		}
		look := zone(t, Place{}.Wanted(d))
		if passed := verify(t, b, d.Name, look()); len(passed) != 1 {
			t.Errorf("signatures that hold: %v", passed)
		}
		plain := func() (key string) {
			if err := db.QueryRow(t.Context(), `SELECT dkim_key FROM mail_domain`).Scan(&key); err != nil {
				t.Fatal(err)
			}
			return key
		}
		if err := b.Follow(t.Context(), look()); err != nil || plain() == "" {
			t.Errorf("the version before can't sign any more; %v", err)
		}
		if passed := verify(t, b, d.Name, look()); len(passed) != 2 {
			t.Errorf("signatures that hold: %v", passed)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_dkim SET since = since - $1`, int64(Linger/time.Microsecond)+1); err != nil {
			t.Fatal(err)
		}
		if err := b.Follow(t.Context(), look()); err != nil || plain() != "" {
			t.Errorf("the open key is still there; %v", err)
		}
	})
}

// Mail goes out unsigned rather than not at all where the secret was lost.
func TestKeysWithoutTheirSecret(t *testing.T) {
	db := storetest.SQLite(t)
	if _, err := newBook(db).CreateDomain(t.Context(), "acme.example"); err != nil {
		t.Fatal(err)
	}
	other := New(db, guard.NewSeal("another"), NewRSA, silent)
	if list, err := other.Signers(t.Context(), "acme.example"); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// What is no name, taken or unknown is said so.
func TestNamesOfDomains(t *testing.T) {
	b := newBook(storetest.SQLite(t))
	for name, want := range map[string]error{"nodot": ErrInvalid, "a b.example": ErrInvalid, "Ünder.example": nil} {
		if _, err := b.CreateDomain(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.CreateDomain(t.Context(), "xn--nder-zra.example"); !errors.Is(err, ErrExists) {
		t.Errorf("again: %v", err)
	}
	if _, err := b.SetSTS(t.Context(), "xn--nder-zra.example", "perhaps"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a mode that there is not: %v", err)
	}
	for name, ask := range map[string]func(context.Context, string) (Domain, error){"Domain": b.Domain,
		"Rotate": b.Rotate,
		"SetSTS": func(ctx context.Context, name string) (Domain, error) { return b.SetSTS(ctx, name, STSTesting) }} {
		if _, err := ask(t.Context(), "nobody.example"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only mail from the internet proves that the internet reaches us.
func TestSeen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(db)
		c := NewChecker(Config{}, b, silent)
		b.Seen(t.Context(), "n1", netip.MustParseAddr("192.168.1.4"))
		if r := c.reach(t.Context(), "mail.acme.example", nil); r.State != Unknown || r.Problem != "port_unproven" ||
			!r.Last.IsZero() {
			t.Errorf("%+v", r)
		}
		b.Seen(t.Context(), "n1", netip.MustParseAddr("::ffff:93.184.216.34"))
		b.Seen(t.Context(), "n1", netip.MustParseAddr("93.184.216.35")) // too soon to be written
		if r := c.reach(t.Context(), "mail.acme.example", nil); r.State != OK || r.Peer != "93.184.216.34" ||
			time.Since(r.Last) > time.Minute {
			t.Errorf("%+v", r)
		}
	})
}

// An address leads to one mailbox or several, a domain's rest to a catch-all; never what somebody has himself.
func TestAliases(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(db)
		if _, err := b.CreateDomain(t.Context(), "acme.example"); err != nil {
			t.Fatal(err)
		}
		for id, remote := range map[string]bool{"ana": false, "ion": false, "far": true} {
			if _, err := db.Exec(t.Context(), `INSERT INTO mailbox (id, address, name, quota, used, validity, created_at, remote) VALUES ($1, $2, '', 0, 0, 1, 1, $3)`,
				id, id+"@acme.example", remote); err != nil {
				t.Fatal(err)
			}
		}
		for _, test := range []struct {
			address   string
			mailboxes []string
			want      error
		}{
			{"Sales@acme.example", []string{"ion", "ana", "ana"}, nil}, {"@Acme.example", []string{"ana"}, nil},
			{"ana@acme.example", []string{"ion"}, ErrExists}, {"x@else.example", []string{"ion"}, ErrRelay}, {"none",
				[]string{"ion"}, ErrInvalid},
			{"x@acme.example", nil, ErrInvalid}, {"x@acme.example", []string{"ana", "nobody"}, store.ErrNotFound},
			{"x@acme.example", []string{"far"}, store.ErrNotFound},
		} {
			if _, err := b.SetAlias(t.Context(), Alias{Address: test.address,
				Mailboxes: test.mailboxes}); !errors.Is(err, test.want) {
				t.Errorf("%s: %v", test.address, err)
			}
		}
		list, err := b.Aliases(t.Context())
		if err != nil || len(list) != 2 || list[0].Address != "@acme.example" || strings.Join(list[1].Mailboxes,
			" ") != "ana ion" {
			t.Errorf("%+v %v", list, err)
		}
		if err := b.RemoveAlias(t.Context(), "SALES@acme.example"); err != nil {
			t.Fatal(err)
		}
		if list, _ = b.Aliases(t.Context()); len(list) != 1 {
			t.Errorf("%+v", list)
		}
	})
}

// What tests elsewhere don't take the time for: keys are new ones, as long as receivers want them.
func TestNewRSA(t *testing.T) {
	one, err := NewRSA()
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewRSA()
	if err != nil {
		t.Fatal(err)
	}
	if one.Equal(other) || one.Validate() != nil || one.N.BitLen() != 2048 {
		t.Errorf("%d bits, again the same: %v, %v", one.N.BitLen(), one.Equal(other), one.Validate())
	}
}
