package domain

import (
	"context"
	"crypto"
	"strings"
)

// Signer is a key that signs for a domain.
type Signer struct {
	Selector string
	Key      crypto.Signer
}

// Signers are the keys that a domain's mail is signed with: none when it isn't ours. One that can't be opened, as the
// secret that seals them was lost, is left out: mail without a signature is better than none.
func (b *Book) Signers(ctx context.Context, domain string) ([]Signer, error) {
	all, err := keys(ctx, b.db, ` WHERE domain = $1 AND state = 'signs' ORDER BY algorithm DESC, selector`, strings.ToLower(domain))
	if err != nil {
		return nil, err
	}
	var list []Signer
	for _, k := range all {
		der, err := b.seal.Open(purpose(k.Domain, k.Selector), k.Secret)
		var key crypto.Signer
		if err == nil {
			key, err = parse(der)
		}
		if err != nil {
			b.log.Error("a DKIM key can't be used: make new ones", "domain", domain, "selector", k.Selector, "err", err)
			continue
		}
		list = append(list, Signer{Selector: k.Selector, Key: key})
	}
	return list, nil
}
