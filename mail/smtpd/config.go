package smtpd

import (
	"context"
	"crypto/tls"
	"io"
	"net/netip"
	"time"

	"frontdesk/guard"
	"frontdesk/mail/carbon"
	"frontdesk/mail/greylist"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/reports"
)

// Config of the server. Zero values stand for the defaults named.
type Config struct {
	Hostname string      // greets, and signs Received
	TLS      *tls.Config // nil: no STARTTLS, and so no log-in
	Limits   Limits
	Timeout  time.Duration // for a command or a piece of a message to arrive; 5 min (RFC 5321 section 4.5.3.2)
	Transfer time.Duration // for a whole message to arrive; 30 min
	Tarpit   time.Duration // before answers to those who guess addresses or passwords; 2 s

	// Bounced reads the notices of other servers about mail that a mailbox sent; it may be missing.
	Bounced func(ctx context.Context, mailboxes []string, notice []byte) error
	// Scan tells which virus a mail has, "" for none; an error, and the mail is to come again. nil: there is no
	// scanner.
	Scan func(ctx context.Context, message io.Reader) (virus string, err error)
	// Quarantine says what becomes of mail with a virus, forged mail and certain junk; nil: all goes to Junk.
	Quarantine *quarantine.Keeper
	// Carbon files copies of what users send elsewhere; nil: it takes none.
	Carbon *carbon.Book
	// Greylist asks strangers to come again; nil: nobody.
	Greylist *greylist.List
	// Reports keeps what other servers report of our domains; nil: it is mail as any other.
	Reports *reports.Book
	// Seen hears of each server that brought a mail that was taken; it may be missing.
	Seen func(ctx context.Context, peer netip.Addr)

	Logins *guard.Logins // shared with the other doors that take the same passwords; nil: one of its own

	// Refused is told of a wrong log-in. May be nil.
	Refused func(ctx context.Context, from netip.Addr, login string)
}

func (c Config) withDefaults() Config {
	if c.Logins == nil {
		c.Logins = guard.NewLogins(guard.LoginLimits{}, nil)
	}
	if c.Refused == nil {
		c.Refused = func(context.Context, netip.Addr, string) {}
	}
	if c.Seen == nil {
		c.Seen = func(context.Context, netip.Addr) {}
	}
	standard(&c.Timeout, 5*time.Minute)
	standard(&c.Transfer, 30*time.Minute)
	standard(&c.Tarpit, 2*time.Second)
	standard(&c.Limits.MessageBytes, 35<<20)
	standard(&c.Limits.Recipients, 100)
	standard(&c.Limits.Connections, 1000)
	standard(&c.Limits.PerIP, 30)
	standard(&c.Limits.MailPerMinute, 600)
	standard(&c.Limits.UserPerMinute, 120)
	return c
}

func standard[T int | int64 | time.Duration](value *T, normal T) {
	if *value == 0 {
		*value = normal
	}
}
