// Package compose is what people write mails with: signatures, and templates with places for what the CRM knows.
package compose

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// Limits of what people keep.
const (
	maxHTML      = 100_000 // bytes of a signature or template
	maxName      = 200     // bytes
	maxTemplates = 500     // of one user
)

// Kit is everybody's. It is safe for concurrent use by any number of nodes on one database.
type Kit struct {
	db        *store.DB
	sanitiser *mime.Sanitiser
}

// New makes a kit over a migrated database.
func New(db *store.DB) *Kit { return &Kit{db: db, sanitiser: mime.NewSanitiser()} }

// safe is HTML that a person wrote, as it may be shown and sent. mail.ErrInvalid where it is too long.
func (k *Kit) safe(html string) (string, error) {
	html, _ = k.sanitiser.Sanitise(html, mime.Options{Remote: true})
	if len(html) > maxHTML {
		return "", mail.ErrInvalid
	}
	if mime.HTMLToText(html) == "" && !strings.Contains(html, "<img") {
		html = ""
	}
	return html, nil
}

func named(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return "", mail.ErrInvalid
	}
	return name, nil
}

// reads tells whether a mailbox is one of the user's.
func (k *Kit) reads(ctx context.Context, user, mailbox string) (own bool, err error) {
	err = k.db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mailbox_user WHERE mailbox = $1 AND user_id = $2)`, mailbox,
		user).Scan(&own)
	return own, err
}

// changed is what came of a change of one row: missing where there was none.
func changed(result sql.Result, err, missing error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return missing
}
