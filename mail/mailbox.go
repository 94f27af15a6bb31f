package mail

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
	"frontdesk/store"
)

// CreateMailbox makes a mailbox with its folders. The address is lower-cased; its domain must be ours (ErrRelay).
func (b *Box) CreateMailbox(ctx context.Context, m Mailbox) (Mailbox, error) {
	address, domain, err := split(m.Address)
	if err != nil {
		return Mailbox{}, err
	}
	if ours, err := b.Ours(ctx, domain); err != nil || !ours {
		return Mailbox{}, errors.Join(err, fmt.Errorf("%s: %w", address, ErrRelay))
	}
	m.Address = address
	err = b.db.Tx(ctx, func(tx *store.Tx) error { return CreateMailboxTx(ctx, tx, &m) })
	if store.IsUnique(err) {
		return Mailbox{}, fmt.Errorf("%s: %w", address, ErrExists)
	}
	return m, err
}

// CreateMailboxTx makes a mailbox of whatever domain, which gets its ID.
func CreateMailboxTx(ctx context.Context, tx *store.Tx, m *Mailbox) error {
	m.ID, m.Used = store.NewID(), 0
	now := time.Now()
	if _, err := tx.Exec(ctx, `INSERT INTO mailbox (id, address, name, quota, used, validity, created_at, remote) VALUES ($1, $2, $3, $4, 0, $5, $6, $7)`,
		m.ID, m.Address, coding.Clean(m.Name, 200), m.Quota, now.Unix(), store.Micros(now), m.Remote); err != nil {
		return err
	}
	if err := setUsers(ctx, tx, m.ID, m.Users); err != nil {
		return err
	}
	if err := file(ctx, tx, m.ID, m.Shared); err != nil {
		return err
	}
	return createStandardFolders(ctx, tx, m.ID)
}

// split is mime.SplitAddress, with ErrInvalid.
func split(address string) (lower, domain string, err error) {
	if lower, domain, err = mime.SplitAddress(address); err != nil {
		return "", "", fmt.Errorf("address %q: %w", address, ErrInvalid)
	}
	return lower, domain, nil
}

func setUsers(ctx context.Context, tx *store.Tx, mailbox string, users []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM mailbox_user WHERE mailbox = $1`, mailbox); err != nil {
		return err
	}
	for i, user := range users {
		if _, err := tx.Exec(ctx, `INSERT INTO mailbox_user (mailbox, user_id, position) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, mailbox, user, i); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM mail_assigned WHERE mailbox = $1 AND user_id NOT IN (SELECT user_id FROM mailbox_user WHERE mailbox = $1)`,
		mailbox)
	return err
}

// UpdateMailbox changes name, users, quota and whether it is shared; the address stays.
func (b *Box) UpdateMailbox(ctx context.Context, m Mailbox) error {
	return b.db.Tx(ctx, func(tx *store.Tx) error {
		result, err := tx.Exec(ctx, `UPDATE mailbox SET name = $1, quota = $2 WHERE id = $3`, coding.Clean(m.Name, 200),
			m.Quota, m.ID)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNoMailbox)
		}
		if err := file(ctx, tx, m.ID, m.Shared); err != nil {
			return err
		}
		return setUsers(ctx, tx, m.ID, m.Users)
	})
}

// DeleteMailbox removes a mailbox with all its mail.
func (b *Box) DeleteMailbox(ctx context.Context, id string) error {
	err := b.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lock(ctx, tx, id); err != nil {
			return err
		}
		if err := dropBlobs(ctx, tx, `mailbox = $2`, []any{store.Micros(time.Now()), id}); err != nil {
			return err
		}
		for _, query := range []string{`DELETE FROM mail_message WHERE mailbox = $1`,
			`DELETE FROM mailbox WHERE id = $1`} {
			if _, err := tx.Exec(ctx, query, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		b.Changed(id)
	}
	return err
}

// Mailboxes lists all by address.
func (b *Box) Mailboxes(ctx context.Context) ([]Mailbox, error) {
	return b.mailboxes(ctx, `ORDER BY address`)
}

// MailboxesOf lists those a user reads and sends as: own ones first, then by address; those kept elsewhere come last.
func (b *Box) MailboxesOf(ctx context.Context, user string) ([]Mailbox, error) {
	return b.mailboxes(ctx, `JOIN mailbox_user u ON u.mailbox = m.id AND u.user_id = $1 ORDER BY m.remote, u.position, address`,
		user)
}

// Mailbox is one by id, or ErrNoMailbox.
func (b *Box) Mailbox(ctx context.Context, id string) (Mailbox, error) {
	return first(b.mailboxes(ctx, `WHERE m.id = $1`, id))
}

// MailboxByAddress is one by its own address (no alias), or ErrNoMailbox.
func (b *Box) MailboxByAddress(ctx context.Context, address string) (Mailbox, error) {
	return first(b.mailboxes(ctx, `WHERE address = $1`, strings.ToLower(address)))
}

func first(list []Mailbox, err error) (Mailbox, error) { return firstOf(list, err, ErrNoMailbox) }

func (b *Box) mailboxes(ctx context.Context, rest string, args ...any) ([]Mailbox, error) {
	rows, err := b.db.Query(ctx, `SELECT m.id, m.address, m.name, m.quota, m.used, m.remote, EXISTS (SELECT 1 FROM mail_filing f WHERE f.address = m.address),
		(SELECT string_agg(user_id, ' ' ORDER BY position) FROM mailbox_user o WHERE o.mailbox = m.id) FROM mailbox m `+rest, args...)
	return store.Collect(rows, err, func(row store.Row) (m Mailbox, err error) {
		var users sql.NullString
		err = row.Scan(&m.ID, &m.Address, &m.Name, &m.Quota, &m.Used, &m.Remote, &m.Shared, &users)
		m.Users = strings.Fields(users.String)
		return m, err
	})
}
