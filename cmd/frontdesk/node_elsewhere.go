package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/mjl-/mox/dns"

	"frontdesk/guard"
	"frontdesk/mail/remote"
	"frontdesk/store"
)

// openElsewhere makes the mailboxes kept elsewhere.
func (n *node) openElsewhere(resolver dns.Resolver) error {
	egress, err := guard.NewEgress(n.config.Mail.Elsewhere.Allow)
	if err != nil {
		return fmt.Errorf("mail.elsewhere.allow: %w", err)
	}
	n.elsewhere = remote.New(remote.Config{
		Seal: n.seal, Egress: egress, OAuth: n.config.Mail.Elsewhere.providers(), Resolver: resolver,
		Hostname: n.config.Mail.Hostname,
		MaxSize:  n.config.Mail.MaxSize, Hold: n.holdsMailbox,
		Changed: func(context.Context, string) { n.hub.Changed("mailbox_elsewhere") },
	}, n.box, n.db, n.blobs, n.log)
	return nil
}

// holdsMailbox tells whether this node is the one to keep a mailbox elsewhere connected.
func (n *node) holdsMailbox(ctx context.Context, account string) (bool, error) {
	lease := "mailbox:" + account
	if n.members.Self().State != store.MemberUp {
		return false, n.members.Release(ctx, lease)
	}
	holder, err := n.members.Hold(ctx, lease)
	return holder == n.config.Node, err
}

func (c ElsewhereConfig) providers() map[string]remote.OAuth {
	list := map[string]remote.OAuth{}
	for name, o := range c.OAuth {
		p := remote.OAuth{}.Standard(name)
		p.ClientID, p.ClientSecret = o.ClientID, o.ClientSecret
		p.AuthURL, p.TokenURL = cmp.Or(o.AuthURL, p.AuthURL), cmp.Or(o.TokenURL, p.TokenURL)
		if len(o.Scopes) > 0 {
			p.Scopes = o.Scopes
		}
		if len(o.Domains) > 0 {
			p.Domains = o.Domains
		}
		p.Servers.IMAP, p.Servers.SMTP = cmp.Or(o.IMAP, p.Servers.IMAP), cmp.Or(o.SMTP, p.Servers.SMTP)
		p.Servers.IMAPTLS = cmp.Or(remote.TLS(o.IMAPTLS), p.Servers.IMAPTLS, remote.Immediate)
		p.Servers.SMTPTLS = cmp.Or(remote.TLS(o.SMTPTLS), p.Servers.SMTPTLS, remote.Immediate)
		list[name] = p
	}
	return list
}
