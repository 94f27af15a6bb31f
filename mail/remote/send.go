package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/sasl"
	"github.com/mjl-/mox/smtpclient"
)

// Out is a connection to an account's own SMTP server, logged in.
func (s *Accounts) Out(ctx context.Context, mailbox string) (client *smtpclient.Client, conn net.Conn, host string,
	err error) {
	a, err := s.byMailbox(ctx, mailbox)
	if err != nil {
		return nil, nil, "", err
	}
	if !a.Active {
		return nil, nil, a.SMTP, errors.New("the mailbox is switched off")
	}
	secret, err := s.secretOf(ctx, a)
	if err != nil {
		return nil, nil, a.SMTP, err
	}
	client, conn, err = s.out(ctx, a, secret)
	return client, conn, a.SMTP, err
}

func (s *Accounts) out(ctx context.Context, a Account, secret string) (*smtpclient.Client, net.Conn, error) {
	host, _, err := net.SplitHostPort(a.SMTP)
	if err != nil {
		return nil, nil, err
	}
	remote := dns.Domain{ASCII: host} // an address is as good: it is what the certificate must be for
	if net.ParseIP(host) == nil {
		if remote, err = dns.ParseDomain(host); err != nil {
			return nil, nil, err
		}
	}
	ours, err := dns.ParseDomain(s.config.Hostname)
	if err != nil {
		return nil, nil, err
	}
	conn, err := s.config.Egress.Dialer(a.SMTPTLS == Plain).DialContext(ctx, "tcp", a.SMTP)
	if err != nil {
		return nil, nil, err
	}
	mode := map[TLS]smtpclient.TLSMode{Immediate: smtpclient.TLSImmediate, StartTLS: smtpclient.TLSRequiredStartTLS,
		Plain: smtpclient.TLSSkip}[a.SMTPTLS]
	client, err := smtpclient.New(ctx, s.log, conn, mode, mode != smtpclient.TLSSkip, ours, remote, smtpclient.Opts{
		RootCAs: s.config.Roots, Auth: a.speaks(secret)})
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return client, conn, nil
}

// speaks picks the log-in.
func (a Account) speaks(secret string) func([]string, *tls.ConnectionState) (sasl.Client, error) {
	return func(mechanisms []string, _ *tls.ConnectionState) (sasl.Client, error) {
		switch {
		case a.Provider != "":
			return &smtpToken{xoauth2: xoauth2{a.Login, secret}}, nil
		case slices.Contains(mechanisms, "PLAIN"):
			return sasl.NewClientPlain(a.Login, secret), nil
		case slices.Contains(mechanisms, "LOGIN"):
			return sasl.NewClientLogin(a.Login, secret), nil
		}
		return nil, nil
	}
}

// smtpToken is xoauth2 on SMTP.
type smtpToken struct {
	xoauth2
	began bool
}

func (x *smtpToken) Info() (name string, cleartext bool) { return "XOAUTH2", true }

// Next gives the token, then answers the challenge that tells of an error.
func (x *smtpToken) Next([]byte) (answer []byte, last bool, err error) {
	if x.began {
		return []byte{}, true, nil
	}
	x.began = true
	return x.initial(), false, nil
}

// tryOut logs in to an account's SMTP server. ErrLogin.
func (s *Accounts) tryOut(ctx context.Context, a Account, secret string) error {
	client, _, err := s.out(ctx, a, secret)
	if err == nil {
		return client.Close()
	}
	var told smtpclient.Error
	if errors.As(err, &told) && (told.Code == 535 || told.Code == 534 || told.Code == 530) {
		return fmt.Errorf("%s: %w: %s", a.SMTP, ErrLogin, told.Line)
	}
	return fmt.Errorf("%s: %w", a.SMTP, err)
}
