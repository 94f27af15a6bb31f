package imapd

import (
	"context"
	"net/netip"
	"time"

	"frontdesk/guard"
)

// Config of the IMAP server. The zero value of a limit is its default.
type Config struct {
	MaxMessage int64         // bytes of an APPEND; default 50 MiB
	MaxConns   int           // connections; default 2000
	MaxPerIP   int           // connections of one address (IPv6: one /64); default 50
	MaxPerUser int           // logged-in connections of one user; default 30
	FailDelay  time.Duration // how long the answer to a wrong log-in takes; default 2 s

	Logins *guard.Logins // shared with the other doors that take the same passwords; nil: one of its own

	// Refused is told of a wrong log-in. May be nil.
	Refused func(ctx context.Context, from netip.Addr, login string)
}

func (c Config) withDefaults() Config {
	set := func(value *int, standard int) {
		if *value == 0 {
			*value = standard
		}
	}
	set(&c.MaxConns, 2000)
	set(&c.MaxPerIP, 50)
	set(&c.MaxPerUser, 30)
	if c.MaxMessage == 0 {
		c.MaxMessage = 50 << 20
	}
	if c.Logins == nil {
		c.Logins = guard.NewLogins(guard.LoginLimits{}, nil)
	}
	if c.Refused == nil {
		c.Refused = func(context.Context, netip.Addr, string) {}
	}
	if c.FailDelay == 0 {
		c.FailDelay = 2 * time.Second
	}
	return c
}

// Auth checks a log-in (a login name or a mailbox address) and returns the user's id. Any error but mail.ErrLogin is
// answered as trouble of ours.
type Auth func(ctx context.Context, login, password string) (userID string, err error)
