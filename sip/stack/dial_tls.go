package stack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"
)

// ErrNoTLS is a request over TLS where none is spoken.
var ErrNoTLS = errors.New("TLS is switched off in the configuration of this node: set sip.tls")

// connect has a connection to where req goes, where that is over TLS; sipgo makes all others.
func (s *Stack) connect(ctx context.Context, req *proto.Request) error {
	if req.Transport() != "TLS" {
		return nil
	}
	if s.TLS == nil {
		return ErrNoTLS
	}
	to, err := netip.ParseAddrPort(req.Destination())
	if err != nil {
		return fmt.Errorf("TLS to %q: no address", req.Destination())
	}
	names, alone := s.peers.at(to)
	alone.Lock()
	defer alone.Unlock()
	if conn, err := s.Net.GetConnection("TLS", to.String()); err == nil {
		conn.TryClose() // gives back the reference
		return nil
	}
	conn, err := s.dialTLS(ctx, to, names)
	if err != nil {
		return err
	}
	if !s.TLS.hand(conn) {
		return net.ErrClosed
	}
	return nil
}

func (s *Stack) dialTLS(ctx context.Context, to netip.AddrPort, names []string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, shakeFor)
	defer cancel()
	plain, err := (&net.Dialer{KeepAlive: time.Minute}).DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, &tls.Config{ServerName: names[0], MinVersion: tls.VersionTLS12,
		GetClientCertificate: s.ownCertificate,
		InsecureSkipVerify:   true, // VerifyConnection does it, for any of the names
		VerifyConnection: func(c tls.ConnectionState) error {
			return proves(c.PeerCertificates, names, s.cfg.Authorities)
		}})
	if err := conn.HandshakeContext(ctx); err != nil {
		plain.Close()
		return nil, told(err, names[0])
	}
	return conn, nil
}

// ownCertificate is what we show to a peer that asks for one.
func (s *Stack) ownCertificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if get := s.cfg.Certificate.GetCertificate; get != nil {
		return get(&tls.ClientHelloInfo{})
	}
	if len(s.cfg.Certificate.Certificates) == 0 {
		return &tls.Certificate{}, nil
	}
	return &s.cfg.Certificate.Certificates[0], nil
}

// proves checks a chain of certificates: somebody we trust says that it is of one of names, or of its SIP domain (RFC
// 5922 §7.2).
func proves(chain []*x509.Certificate, names []string, roots *x509.CertPool) (err error) {
	if len(chain) == 0 {
		return errors.New("no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	for _, name := range names {
		options := x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: name}
		if slices.ContainsFunc(chain[0].URIs,
			func(u *url.URL) bool { return strings.EqualFold(u.String(), "sip:"+name) }) {
			options.DNSName = ""
		}
		if _, err = chain[0].Verify(options); err == nil {
			return nil
		}
	}
	return err
}

// told says what is wrong with a peer's TLS, and what to do.
func told(err error, name string) error {
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("the certificate of %s is signed by nobody that is trusted here: put its authority into "+
			"sip.authorities: %w", name, err)
	case errors.As(err, &other):
		return fmt.Errorf("the certificate there is not that of %s: enter the host as the certificate names it: %w",
			name, err)
	case errors.As(err, &invalid):
		return fmt.Errorf("the certificate of %s is not valid: %w", name, err)
	case errors.As(err, &noTLS):
		return fmt.Errorf("%s does not speak TLS at that port: %w", name, err)
	default:
		return fmt.Errorf("TLS with %s: %w", name, err)
	}
}
