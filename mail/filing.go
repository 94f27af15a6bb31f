package mail

import (
	"context"

	"frontdesk/store"
)

// file notes whether a mailbox's mail is shown whole on the timelines of clients, or only to who reads the mailbox.
func file(ctx context.Context, tx *store.Tx, mailbox string, shared bool) error {
	query := `DELETE FROM mail_filing WHERE address IN (SELECT address FROM mailbox WHERE id = $1)`
	if shared {
		query = `INSERT INTO mail_filing (address) SELECT address FROM mailbox WHERE id = $1 ON CONFLICT DO NOTHING`
	}
	_, err := tx.Exec(ctx, query, mailbox)
	return err
}

// OpenTo are those of the mailboxes, by address, whose mail the user may read whole on the timelines of clients: his
// own, and the shared ones. For the user "" it is the latter alone.
func (b *Box) OpenTo(ctx context.Context, user string, addresses []string) ([]string, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	list, args := in([]any{user}, padded(addresses))
	rows, err := b.db.Query(ctx, `SELECT address FROM mail_filing WHERE address IN `+list+`
		UNION SELECT m.address FROM mailbox m JOIN mailbox_user u ON u.mailbox = m.id WHERE u.user_id = $1 AND m.address IN `+list, args...)
	return store.Collect(rows, err, one[string])
}

// AddressesOf are the addresses of the mailboxes that a user reads.
func (b *Box) AddressesOf(ctx context.Context, user string) ([]string, error) {
	rows, err := b.db.Query(ctx, `SELECT m.address FROM mailbox m JOIN mailbox_user u ON u.mailbox = m.id WHERE u.user_id = $1`, user)
	return store.Collect(rows, err, one[string])
}
