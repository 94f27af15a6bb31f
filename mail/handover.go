package mail

import (
	"context"

	"frontdesk/store"
)

// HandOver makes the heir read and send as the mailboxes of a user, in his place, what waits to be sent and the
// templates included: then he does no more.
func (b *Box) HandOver(ctx context.Context, tx *store.Tx, user, heir string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO mailbox_user (mailbox, user_id, position) SELECT mailbox, $2, position FROM mailbox_user WHERE user_id = $1
		ON CONFLICT DO NOTHING`, user, heir); err != nil {
		return err
	}
	for _, query := range []string{`UPDATE mail_scheduled SET user_id = $2 WHERE user_id = $1`, `UPDATE mail_reminder SET user_id = $2 WHERE user_id = $1`,
		`UPDATE mail_template SET owner = $2 WHERE owner = $1`, `DELETE FROM mail_signature WHERE user_id = $1 AND user_id <> $2`,
		`UPDATE mail_assigned SET user_id = $2 WHERE user_id = $1`, `DELETE FROM mail_look WHERE user_id = $1 AND user_id <> $2`,
		`DELETE FROM mail_notice WHERE user_id = $1 AND user_id <> $2`} {
		if _, err := tx.Exec(ctx, query, user, heir); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM mailbox_user WHERE user_id = $1`, user)
	return err
}
