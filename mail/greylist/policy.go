// Package greylist asks servers that nobody knows to bring their mail again in a while (RFC 6647): what sends junk
// seldom does. Who came again once is believed from then on, on all nodes.
package greylist

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Mode says who is asked to come again.
type Mode string

// The modes.
const (
	Off        Mode = "off"
	Suspicious Mode = "suspicious" // mail whose author nothing proves, and what the filter takes for junk
	Everybody  Mode = "all"
)

// Policy is the company's.
type Policy struct {
	Mode    Mode     `json:"mode" enum:"off,suspicious,all" doc:"suspicious: mail whose author nothing proves, and what the filter takes for junk"`
	Minutes int      `json:"minutes" minimum:"1" maximum:"60" doc:"Who comes again must have waited so long"`
	Days    int      `json:"days" minimum:"1" maximum:"365" doc:"Who came again is believed for so long after his last mail"`
	Trusted []string `json:"trusted" maxItems:"500" doc:"Domains that SPF proves, and networks, that are never asked"`
}

// Standard holds until an administrator says otherwise.
func Standard() Policy {
	return Policy{Mode: Off, Minutes: 5, Days: 35, Trusted: []string{"gmail.com", "googlemail.com", "google.com",
		"outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "mail.ru", "yandex.ru", "amazonses.com"}}
}

// check makes the trusted of one form, or says which of them is none.
func (p *Policy) check() error {
	for i, t := range p.Trusted {
		t = strings.ToLower(strings.TrimSpace(t))
		_, badNetwork := netip.ParsePrefix(t)
		_, badAddress := netip.ParseAddr(t)
		if badNetwork != nil && badAddress != nil && (!strings.Contains(t, ".") || strings.ContainsAny(t, "/@: ") ||
			len(t) > 253) {
			return fmt.Errorf("%q is neither a domain such as example.com nor a network such as 192.0.2.0/24: %w", t,
				mail.ErrInvalid)
		}
		p.Trusted[i] = t
	}
	return nil
}

// trusts tells whether a server, or a domain that SPF proves, is never asked to come again.
func (p *Policy) trusts(ip netip.Addr, domain string) bool {
	for _, t := range p.Trusted {
		if n, err := netip.ParsePrefix(t); err == nil && n.Contains(ip) {
			return true
		}
		if a, err := netip.ParseAddr(t); err == nil && a == ip {
			return true
		}
		if domain == t || strings.HasSuffix(domain, "."+t) {
			return true
		}
	}
	return false
}

const (
	setting = "mail.greylist"
	kept    = 5 * time.Second // how long a node believes the policy
)

// List is who came. It is safe for concurrent use by any number of nodes on one database.
type List struct {
	db    *store.DB
	known func(ctx context.Context, address string) (bool, error)

	mu     sync.Mutex
	policy Policy
	until  time.Time
}

// New opens it over a migrated database; known tells the addresses of clients.
func New(db *store.DB, known func(ctx context.Context, address string) (bool, error)) *List {
	return &List{db: db, known: known}
}

// Policy is the one that holds.
func (l *List) Policy(ctx context.Context) (Policy, error) {
	p := Standard()
	return p, query.ReadSetting(ctx, l.db, setting, &p)
}

// SetPolicy changes it, on other nodes within seconds.
func (l *List) SetPolicy(ctx context.Context, p Policy) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := query.SaveSetting(ctx, l.db, setting, p); err != nil {
		return err
	}
	l.keep(p)
	return nil
}

// lately is the policy as it was at most that long ago: each mail asks for it.
func (l *List) lately(ctx context.Context) (Policy, error) {
	l.mu.Lock()
	p, fresh := l.policy, time.Now().Before(l.until)
	l.mu.Unlock()
	if fresh {
		return p, nil
	}
	p, err := l.Policy(ctx)
	if err == nil {
		l.keep(p)
	}
	return p, err
}

func (l *List) keep(p Policy) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.policy, l.until = p, time.Now().Add(kept)
}
