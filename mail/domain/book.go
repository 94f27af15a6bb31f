// Package domain keeps the company's mail domains: their DKIM keys, what has to stand in DNS for them, and whether it
// does.
package domain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"frontdesk/guard"
	"frontdesk/store"
)

// Errors of Book.
var (
	ErrExists  = errors.New("the name is taken")
	ErrInvalid = errors.New("invalid name or address")
)

// Domain is a mail domain of the company.
type Domain struct {
	Name     string `json:"name"`
	Selector string `json:"selector"` // of the RSA key that signs
	Record   string `json:"record"`   // the TXT record to publish at selector._domainkey.name
	STS      string `json:"sts" enum:"none,testing,enforce" doc:"Mode of its MTA-STS policy (RFC 8461)"`
	Keys     []Key  `json:"keys"`
	Roles    []Role `json:"roles"` // where mail for postmaster and abuse goes
}

// Role is an address that a domain has whether or not somebody made it.
type Role struct {
	Address   string   `json:"address"`
	Mailboxes []string `json:"mailboxes"` // addresses; none: it is refused
}

// Book has the company's domains. It is safe for concurrent use by any number of nodes on one database.
type Book struct {
	db      *store.DB
	seal    *guard.Seal
	makeRSA MakeRSA
	log     *slog.Logger
	lately  lately
	seen    seen
}

// New opens the book over a migrated database. Without a seal, as in tests, keys are closed with a secret that anybody
// knows. makeRSA is NewRSA but in tests.
func New(db *store.DB, seal *guard.Seal, makeRSA MakeRSA, log *slog.Logger) *Book {
	if seal == nil {
		seal = guard.NewSeal("")
	}
	return &Book{db: db, seal: seal, makeRSA: makeRSA, log: log}
}

// CreateDomain makes a domain ours, with new keys for DKIM: RSA of 2048 bits (RFC 8301) and Ed25519 (RFC 8463).
// ErrExists when it is ours already.
func (b *Book) CreateDomain(ctx context.Context, name string) (Domain, error) {
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.TrimSpace(name), "."))
	if err != nil || !strings.Contains(ascii, ".") {
		return Domain{}, fmt.Errorf("domain %q: %w", name, ErrInvalid)
	}
	var keys []fresh
	for _, algorithm := range algorithms() {
		key, err := newKey(b.seal, b.makeRSA, ascii, selectorOf(time.Now(), algorithm, 1), algorithm)
		if err != nil {
			return Domain{}, err
		}
		key.State = Signs // as nobody trusts the domain yet, there is nothing to wait for
		keys = append(keys, key)
	}
	err = b.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO mail_domain (name, selector, dkim_key, created_at) VALUES ($1, $2, '', $3)`,
			ascii, keys[0].Selector, store.Micros(time.Now()))
		for _, key := range keys {
			if err == nil {
				err = key.insert(ctx, tx)
			}
		}
		return err
	})
	if store.IsUnique(err) {
		return Domain{}, fmt.Errorf("domain %s: %w", ascii, ErrExists)
	}
	if err != nil {
		return Domain{}, fmt.Errorf("domain %s: %w", ascii, err)
	}
	return b.Domain(ctx, ascii)
}

// Domains lists the company's domains by name.
func (b *Book) Domains(ctx context.Context) ([]Domain, error) { return b.domains(ctx, ``) }

// Domain is one of ours (lower case, ASCII form), or store.ErrNotFound.
func (b *Book) Domain(ctx context.Context, name string) (Domain, error) {
	list, err := b.domains(ctx, ` WHERE name = $1`, strings.ToLower(name))
	if err != nil {
		return Domain{}, err
	}
	if len(list) == 0 {
		return Domain{}, fmt.Errorf("domain %s: %w", name, store.ErrNotFound)
	}
	return list[0], nil
}

func (b *Book) domains(ctx context.Context, where string, args ...any) ([]Domain, error) {
	all, err := keys(ctx, b.db, ` ORDER BY domain, algorithm DESC, since DESC, id DESC`)
	if err != nil {
		return nil, err
	}
	rows, err := b.db.Query(ctx, `SELECT name, sts_mode FROM mail_domain`+where+` ORDER BY name`, args...)
	return store.Collect(rows, err, func(row store.Row) (Domain, error) {
		d := Domain{Keys: []Key{}, Roles: []Role{}}
		err := row.Scan(&d.Name, &d.STS)
		for _, k := range all {
			if k.Domain != d.Name {
				continue
			}
			if d.Keys = append(d.Keys, k.Key); k.State == Signs && k.Algorithm == RSA {
				d.Selector, d.Record = k.Selector, k.Record
			}
		}
		return d, err
	})
}

// Ours tells whether mail for the domain is ours to take.
func (b *Book) Ours(ctx context.Context, domain string) (bool, error) {
	var n int
	err := b.db.QueryRow(ctx, `SELECT count(*) FROM mail_domain WHERE name = $1`, strings.ToLower(domain)).Scan(&n)
	return n > 0, err
}

// DeleteDomain removes a domain without mailboxes; with some it is ErrExists.
func (b *Book) DeleteDomain(ctx context.Context, name string) error {
	return b.db.Tx(ctx, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM mailbox WHERE address LIKE $1`,
			"%@"+strings.ToLower(name)).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("domain %s has %d mailboxes, delete them first: %w", name, n, ErrExists)
		}
		_, err := tx.Exec(ctx, `DELETE FROM mail_domain WHERE name = $1`, strings.ToLower(name))
		return err
	})
}

// OursLately is Ours as it was at most a second ago, mostly without a question to the database.
func (b *Book) OursLately(ctx context.Context, domain string) (bool, error) {
	names, fresh := b.lately.known()
	if !fresh {
		rows, err := b.db.Query(ctx, `SELECT name FROM mail_domain`)
		list, err := store.Collect(rows, err, one[string])
		if err != nil {
			return false, err
		}
		names = b.lately.keep(list)
	}
	return names[strings.ToLower(domain)], nil
}

func one[T any](row store.Row) (value T, err error) { return value, row.Scan(&value) }
