package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// make writes an account and the mailbox that mirrors it.
func (s *Accounts) make(ctx context.Context, user string, a Account, name, secret string) (Account, error) {
	address, domain, err := mime.SplitAddress(a.Address)
	if err != nil {
		return a, fmt.Errorf("address %q: %w", a.Address, mail.ErrInvalid)
	}
	if ours, err := s.box.Ours(ctx, domain); err != nil || ours {
		return a, errors.Join(err, fmt.Errorf("%s: %w", address, ErrOurs))
	}
	a.ID = store.NewID()
	box := mail.Mailbox{Address: address, Name: name, Users: []string{user}, Remote: true}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := mail.CreateMailboxTx(ctx, tx, &box); err != nil {
			return err
		}
		now := store.Micros(time.Now())
		_, err := tx.Exec(ctx, `INSERT INTO mail_remote (id, mailbox, provider, login, secret, imap, imap_tls, smtp, smtp_tls, keeps_sent, days, active, version,
			state, told, since, todo, done, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, '', $14, 0, 0, $14)`,
			a.ID, box.ID, a.Provider, a.Login, s.close(a.ID, []byte(secret)), a.IMAP, a.IMAPTLS, a.SMTP, a.SMTPTLS,
			a.keepsSent, a.Days, true, Fresh, now)
		return err
	})
	if store.IsUnique(err) {
		return a, fmt.Errorf("%s is connected already: %w", address, mail.ErrExists)
	}
	if err != nil {
		return a, err
	}
	s.config.Changed(ctx, a.ID)
	return s.one(ctx, user, a.ID)
}

func (s *Accounts) close(account string, secret []byte) string {
	return s.config.Seal.Close("mailbox "+account, secret)
}
