package queue

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/smtpclient"
	"github.com/mjl-/mox/tlsrpt"

	"frontdesk/guard"
	"frontdesk/mail/bounce"
	"frontdesk/mail/limit"
	"frontdesk/mail/relay"
	"frontdesk/store"
)

// Mode is where mail for domains that aren't ours goes.
type Mode string

const (
	None      Mode = "none"      // nowhere: it comes back to the sender at once, saying so
	SmartHost Mode = "smarthost" // to one server that sends it on
	MX        Mode = "mx"        // to the recipient domain's servers
)

// Host is a smart host, TLS how it is spoken to.
type (
	Host = relay.Host
	TLS  = relay.TLS
)

// See package relay.
const (
	Opportunistic = relay.Opportunistic
	StartTLS      = relay.StartTLS
	Immediate     = relay.Immediate
)

// Elsewhere connects to the server that sends a mailbox's mail, logged in; host is what it is called.
type Elsewhere func(ctx context.Context, mailbox string) (c *smtpclient.Client, conn net.Conn, host string, err error)

// Config of the queue. Zero values stand for the defaults named.
type Config struct {
	Hostname  string // ours, in EHLO and notices
	Deliver   Mode   // None
	SmartHost Host
	Hosts     *relay.Hosts          // smart hosts that administrators add, asked before; nil: there are none
	Egress    *guard.Egress         // where those may be; needed with Hosts
	Dead      *bounce.List          // addresses that don't exist; nil: none is known
	Limits    *limit.Limits         // on what a user sends; nil: none
	Resolver  dns.Resolver          // see package resolver; needed for MX
	Roots     *x509.CertPool        // nil: the system's
	Port      int                   // of other domains' servers; 25
	FirstWait time.Duration         // before the second attempt; 5 min. It grows to 48 times that
	Warn      time.Duration         // until the sender is told of the delay; 4 h
	GiveUp    time.Duration         // until it is returned; 4 days
	Attempt   time.Duration         // for one attempt; 10 min
	PerDomain int                   // messages to one domain at a time; 4
	Workers   int                   // messages at a time; 16
	MaxSize   int64                 // bytes of a draft once built; 50 MiB
	Members   *store.Members        // this node's place; needed
	Connected func(r tlsrpt.Result) // is told how a connection was encrypted, by policy (RFC 8460); may be nil
	// Files tells whether an address only files what is sent there, as what is sent from here is anyway. May be nil.
	Files     func(ctx context.Context, address string) (bool, error)
	Elsewhere Elsewhere // the way out for mailboxes kept elsewhere; nil: there are none
}

func (c Config) withDefaults() Config {
	standard(&c.Deliver, None)
	standard(&c.Port, 25)
	standard(&c.FirstWait, 5*time.Minute)
	standard(&c.Warn, 4*time.Hour)
	standard(&c.GiveUp, 4*24*time.Hour)
	standard(&c.Attempt, 10*time.Minute)
	standard(&c.PerDomain, 4)
	standard(&c.Workers, 16)
	standard(&c.MaxSize, 50<<20)
	return c
}

func standard[T comparable](value *T, normal T) {
	var zero T
	if *value == zero {
		*value = normal
	}
}

func (c Config) check() error {
	switch {
	case c.Deliver == MX && c.Resolver == nil:
		return errors.New("mail queue: deliver mx needs a resolver")
	case c.Deliver == SmartHost && !strings.Contains(c.SmartHost.Address, ":"):
		return fmt.Errorf("mail queue: deliver smarthost needs its address as host:port, not %q", c.SmartHost.Address)
	case c.SmartHost.User != "" && c.SmartHost.TLS == Opportunistic:
		return errors.New("mail queue: a smart host with a log-in needs tls: starttls or tls: tls, or the password " +
			"could be read on the way")
	case c.Deliver != None && c.Deliver != SmartHost && c.Deliver != MX:
		return fmt.Errorf("mail queue: deliver is none, smarthost or mx, not %q", c.Deliver)
	}
	return nil
}
