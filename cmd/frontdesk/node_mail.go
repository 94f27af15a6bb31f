package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"frontdesk/guard"
	"frontdesk/mail/filter"
	"frontdesk/mail/imapd"
	"frontdesk/mail/passwords"
	"frontdesk/mail/queue"
	"frontdesk/mail/resolver"
	"frontdesk/mail/smtpd"
	"frontdesk/mail/tally"
)

func (n *node) openMail(ctx context.Context) (err error) {
	c := n.config.Mail
	resolver := resolver.New(c.Resolver, n.log)
	n.tally = tally.NewCounter(n.db, n.log)
	n.openTelling(resolver)
	if n.filter, err = filter.New(ctx, filter.Config{
		Hostname: c.Hostname, Resolver: resolver, DNSBL: c.DNSBL, Ours: n.box.OursLately, Colleague: n.core.IsColleague,
		Counted: n.counted,
		Learned: func() { n.hint(learnedSubject, n.config.Node) },
	}, n.db, n.log, n.metrics); err != nil {
		return err
	}
	n.onClose(func() {
		if err := n.filter.Close(); err != nil {
			n.log.Error("the junk filter's model is not saved", "err", err)
		}
	})
	stop, err := n.bus.Subscribe(learnedSubject, func(string, []byte) { n.filter.Notify() })
	if err != nil {
		return err
	}
	n.onClose(stop)
	if err := n.openElsewhere(resolver); err != nil {
		return err
	}
	if err := n.openDomains(ctx); err != nil {
		return err
	}
	egress, err := guard.NewEgress(c.Elsewhere.Allow)
	if err != nil {
		return err
	}
	n.queue, err = queue.New(queue.Config{Elsewhere: n.elsewhere.Out, Connected: n.tally.Connection,
		Files:    n.files,
		Hostname: c.Hostname, Deliver: queue.Mode(c.Deliver), Resolver: resolver, MaxSize: c.MaxSize,
		Members: n.members, Hosts: n.hosts, Egress: &egress, Limits: n.limits, Dead: n.dead,
		SmartHost: queue.Host{Address: c.SmartHost, User: c.SmartUser, Password: c.SmartPass,
			TLS: queue.TLS(c.SmartTLS)},
	}, n.box, n.db, n.blobs, n.log, n.metrics)
	if err != nil {
		return err
	}
	return nil
}

// learnedSubject is where nodes hear that the junk filter of one has learned.
const learnedSubject = "junk.learned"

const (
	sweepEvery = time.Hour
	sweepAge   = 24 * time.Hour // how long the content of a deleted message stays
	tidyEvery  = 24 * time.Hour
	indexEvery = time.Minute
)

// sweepMail deletes the contents of deleted messages until ctx ends. Every node does: they share the work. One of them
// looks for orphans.
func (n *node) sweepMail(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	tidied := time.Now().Add(sweepEvery/2 - tidyEvery) // not at each start of a program that ends again and again
	for {
		if time.Since(tidied) > tidyEvery {
			tidied = time.Now()
			n.tidyBlobs(ctx)
			n.forgetTolls(ctx)
		}
		n.expireRecordings(ctx)
		n.expireQuarantine(ctx)
		deleted, err := n.box.Sweep(ctx, sweepAge, n.usesContent)
		if err != nil && ctx.Err() == nil {
			n.log.Error("sweep mails", "err", err)
		} else if deleted > 0 {
			n.log.Info("contents of deleted mails are gone", "blobs", deleted)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// expireQuarantine deletes what was stopped long ago, and forgets who was asked to come again.
func (n *node) expireQuarantine(ctx context.Context) {
	if err := errors.Join(n.greylist.Expire(ctx), n.reports.Expire(ctx)); err != nil && ctx.Err() == nil {
		n.log.Error("forget who was asked to bring mail again, and old reports", "err", err)
	}
	if gone, err := n.quarantine.Expire(ctx); err != nil && ctx.Err() == nil {
		n.log.Error("delete what was kept in quarantine", "err", err)
	} else if gone > 0 {
		n.log.Info("mails in quarantine are gone: nobody released them in time", "mails", gone)
	}
}

// indexMail brings what came into the index of searches until ctx ends. Every node does.
func (n *node) indexMail(ctx context.Context) {
	tick := time.NewTicker(indexEvery)
	defer tick.Stop()
	for {
		if err := n.box.Index(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("index mails", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// forgetTolls deletes calls outside that no limit counts any more.
func (n *node) forgetTolls(ctx context.Context) {
	if err := n.tolls.Forget(ctx); err != nil && ctx.Err() == nil {
		n.log.Error("forget what calls outside cost", "err", err)
	}
}

// usesContent tells whether something besides a mailbox needs a content.
func (n *node) usesContent(ctx context.Context, blob string) (bool, error) {
	for _, uses := range []func(context.Context, string) (bool, error){n.queue.Uses, n.prompts.Uses, n.voicemail.Uses,
		n.recordings.Uses, n.quarantine.Uses} {
		if used, err := uses(ctx, blob); err != nil || used {
			return used, err
		}
	}
	return false, nil
}

// tidyBlobs looks through the whole store for what crashes left in it, unless another node does.
func (n *node) tidyBlobs(ctx context.Context) {
	holder, err := n.members.Hold(ctx, "mail.tidy")
	if err == nil && holder != n.members.Self().ID {
		return
	}
	var orphans, broken int
	if err == nil {
		orphans, err = n.box.FindOrphans(ctx, n.usesContent)
	}
	if err == nil {
		broken, err = n.blobs.Tidy(ctx, sweepAge)
	}
	if err != nil && ctx.Err() == nil {
		n.log.Error("tidy the store of contents", "err", err)
	} else if orphans+broken > 0 {
		n.log.Info("contents that a crash left behind go", "orphans", orphans, "broken", broken)
	}
}

// openMailDoors binds what people and servers of mail connect to.
func (n *node) openMailDoors(context.Context) error {
	c, proof := n.config.Mail, n.proof.Any()
	n.smtp = smtpd.New(smtpd.Config{Hostname: c.Hostname, TLS: proof,
		Limits: smtpd.Limits{MessageBytes: c.MaxSize}, Logins: n.logins, Refused: n.refused("SMTP"),
		Bounced: n.dead.Took, Scan: c.scan(), Quarantine: n.quarantine,
		Greylist: n.greylist, Carbon: n.carbon, Reports: n.reports,
		Seen: func(ctx context.Context, peer netip.Addr) { n.box.Seen(ctx, n.config.Node, peer) }},
		n.box, n.blobs, n.filter, n.queue, n.programs().At(passwords.Sending), n.log, n.metrics)
	n.onClose(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := n.smtp.Close(ctx); err != nil {
			n.log.Warn("SMTP sessions are cut short", "err", err)
		}
	})
	n.imap = imapd.New(imapd.Config{MaxMessage: c.MaxSize, Logins: n.logins, Refused: n.refused("IMAP")}, n.box,
		n.programs().At(passwords.Reading), proof, n.log, n.metrics)
	n.onClose(func() { n.imap.Close() })
	n.hub.AtEnd(func(user string) { n.imap.End(user); n.smtp.End(user) })
	for _, door := range []struct {
		name, addr string
		serve      func(net.Listener) error
	}{
		{"smtp", c.SMTP, n.smtp.ServeMX},
		{"submission", c.Submission, n.smtp.ServeSubmission},
		{"submissions", c.Submissions, n.smtp.ServeSubmissionTLS},
		{"imap", c.IMAP, n.imap.Serve},
		{"imaps", c.IMAPS, n.imap.ServeTLS},
	} {
		if door.addr == "" {
			continue
		}
		l, err := net.Listen("tcp", door.addr)
		if err != nil {
			return fmt.Errorf("%s: %w", door.name, err)
		}
		n.listeners.add(door.name, l.Addr().String(), func() error { return door.serve(l) })
	}
	return nil
}

// refused writes a wrong log-in at a mail door down. The doors open after all else.
func (n *node) refused(agent string) func(context.Context, netip.Addr, string) {
	return func(ctx context.Context, from netip.Addr, login string) { n.web.MailRefused(agent)(ctx, from, login) }
}

// languageOf is a user's; English where nobody knows.
func (n *node) languageOf(ctx context.Context, user string) string {
	u, err := n.core.User(ctx, user)
	if err != nil {
		return "en"
	}
	return u.Locale
}
