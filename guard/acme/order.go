package acme

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/acme"
)

// order gets a certificate for a name, proving it in one way after another.
func (k *Keeper) order(ctx context.Context, name string) (key crypto.Signer, chain [][]byte, err error) {
	client, err := k.client(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, k.withdraw(context.WithoutCancel(ctx), name)) }()
	err = errors.New("no way to prove a name: neither http nor https is open")
	for _, kind := range k.config.Kinds {
		var order *acme.Order
		if order, err = client.AuthorizeOrder(ctx, acme.DomainIDs(name)); err != nil {
			return nil, nil, err
		}
		if err = k.prove(ctx, client, order, name, kind); err == nil {
			return request(ctx, client, order, name)
		}
		k.log.Info("a name is not proven", "name", name, "by", kind, "err", err)
	}
	return nil, nil, err
}

// prove answers what an order asks for.
func (k *Keeper) prove(ctx context.Context, c *acme.Client, order *acme.Order, name, kind string) error {
	for _, url := range order.AuthzURLs {
		authorization, err := c.GetAuthorization(ctx, url)
		if err != nil {
			return err
		}
		if authorization.Status == acme.StatusValid {
			continue
		}
		i := slices.IndexFunc(authorization.Challenges, func(x *acme.Challenge) bool { return x.Type == kind })
		if i < 0 {
			return fmt.Errorf("the authority does not offer %s", kind)
		}
		challenge := authorization.Challenges[i]
		answer, err := c.HTTP01ChallengeResponse(challenge.Token)
		if err != nil {
			return err
		}
		if err := k.post(ctx, name, kind, challenge.Token, answer); err != nil {
			return err
		}
		if _, err := c.Accept(ctx, challenge); err != nil {
			return err
		}
		if _, err := c.WaitAuthorization(ctx, authorization.URI); err != nil {
			return err
		}
	}
	return nil
}

// request has what was proven signed for a new key.
func request(ctx context.Context, c *acme.Client, order *acme.Order, name string) (crypto.Signer, [][]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{name}}, key)
	if err != nil {
		return nil, nil, err
	}
	ready, err := c.WaitOrder(ctx, order.URI)
	if err != nil {
		return nil, nil, err
	}
	chain, _, err := c.CreateCertFromOrder(ctx, ready, csr, true)
	if err == nil && len(chain) == 0 {
		err = errors.New("the authority sent no certificate")
	}
	return key, chain, err
}
