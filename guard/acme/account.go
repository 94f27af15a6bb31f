package acme

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/acme"
)

// accountKey is the key of our account at the authority; it is made when there is none.
func (k *Keeper) accountKey(ctx context.Context) (crypto.Signer, error) {
	purpose := "acme account " + k.config.Directory
	made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	sealed, err := closed(k.seal, purpose, made)
	if err != nil {
		return nil, err
	}
	if _, err := k.db.Exec(ctx, `INSERT INTO certificate_account (directory, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		k.config.Directory, sealed); err != nil {
		return nil, err
	}
	if err := k.db.QueryRow(ctx, `SELECT secret FROM certificate_account WHERE directory = $1`,
		k.config.Directory).Scan(&sealed); err != nil {
		return nil, err
	}
	return opened(k.seal, purpose, sealed)
}

// client is one that has an account. The terms of the authority are accepted by naming it in the configuration.
func (k *Keeper) client(ctx context.Context) (*acme.Client, error) {
	key, err := k.accountKey(ctx)
	if err != nil {
		return nil, err
	}
	c := &acme.Client{Key: key, DirectoryURL: k.config.Directory, HTTPClient: k.config.HTTP, UserAgent: "Frontdesk"}
	account := &acme.Account{}
	if k.config.Contact != "" {
		account.Contact = []string{"mailto:" + k.config.Contact}
	}
	if k.config.KeyID != "" {
		account.ExternalAccountBinding = &acme.ExternalAccountBinding{KID: k.config.KeyID, Key: k.config.MAC}
	}
	if _, err := c.Register(ctx, account, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return nil, fmt.Errorf("account: %w", err)
	}
	return c, nil
}
