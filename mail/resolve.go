package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Resolve finds the mailboxes that receive mail for rcpt: its own, else those of its alias, then the same without the
// "+tag", then the domain's catch-all, and for postmaster and abuse an admin's. ErrNoMailbox when there is none,
// ErrRelay when the domain isn't ours.
func (b *Box) Resolve(ctx context.Context, rcpt string) ([]Mailbox, error) {
	address, domain, err := split(rcpt)
	if err != nil {
		return nil, err
	}
	ours, err := b.OursLately(ctx, domain)
	if err == nil && !ours {
		ours, err = b.Ours(ctx, domain) // it may be new
	}
	if err != nil {
		return nil, err // not ErrRelay, which would turn mail away for good
	}
	if !ours {
		return nil, fmt.Errorf("%s: %w", address, ErrRelay)
	}
	for _, candidate := range candidates(address, domain) {
		list, err := b.mailboxes(ctx, `WHERE address = $1 OR (m.id IN (SELECT mailbox FROM mail_alias WHERE address = $1)
			AND NOT EXISTS (SELECT 1 FROM mailbox x WHERE x.address = $1)) ORDER BY m.id`, candidate)
		if err != nil || len(list) > 0 {
			return list, err
		}
	}
	if role(address) {
		return b.Postmaster(ctx)
	}
	return nil, fmt.Errorf("%s: %w", address, ErrNoMailbox)
}

// role tells the addresses that every mail domain has (RFC 5321 section 4.5.1, RFC 2142 section 4).
func role(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	return local == "postmaster" || local == "abuse"
}

// Postmaster is where mail goes that is for whoever runs this server: the mailbox of the first admin who has one.
// ErrNoMailbox.
func (b *Box) Postmaster(ctx context.Context) ([]Mailbox, error) {
	admins, err := b.config.Admins(ctx)
	if err != nil {
		return nil, err
	}
	for _, user := range admins {
		if m, err := b.Own(ctx, user); !errors.Is(err, ErrNoMailbox) {
			return []Mailbox{m}, err
		}
	}
	return nil, fmt.Errorf("postmaster: %w", ErrNoMailbox)
}

func candidates(address, domain string) []string {
	list := []string{address}
	local := strings.TrimSuffix(address, "@"+domain)
	if base, _, tagged := strings.Cut(local, "+"); tagged && base != "" {
		list = append(list, base+"@"+domain)
	}
	return append(list, "@"+domain)
}

// MaySend tells whether a user may send as an address: one of the user's mailboxes or its aliases.
func (b *Box) MaySend(ctx context.Context, user, from string) (Mailbox, error) {
	address, _, err := split(from)
	if err != nil {
		return Mailbox{}, err
	}
	m, err := first(b.mailboxes(ctx, `JOIN mailbox_user u ON u.mailbox = m.id AND u.user_id = $1
		WHERE address = $2 OR m.id IN (SELECT mailbox FROM mail_alias WHERE address = $2) ORDER BY u.position, m.id LIMIT 1`, user, address))
	if errors.Is(err, ErrNoMailbox) {
		return Mailbox{}, fmt.Errorf("%s: %w", address, ErrNotOurs)
	}
	return m, err
}

// Own is a user's mailbox that is his alone, else the first that he owns: the address that stands for him.
// ErrNoMailbox.
func (b *Box) Own(ctx context.Context, user string) (Mailbox, error) {
	list, err := b.MailboxesOf(ctx, user)
	if alone := slices.IndexFunc(list, func(m Mailbox) bool { return len(m.Users) == 1 }); alone >= 0 {
		return list[alone], err
	}
	return first(list, err)
}

// Roles tells where mail for a domain's postmaster and abuse goes.
func (b *Box) Roles(ctx context.Context, domain string) ([]Role, error) {
	var roles []Role
	for _, local := range []string{"postmaster", "abuse"} {
		r := Role{Address: local + "@" + domain, Mailboxes: []string{}}
		list, err := b.Resolve(ctx, r.Address)
		if err != nil && !errors.Is(err, ErrNoMailbox) {
			return nil, err
		}
		for _, m := range list {
			r.Mailboxes = append(r.Mailboxes, m.Address)
		}
		roles = append(roles, r)
	}
	return roles, nil
}
