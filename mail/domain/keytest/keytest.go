// Package keytest has RSA keys for tests: to find primes for new ones takes longer than most tests of mail.
package keytest

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"sync/atomic"
)

// everybody knows these: they sign for nobody
//
//go:embed keys.pem
var known []byte

// RSA makes keys of 2048 bits for a mail.Config. The first ones differ.
func RSA() func() (*rsa.PrivateKey, error) {
	var made atomic.Int64
	return func() (*rsa.PrivateKey, error) {
		block, rest := pem.Decode(known)
		for n := made.Add(1); n > 1; n-- {
			if block, rest = pem.Decode(rest); block == nil {
				block, rest = pem.Decode(known)
			}
		}
		if block == nil {
			return nil, errors.New("keys.pem has no key")
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		if private, ok := key.(*rsa.PrivateKey); ok {
			return private, nil
		}
		return nil, fmt.Errorf("keys.pem has a %T", key)
	}
}
