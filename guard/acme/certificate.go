// Package acme orders this company's certificates from an authority that speaks ACME (RFC 8555), keeps them where all
// nodes find them, and has new ones shown without a restart.
package acme

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"time"

	"frontdesk/guard"
	"frontdesk/store"
)

// States of a certificate.
const (
	Valid   = "valid"
	Waiting = "waiting" // there is none yet
	Failing = "failing" // there is one, which could not be renewed so far
	Ended   = "ended"   //
)

// Certificate is what there is for a name of ours.
type Certificate struct {
	Name    string     `json:"name"`
	State   string     `json:"state" enum:"valid,waiting,failing,ended" doc:"failing: it is valid, but could not be renewed so far"`
	Ends    *time.Time `json:"ends,omitempty"`
	Trouble string     `json:"trouble,omitempty" doc:"What kept it from being ordered the last time: elsewhere (DNS leads the name to others), no_address, or the end of ACME's error type (RFC 8555 section 6.7), as connection, unauthorized, rateLimited"`
	Detail  string     `json:"detail,omitempty" doc:"The same in the authority's words"`
	Tried   *time.Time `json:"tried,omitempty"`
	Next    *time.Time `json:"next,omitempty" doc:"It is tried again"`
}

// Trouble is why a certificate can't be ordered.
type Trouble struct {
	Code   string // see Certificate.Trouble
	Detail string
}

func (t *Trouble) Error() string { return t.Code + ": " + t.Detail }

// Troubles that are seen here, before the authority is asked.
const (
	Elsewhere = "elsewhere"  // DNS leads the name to others
	NoAddress = "no_address" // DNS has no address for it
)

func elsewhere(code string) bool { return code == Elsewhere || code == NoAddress || code == "" }

// row is a certificate as it is kept.
type row struct {
	name, chain, secret string
	begins, ends        time.Time
	trouble, detail     string
	failures            int
	tried, next         time.Time
}

const columns = `name, chain, secret, begins, ends, trouble, detail, failures, tried_at, next_at`

func rowsOf(ctx context.Context, q store.Queries) ([]row, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM certificate ORDER BY name`)
	return store.Collect(rows, err, func(s store.Row) (r row, err error) {
		var begins, ends, tried, next int64
		err = s.Scan(&r.name, &r.chain, &r.secret, &begins, &ends, &r.trouble, &r.detail, &r.failures, &tried, &next)
		r.begins, r.ends, r.tried, r.next = store.Time(begins), store.Time(ends), store.Time(tried), store.Time(next)
		return r, err
	})
}

func (r row) save(ctx context.Context, q store.Queries) error {
	_, err := q.Exec(ctx, `INSERT INTO certificate (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (name) DO UPDATE SET chain = excluded.chain, secret = excluded.secret, begins = excluded.begins,
			ends = excluded.ends, trouble = excluded.trouble, detail = excluded.detail, failures = excluded.failures,
			tried_at = excluded.tried_at, next_at = excluded.next_at`,
		r.name, r.chain, r.secret, store.Micros(r.begins), store.Micros(r.ends), r.trouble, r.detail, r.failures,
		store.Micros(r.tried), store.Micros(r.next))
	return err
}

// shown is how the row looks to people.
func (r row) shown(now time.Time) Certificate {
	c := Certificate{Name: r.name, State: Waiting, Trouble: r.trouble, Detail: r.detail}
	if !r.tried.IsZero() && r.tried.Unix() > 0 {
		c.Tried = &r.tried
	}
	if r.trouble != "" {
		c.Next = &r.next
	}
	if r.chain == "" {
		return c
	}
	c.Ends = &r.ends
	switch {
	case now.After(r.ends):
		c.State = Ended
	case r.trouble != "":
		c.State = Failing
	default:
		c.State = Valid
	}
	return c
}

// renewAt is when a third of its time is left, as authorities advise.
func (r row) renewAt() time.Time { return r.begins.Add(r.ends.Sub(r.begins) * 2 / 3) }

// take puts a certificate that came in place of what there was.
func (r *row) take(seal *guard.Seal, key crypto.Signer, chain [][]byte) error {
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return err
	}
	if err := leaf.VerifyHostname(r.name); err != nil {
		return err
	}
	if r.secret, err = closed(seal, keyPurpose(r.name), key); err != nil {
		return err
	}
	var text []byte
	for _, der := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	r.chain, r.begins, r.ends = string(text), leaf.NotBefore, leaf.NotAfter
	return nil
}

// pair is what TLS shows.
func (r row) pair(seal *guard.Seal) (*tls.Certificate, error) {
	key, err := opened(seal, keyPurpose(r.name), r.secret)
	if err != nil {
		return nil, err
	}
	cert := tls.Certificate{PrivateKey: key}
	for rest := []byte(r.chain); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert.Certificate = append(cert.Certificate, block.Bytes)
	}
	if len(cert.Certificate) == 0 {
		return nil, errors.New("no certificate in PEM")
	}
	cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0])
	return &cert, err
}

func keyPurpose(name string) string { return "certificate " + name }

// closed seals a private key.
func closed(seal *guard.Seal, purpose string, key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return seal.Close(purpose, der), nil
}

func opened(seal *guard.Seal, purpose, sealed string) (crypto.Signer, error) {
	der, err := seal.Open(purpose, sealed)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("this key can't sign")
	}
	return signer, nil
}
