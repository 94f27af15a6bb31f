package main

import (
	"context"

	"github.com/mjl-/mox/dns"

	"frontdesk/mail/mime"
	"frontdesk/mail/queue"
	"frontdesk/mail/reports"
	"frontdesk/mail/tally"
	"frontdesk/store"
)

// counted counts a mail that came for its author's domain. Reports are not reported of: two servers could tell each
// other about them for ever.
func (n *node) counted(parsed *mime.Message, m tally.Mail) {
	if !reports.Looks(parsed) {
		n.tally.Mail(m)
	}
}

// openTelling makes what tells other domains what was counted.
func (n *node) openTelling(resolver dns.Resolver) {
	domains := n.certified().Domains
	n.telling = tally.NewReporter(tally.Config{Resolver: resolver,
		Domains: func(ctx context.Context) ([]string, error) {
			names, err := domains(ctx)
			return tally.First(n.config.Mail.Hostname, names), err
		},
		Send: func(ctx context.Context, to []string, raw []byte,
			first func(context.Context, *store.Tx) error) error {
			_, err := n.queue.SubmitOnce(ctx, queue.Envelope{To: to}, raw, first)
			return err
		}}, n.db, n.log)
}

// tells tells whether this node is the one that tells other domains; none is where no mail goes out.
func (n *node) tells(ctx context.Context) (bool, error) {
	if n.config.Mail.Deliver == string(queue.None) {
		return false, nil
	}
	return n.alone(ctx, "mail.reports")
}
