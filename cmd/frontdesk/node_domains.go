package main

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/mjl-/mox/dns"

	"frontdesk/cmd/frontdesk/programs"
	"frontdesk/crmcore/people"
	"frontdesk/guard"
	"frontdesk/mail/bounce"
	"frontdesk/mail/carbon"
	"frontdesk/mail/domain"
	"frontdesk/mail/greylist"
	"frontdesk/mail/limit"
	"frontdesk/mail/passwords"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/relay"
	"frontdesk/mail/reports"
	"frontdesk/mail/resolver"
)

// openDomains makes what looks at our mail domains as the world sees them, and takes over keys of a version before.
func (n *node) openDomains(ctx context.Context) error {
	c := n.config.Mail
	inside, err := guard.NewEgress(nil)
	if err != nil {
		return err
	}
	n.domains = domain.NewChecker(domain.Config{
		Place:    domain.Place{Host: c.Hostname, Sends: c.Deliver == "mx", Services: c.services()},
		Resolver: func() dns.Resolver { return resolver.New(c.Resolver, n.log) },
		HTTP: &http.Client{Timeout: 8 * time.Second,
			Transport:     &http.Transport{DialContext: inside.Dialer(false).DialContext},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Lists: c.Blocklists,
	}, n.box.Book, n.log)
	n.dead, n.quarantine = bounce.New(n.db), quarantine.New(n.db, n.box)
	n.reports = reports.New(n.db, n.box.Ours, n.log)
	n.greylist, n.carbon = greylist.New(n.db, n.client), carbon.New(carbon.Config{Emails: n.emails}, n.db, n.box)
	n.passwords, n.hosts, n.limits = passwords.New(n.db), relay.New(n.db, n.seal), limit.New(n.db)
	return n.box.Adopt(ctx)
}

// client tells whether an address is of somebody in the CRM.
func (n *node) client(ctx context.Context, address string) (bool, error) {
	names, err := n.core.Names(ctx, people.System(), []string{address})
	return len(names) > 0, err
}

// files tells whether an address is one that files copies.
func (n *node) files(ctx context.Context, address string) (bool, error) {
	owner, err := n.carbon.Owner(ctx, address)
	return owner != "", err
}

// emails are a user's addresses besides those of his mailboxes.
func (n *node) emails(ctx context.Context, user string) ([]string, error) {
	u, err := n.core.User(ctx, user)
	return []string{u.Email}, err
}

// programs are the log-ins of mail programs.
func (n *node) programs() programs.Logins {
	return programs.Logins{Core: n.core, Box: n.box, Passwords: n.passwords, Factors: n.factors}
}

// services are the ports that mail programs reach us at.
func (c MailConfig) services() map[string]uint16 {
	ports := map[string]uint16{}
	for name, addr := range map[string]string{"imap": c.IMAP, "imaps": c.IMAPS, "submission": c.Submission,
		"submissions": c.Submissions} {
		_, port, _ := net.SplitHostPort(addr) // checked when loaded
		if n, err := strconv.ParseUint(port, 10, 16); err == nil {
			ports[name] = uint16(n)
		}
	}
	return ports
}

// keysEvery is how often DNS is asked for new DKIM keys.
const keysEvery = 15 * time.Minute

// followDomains has new keys sign once DNS shows them, until ctx ends. One node does.
func (n *node) followDomains(ctx context.Context) {
	tick := time.NewTicker(keysEvery)
	defer tick.Stop()
	for {
		alone, err := n.alone(ctx, "mail.domains")
		if alone {
			err = n.domains.Follow(ctx)
		}
		if err != nil && ctx.Err() == nil {
			n.log.Error("look for DKIM keys in DNS", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
