package mail

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"frontdesk/store"
)

// CreateDomain makes a domain ours, with a new 2048-bit RSA key for DKIM (RFC 8301). ErrExists when it is ours already.
func (b *Box) CreateDomain(ctx context.Context, name string) (Domain, error) {
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.TrimSpace(name), "."))
	if err != nil || !strings.Contains(ascii, ".") {
		return Domain{}, fmt.Errorf("domain %q: %w", name, ErrInvalid)
	}
	d := Domain{Name: ascii, Selector: "fd" + time.Now().UTC().Format("200601"), Roles: []Role{}}
	if d.Key, err = newKey(); err != nil {
		return Domain{}, err
	}
	_, err = b.db.Exec(ctx, `INSERT INTO mail_domain (name, selector, dkim_key, created_at) VALUES ($1, $2, $3, $4)`,
		d.Name, d.Selector, d.Key, store.Micros(time.Now()))
	if store.IsUnique(err) {
		return Domain{}, fmt.Errorf("domain %s: %w", d.Name, ErrExists)
	}
	if err != nil {
		return Domain{}, fmt.Errorf("domain %s: %w", d.Name, err)
	}
	d.Record, err = dkimRecord(d.Key)
	return d, err
}

func newKey() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// dkimRecord is the TXT record (RFC 6376 section 3.6.1) of a private key in PEM.
func dkimRecord(key string) (string, error) {
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return "", errors.New("the DKIM key is not PEM")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("the DKIM key: %w", err)
	}
	signer, ok := private.(*rsa.PrivateKey)
	if !ok {
		return "", errors.New("the DKIM key is not RSA")
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return "", err
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
}

// Domains lists the company's domains by name.
func (b *Box) Domains(ctx context.Context) ([]Domain, error) {
	return b.domains(ctx, ``)
}

// Domain is one of ours (lower case, ASCII form), or ErrNotFound.
func (b *Box) Domain(ctx context.Context, name string) (Domain, error) {
	list, err := b.domains(ctx, ` WHERE name = $1`, strings.ToLower(name))
	if err != nil {
		return Domain{}, err
	}
	if len(list) == 0 {
		return Domain{}, fmt.Errorf("domain %s: %w", name, ErrNotFound)
	}
	return list[0], nil
}

func (b *Box) domains(ctx context.Context, where string, args ...any) ([]Domain, error) {
	rows, err := b.db.Query(ctx, `SELECT name, selector, dkim_key FROM mail_domain`+where+` ORDER BY name`, args...)
	return store.Collect(rows, err, func(row store.Row) (d Domain, err error) {
		if err = row.Scan(&d.Name, &d.Selector, &d.Key); err == nil {
			d.Record, err = dkimRecord(d.Key)
		}
		return d, err
	})
}

// Ours tells whether mail for the domain is ours to take.
func (b *Box) Ours(ctx context.Context, domain string) (bool, error) {
	var n int
	err := b.db.QueryRow(ctx, `SELECT count(*) FROM mail_domain WHERE name = $1`, strings.ToLower(domain)).Scan(&n)
	return n > 0, err
}

// DeleteDomain removes a domain without mailboxes; with some it is ErrExists.
func (b *Box) DeleteDomain(ctx context.Context, name string) error {
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
func (b *Box) OursLately(ctx context.Context, domain string) (bool, error) {
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
