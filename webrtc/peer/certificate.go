package peer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"sync"
	"time"

	pion "github.com/pion/webrtc/v4"
)

// certificates gives the DTLS certificate of new peer connections: one for all, renewed long before it expires.
type certificates struct {
	mu      sync.Mutex
	current *pion.Certificate
	made    time.Time
}

// renewal is how old a certificate gets; pion's live for a month.
const renewal = 24 * time.Hour

func (c *certificates) get() ([]pion.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil || time.Since(c.made) > renewal {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		if c.current, err = pion.GenerateCertificate(key); err != nil {
			return nil, err
		}
		c.made = time.Now()
	}
	return []pion.Certificate{*c.current}, nil
}
