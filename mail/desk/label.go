package desk

import (
	"context"
	"slices"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/imap"
	"frontdesk/store"
	"frontdesk/store/query"
)

// keywords are those of labels.
func keywords(labels []string) (list []string) {
	for _, label := range labels {
		if k := imap.Keyword(label); k != "" {
			list = append(list, k)
		}
	}
	return list
}

// Labels are those that messages of a mailbox have, by name. mail.ErrNoMailbox when it is not the user's.
func (d *Desk) Labels(ctx context.Context, user, mailbox string) (labels []string, err error) {
	own, err := d.reads(ctx, user, mailbox)
	if err == nil && !own {
		err = mail.ErrNoMailbox
	}
	if err != nil {
		return nil, err
	}
	q := query.New(`SELECT DISTINCT keywords FROM mail_message WHERE mailbox = ? AND keywords <> ''`, mailbox)
	sets, err := query.All(ctx, d.db, func(row store.Row) (s string, err error) { return s, row.Scan(&s) }, q)
	seen := map[string]bool{}
	for _, set := range sets {
		for _, keyword := range strings.Fields(set) {
			if label, shown := imap.Label(keyword); shown && !seen[strings.ToLower(label)] {
				seen[strings.ToLower(label)] = true
				labels = append(labels, label)
			}
		}
	}
	slices.SortFunc(labels, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return labels, err
}
