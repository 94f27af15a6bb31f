package certificate

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"frontdesk/guard/acme"
)

// Proof is what connections are shown: certificates that were ordered, and while there are none, or none are to be,
// what Load found.
type Proof struct {
	files   *keyPair
	ordered *acme.Keeper
}

// Load reads the certificate, or makes a self-signed one that lasts ten years. One that is renewed on disk is taken
// without a restart.
func Load(c Config, log *slog.Logger) (*Proof, error) {
	certFile, keyFile := c.Cert, c.Key
	if certFile == "" {
		certFile, keyFile = filepath.Join(c.Data, "self-signed.crt"), filepath.Join(c.Data, "self-signed.key")
		if _, err := os.Stat(certFile); errors.Is(err, fs.ErrNotExist) {
			if err := selfSign(certFile, keyFile, c.Hostname); err != nil {
				return nil, fmt.Errorf("self-signed certificate: %w", err)
			}
		}
	}
	pair := &keyPair{cert: certFile, key: keyFile, log: log}
	if err := pair.load(); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &Proof{files: pair}, nil
}

// Order has ordered certificates shown.
func (p *Proof) Order(k *acme.Keeper) { p.ordered = k }

// Any is for servers of mail, whose peers may ask for any name (RFC 7672 section 8.1): who asks for one that is not
// ours is shown the first of ours.
func (p *Proof) Any() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: p.any}
}

func (p *Proof) any(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if cert, err := p.named(h); err == nil {
		return cert, nil
	}
	if p.ordered != nil {
		if cert, _ := p.ordered.Find(""); cert != nil {
			return cert, nil
		}
	}
	return p.files.now(h)
}

// Named refuses who asks for a name that is not ours.
func (p *Proof) Named() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: p.named}
}

// Web is Named for https, where authorities ask whether a name is ours.
func (p *Proof) Web() *tls.Config {
	c := p.Named()
	if p.ordered == nil {
		return c
	}
	c.NextProtos = []string{"h2", "http/1.1", acme.Protocol}
	c.GetCertificate = func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if acme.Asks(h) {
			return p.ordered.Prove(h)
		}
		return p.named(h)
	}
	return c
}

// named is the certificate of the name asked for.
func (p *Proof) named(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if p.ordered == nil {
		return p.files.now(h)
	}
	name := h.ServerName
	if net.ParseIP(name) != nil {
		name = ""
	}
	cert, ours := p.ordered.Find(name)
	if cert != nil {
		return cert, nil
	}
	fallback, err := p.files.now(h)
	if err != nil || ours || name == "" || fallback.Leaf.VerifyHostname(name) == nil {
		return fallback, err
	}
	return nil, fmt.Errorf("no certificate for %q", name)
}
