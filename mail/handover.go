package mail

import (
	"context"

	"frontdesk/store"
)

// HandOver makes the heir read and send as the mailboxes of a user, in his place: then he does no more.
func (b *Box) HandOver(ctx context.Context, tx *store.Tx, user, heir string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO mailbox_user (mailbox, user_id, position) SELECT mailbox, $2, position FROM mailbox_user WHERE user_id = $1
		ON CONFLICT DO NOTHING`, user, heir); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM mailbox_user WHERE user_id = $1`, user)
	return err
}
