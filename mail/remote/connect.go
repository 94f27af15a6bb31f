package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/mjl-/mox/smtpclient"

	"frontdesk/guard"
)

// dialTime bounds a connection with its TLS, loginTime the log-in on it.
const (
	dialTime  = 20 * time.Second
	loginTime = 30 * time.Second
)

// secretOf is what an account logs in with: its password, or a token that is valid now.
func (s *Accounts) secretOf(ctx context.Context, a Account) (string, error) {
	if a.Provider != "" {
		return s.token(ctx, a)
	}
	text, err := s.open(a)
	return string(text), err
}

// connect logs in to an account's IMAP server. The connection ends with ctx. heard is called when the server says on
// its own that something changed.
func (s *Accounts) connect(ctx context.Context, a Account, secret string, heard func()) (*imapclient.Client, error) {
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, host, err := s.dial(dialing, a.IMAP, a.IMAPTLS)
	if err != nil {
		return nil, err
	}
	options := &imapclient.Options{TLSConfig: s.tls(host), UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Expunge: func(uint32) { heard() },
		Mailbox: func(*imapclient.UnilateralDataMailbox) { heard() },
		Fetch: func(m *imapclient.FetchMessageData) {
			m.Collect() // or nothing more is read; what it says is asked for again
			heard()
		},
	}}
	conn.SetDeadline(time.Now().Add(loginTime)) // go-imap sets its own from then on
	var c *imapclient.Client
	if a.IMAPTLS == StartTLS {
		if c, err = imapclient.NewStartTLS(conn, options); err != nil {
			conn.Close()
			return nil, err
		}
	} else {
		c = imapclient.New(conn, options)
	}
	context.AfterFunc(ctx, func() { c.Close() })
	if err := within(ctx, c, loginTime, func() error { return login(c, a, secret) }); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// within ends a connection on which something takes too long.
func within(ctx context.Context, c *imapclient.Client, most time.Duration, do func() error) error {
	watched, cancel := context.WithTimeout(ctx, most)
	defer context.AfterFunc(watched, func() {
		if errors.Is(watched.Err(), context.DeadlineExceeded) {
			c.Close()
		}
	})()
	defer cancel()
	return do()
}

func (s *Accounts) tls(host string) *tls.Config {
	return &tls.Config{ServerName: host, RootCAs: s.config.Roots, MinVersion: tls.VersionTLS12}
}

// dial connects to where Config.Egress lets us, with TLS where it begins at the first byte.
func (s *Accounts) dial(ctx context.Context, at string, mode TLS) (net.Conn, string, error) {
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, "", err
	}
	dialer := s.config.Egress.Dialer(mode == Plain)
	if mode == Immediate {
		conn, err := (&tls.Dialer{NetDialer: dialer, Config: s.tls(host)}).DialContext(ctx, "tcp", at)
		return conn, host, err
	}
	conn, err := dialer.DialContext(ctx, "tcp", at)
	return conn, host, err
}

func login(c *imapclient.Client, a Account, secret string) error {
	if err := c.WaitGreeting(); err != nil {
		return err
	}
	var err error
	switch {
	case a.Provider != "":
		err = c.Authenticate(&xoauth2{a.Login, secret})
	case c.Caps().Has(imap.AuthCap("PLAIN")):
		err = c.Authenticate(sasl.NewPlainClient("", a.Login, secret))
	default:
		err = c.Login(a.Login, secret).Wait()
	}
	var said *imap.Error
	if errors.As(err, &said) && said.Type == imap.StatusResponseTypeNo && said.Code != imap.ResponseCodeUnavailable {
		refused := ErrLogin
		if a.Provider != "" {
			refused = ErrConsent
		}
		return fmt.Errorf("%w: %s", refused, said.Text)
	}
	return err
}

// xoauth2 is Google's and Microsoft's log-in with a token.
type xoauth2 struct{ login, token string }

func (x *xoauth2) initial() []byte {
	return []byte("user=" + x.login + "\x01auth=Bearer " + x.token + "\x01\x01")
}

// Start begins the log-in on IMAP.
func (x *xoauth2) Start() (mech string, first []byte, err error) { return "XOAUTH2", x.initial(), nil }

// Next answers the challenge that tells of an error, so that the server ends the log-in. An empty answer would be
// written as "=", which servers take for broken base64.
func (x *xoauth2) Next([]byte) ([]byte, error) { return []byte{1}, nil }

// stateOf is what an error of a connection makes of an account.
func stateOf(err error) (State, string) {
	var forbidden *guard.Forbidden
	switch {
	case errors.Is(err, ErrConsent):
		return Consent, strings.TrimPrefix(err.Error(), ErrConsent.Error()+": ")
	case errors.Is(err, ErrLogin):
		return Login, strings.TrimPrefix(err.Error(), ErrLogin.Error()+": ")
	case errors.Is(err, guard.ErrKey):
		return Key, err.Error()
	case errors.As(err, &forbidden):
		return Away, forbidden.Error()
	}
	return Away, err.Error()
}

// Unreached tells whether an error is one of the way to a server, or of what it said, and none of ours.
func Unreached(err error) bool {
	var network net.Error
	var lookup *net.DNSError
	var imapSaid *imap.Error
	var smtpSaid smtpclient.Error
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &network) || errors.As(err, &lookup) || errors.As(err, &imapSaid) ||
		errors.As(err, &smtpSaid) ||
		errors.As(err, &certificate) || errors.As(err, &record) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
