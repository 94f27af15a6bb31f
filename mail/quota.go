package mail

import (
	"context"
	"database/sql"
	"errors"

	"frontdesk/store"
)

// lock takes the mailbox's row for the rest of the transaction: the first statement of whatever changes its content.
func lock(ctx context.Context, tx *store.Tx, mailbox string) error {
	return reserve(ctx, tx, mailbox, 0)
}

// reserve locks the mailbox and counts size more bytes (or fewer) as used. Growing past the quota is ErrQuota.
func reserve(ctx context.Context, tx *store.Tx, mailbox string, size int64) error {
	var used, quota int64
	err := tx.QueryRow(ctx, `UPDATE mailbox SET used = used + $1 WHERE id = $2 RETURNING used, quota`, size,
		mailbox).Scan(&used, &quota)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNoMailbox
	case err != nil:
		return err
	case size > 0 && quota > 0 && used > quota:
		return ErrQuota
	}
	return nil
}

// HasRoom is ErrQuota when size more bytes don't fit into the mailbox now: for SMTP to refuse a recipient early.
func (m Mailbox) HasRoom(size int64) error {
	if m.Quota > 0 && m.Used+size > m.Quota {
		return ErrQuota
	}
	return nil
}
