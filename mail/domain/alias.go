package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/mail/mime"
	"frontdesk/store"
)

// ErrRelay says that a domain is not ours.
var ErrRelay = errors.New("not a domain of ours")

// Alias is an address of ours without a mailbox of its own: several mailboxes make it a group, and "@domain" catches
// whatever has no mailbox or alias.
type Alias struct {
	Address   string   `json:"address" maxLength:"320" doc:"@domain catches whatever has no address of its own"`
	Mailboxes []string `json:"mailboxes" minItems:"1" maxItems:"200" doc:"Ids of those that get its mail"`
}

// Aliases lists all by address.
func (b *Book) Aliases(ctx context.Context) ([]Alias, error) {
	rows, err := b.db.Query(ctx, `SELECT address, mailbox FROM mail_alias ORDER BY address, mailbox`)
	pairs, err := store.Collect(rows, err, func(row store.Row) (p [2]string, err error) {
		return p, row.Scan(&p[0], &p[1])
	})
	var list []Alias
	for _, p := range pairs {
		if n := len(list); n == 0 || list[n-1].Address != p[0] {
			list = append(list, Alias{Address: p[0]})
		}
		last := &list[len(list)-1]
		last.Mailboxes = append(last.Mailboxes, p[1])
	}
	return list, err
}

// SetAlias has an address of ours lead to mailboxes, instead of those before. ErrInvalid, ErrRelay, ErrExists when it
// is
// a mailbox's own, store.ErrNotFound when one of the mailboxes does not exist or mirrors one kept elsewhere.
func (b *Book) SetAlias(ctx context.Context, a Alias) (Alias, error) {
	address, domain, err := aliasOf(a.Address)
	if err != nil {
		return a, err
	}
	if len(a.Mailboxes) == 0 {
		return a, fmt.Errorf("%s leads nowhere: %w", address, ErrInvalid)
	}
	if ours, err := b.Ours(ctx, domain); err != nil || !ours {
		return a, errors.Join(err, fmt.Errorf("%s: %w", address, ErrRelay))
	}
	a.Address = address
	slices.Sort(a.Mailboxes)
	a.Mailboxes = slices.Compact(a.Mailboxes)
	return a, b.db.Tx(ctx, func(tx *store.Tx) error { return a.set(ctx, tx) })
}

func (a Alias) set(ctx context.Context, tx *store.Tx) error {
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM mailbox WHERE address = $1`, a.Address).Scan(&n); err != nil || n > 0 {
		return errors.Join(err, fmt.Errorf("%s has a mailbox of its own: %w", a.Address, ErrExists))
	}
	if _, err := tx.Exec(ctx, `DELETE FROM mail_alias WHERE address = $1`, a.Address); err != nil {
		return err
	}
	for _, mailbox := range a.Mailboxes {
		result, err := tx.Exec(ctx, `INSERT INTO mail_alias (address, mailbox) SELECT $1, id FROM mailbox WHERE id = $2 AND NOT remote`, a.Address, mailbox)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("mailbox %s: %w", mailbox, store.ErrNotFound))
		}
	}
	return nil
}

func aliasOf(text string) (address, domain string, err error) {
	address = strings.ToLower(strings.TrimSpace(text))
	if domain, ok := strings.CutPrefix(address, "@"); ok {
		return address, domain, nil
	}
	if address, domain, err = mime.SplitAddress(address); err != nil {
		return "", "", fmt.Errorf("address %q: %w", text, ErrInvalid)
	}
	return address, domain, nil
}

// RemoveAlias has an address lead nowhere.
func (b *Book) RemoveAlias(ctx context.Context, address string) error {
	_, err := b.db.Exec(ctx, `DELETE FROM mail_alias WHERE address = $1`, strings.ToLower(address))
	return err
}
