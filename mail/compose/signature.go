package compose

import (
	"context"
	"fmt"

	"frontdesk/mail"
	"frontdesk/store"
)

// Signature is what stands below what is written from a mailbox.
type Signature struct {
	Mailbox string `json:"mailbox"` // id
	Own     string `json:"own"`     // the user's, HTML
	Common  string `json:"common"`  // of all who write as the mailbox and have none of their own
}

// Signatures are those of the user's mailboxes.
func (k *Kit) Signatures(ctx context.Context, user string) ([]Signature, error) {
	rows, err := k.db.Query(ctx, `SELECT u.mailbox, COALESCE(own.html, ''), COALESCE(common.html, '') FROM mailbox_user u
		LEFT JOIN mail_signature own ON own.mailbox = u.mailbox AND own.user_id = u.user_id
		LEFT JOIN mail_signature common ON common.mailbox = u.mailbox AND common.user_id = ''
		WHERE u.user_id = $1 ORDER BY u.mailbox`, user)
	return store.Collect(rows, err, func(row store.Row) (s Signature, err error) {
		return s, row.Scan(&s.Mailbox, &s.Own, &s.Common)
	})
}

// SaveSignature sets the signature of one of the user's mailboxes: his own, or the common one. Without words there is
// none. mail.ErrNoMailbox when the mailbox isn't his, mail.ErrInvalid when it is too long.
func (k *Kit) SaveSignature(ctx context.Context, user, mailbox, html string, common bool) error {
	own, err := k.reads(ctx, user, mailbox)
	if err == nil && !own {
		err = mail.ErrNoMailbox
	}
	if err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	if html, err = k.safe(html); err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	if common {
		user = ""
	}
	if html == "" {
		_, err = k.db.Exec(ctx, `DELETE FROM mail_signature WHERE mailbox = $1 AND user_id = $2`, mailbox, user)
		return err
	}
	_, err = k.db.Exec(ctx, `INSERT INTO mail_signature (mailbox, user_id, html) VALUES ($1, $2, $3)
		ON CONFLICT (mailbox, user_id) DO UPDATE SET html = excluded.html`, mailbox, user, html)
	return err
}
