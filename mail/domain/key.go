package domain

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"frontdesk/guard"
	"frontdesk/store"
)

// Algorithms of DKIM keys.
const (
	RSA     = "rsa"
	Ed25519 = "ed25519"
)

func algorithms() []string { return []string{RSA, Ed25519} }

// States of a key.
const (
	Next  = "next"  // signs as soon as DNS shows it
	Signs = "signs" //
	Old   = "old"   // signed what receivers may still look at; its record stays published for Linger
)

// Linger is how long the record of a key that signs no more is needed: mail is checked when it arrives, days later at
// the longest.
const Linger = 7 * 24 * time.Hour

// Key is a DKIM key of a domain (RFC 6376).
type Key struct {
	ID        string    `json:"id"`
	Selector  string    `json:"selector"`
	Algorithm string    `json:"algorithm" enum:"rsa,ed25519"`
	Record    string    `json:"record" doc:"The TXT record to publish at selector._domainkey.domain"`
	State     string    `json:"state" enum:"next,signs,old" doc:"next: it signs once DNS shows it; old: its record is needed for a week more"`
	Since     time.Time `json:"since" doc:"It is in that state"`
}

// fresh is a key with what is kept of it besides.
type fresh struct {
	Key
	Domain string
	Secret string // sealed
}

// MakeRSA makes an RSA key of 2048 bits (RFC 8301).
type MakeRSA func() (*rsa.PrivateKey, error)

// NewRSA is the one that nobody else has.
func NewRSA() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// newKey makes a key that is to be published next.
func newKey(seal *guard.Seal, makeRSA MakeRSA, domain, selector, algorithm string) (fresh, error) {
	var private crypto.Signer
	var err error
	if algorithm == RSA {
		private, err = makeRSA()
	} else {
		_, private, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return fresh{}, err
	}
	return closed(seal, domain, selector, private)
}

// closed seals a private key.
func closed(seal *guard.Seal, domain, selector string, private crypto.Signer) (fresh, error) {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fresh{}, err
	}
	k := fresh{Domain: domain, Key: Key{ID: store.NewID(), Selector: selector, State: Next, Since: time.Now()}}
	if k.Algorithm, k.Record, err = recordOf(private.Public()); err != nil {
		return fresh{}, err
	}
	k.Secret = seal.Close(purpose(domain, selector), der)
	return k, nil
}

func purpose(domain, selector string) string { return "dkim " + selector + "._domainkey." + domain }

// recordOf is the TXT record of a key: of RSA its SubjectPublicKeyInfo (RFC 6376 section 3.6.1), of Ed25519 the bare
// key
// (RFC 8463 section 4).
func recordOf(public crypto.PublicKey) (algorithm, record string, err error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		der, err := x509.MarshalPKIXPublicKey(key)
		return RSA, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), err
	case ed25519.PublicKey:
		return Ed25519, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key), nil
	}
	return "", "", fmt.Errorf("no DKIM key is a %T", public)
}

// parse reads a private key in DER (PKCS #8).
func parse(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T can't sign", key)
	}
	return signer, nil
}

// parsePEM reads a key as versions before kept it.
func parsePEM(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("not PEM")
	}
	return parse(block.Bytes)
}

// selectorOf names a key by the month that it is made in; n tells those of one month apart.
func selectorOf(now time.Time, algorithm string, n int) string {
	name := "fd" + now.UTC().Format("200601") + algorithm[:1]
	if n > 1 {
		name += fmt.Sprint(n)
	}
	return name
}

func (k fresh) insert(ctx context.Context, q store.Queries) error {
	_, err := q.Exec(ctx, `INSERT INTO mail_dkim (id, domain, selector, algorithm, secret, record, state, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (domain, selector) DO NOTHING`, k.ID, k.Domain, k.Selector, k.Algorithm, k.Secret, k.Record, k.State, store.Micros(k.Since))
	return err
}

func keys(ctx context.Context, db *store.DB, where string, args ...any) ([]fresh, error) {
	rows, err := db.Query(ctx, `SELECT id, domain, selector, algorithm, secret, record, state, since FROM mail_dkim`+where, args...)
	return store.Collect(rows, err, func(row store.Row) (k fresh, err error) {
		var since int64
		err = row.Scan(&k.ID, &k.Domain, &k.Selector, &k.Algorithm, &k.Secret, &k.Record, &k.State, &since)
		k.Since = store.Time(since)
		return k, err
	})
}
