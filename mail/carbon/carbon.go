// Package carbon files what users send from any mail program: each has an address of his own, and what he sends there
// as a blind copy stands in his Sent and on the timelines of the clients that it is for.
package carbon

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// ErrForeign: nobody proves that the user wrote it.
var ErrForeign = errors.New("only your own mail is filed: from an address of yours, proven by SPF, DKIM or DMARC")

// Config of a Book.
type Config struct {
	// Emails are addresses of a user besides those of his mailboxes; may be nil.
	Emails func(ctx context.Context, user string) ([]string, error)
}

// Book has the addresses. It is safe for concurrent use by any number of nodes on one database.
type Book struct {
	config Config
	db     *store.DB
	box    *mail.Box
}

// New opens it over a migrated database.
func New(c Config, db *store.DB, box *mail.Box) *Book {
	if c.Emails == nil {
		c.Emails = func(context.Context, string) ([]string, error) { return nil, nil }
	}
	return &Book{c, db, box}
}

// Place is a user's address, and from which ones he may send there.
type Place struct {
	Address string   `json:"address" doc:"Empty until one is made"`
	From    []string `json:"from" doc:"One's own addresses: what comes from others is refused"`
}

const local = "crm+"

// Place of a user. mail.ErrNoMailbox when he has none here: then his mail could stand nowhere.
func (b *Book) Place(ctx context.Context, user string) (p Place, err error) {
	own, err := b.box.Own(ctx, user)
	if err != nil {
		return p, err
	}
	if p.From, err = b.addresses(ctx, user); err != nil {
		return p, err
	}
	var token string
	err = store.Found(b.db.QueryRow(ctx, `SELECT token FROM mail_carbon WHERE user_id = $1`, user).Scan(&token))
	if errors.Is(err, store.ErrNotFound) {
		return p, nil
	}
	p.Address = local + token + own.Address[strings.LastIndexByte(own.Address, '@'):]
	return p, err
}

// Renew gives a user a new address; the one before is gone.
func (b *Book) Renew(ctx context.Context, user string) (Place, error) {
	if _, err := b.box.Own(ctx, user); err != nil {
		return Place{}, err
	}
	token := strings.ToLower(rand.Text()[:16])
	if _, err := b.db.Exec(ctx, `INSERT INTO mail_carbon (user_id, token, at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET token = excluded.token, at = excluded.at`, user, token,
		store.Micros(time.Now())); err != nil {
		return Place{}, err
	}
	return b.Place(ctx, user)
}

// Drop takes a user's address away.
func (b *Book) Drop(ctx context.Context, user string) error {
	_, err := b.db.Exec(ctx, `DELETE FROM mail_carbon WHERE user_id = $1`, user)
	return err
}

// Owner is the user whose address this is; "" where it is none.
func (b *Book) Owner(ctx context.Context, address string) (user string, err error) {
	rest, ok := strings.CutPrefix(strings.ToLower(address), local)
	token, domain, whole := strings.Cut(rest, "@")
	if !ok || !whole || token == "" {
		return "", nil
	}
	ours, err := b.box.OursLately(ctx, domain)
	if err != nil || !ours {
		return "", err
	}
	err = store.Found(b.db.QueryRow(ctx, `SELECT user_id FROM mail_carbon WHERE token = $1`, token).Scan(&user))
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return user, err
}

// addresses are a user's own.
func (b *Book) addresses(ctx context.Context, user string) ([]string, error) {
	list, err := b.box.AddressesOf(ctx, user)
	if err != nil {
		return nil, err
	}
	more, err := b.config.Emails(ctx, user)
	for _, address := range more {
		if address = strings.ToLower(address); address != "" {
			list = append(list, address)
		}
	}
	return list, err
}

// wrote tells whether a mail is proven to be by a user: each author is one of his addresses.
func (b *Book) wrote(ctx context.Context, user string, parsed *mime.Message, v mail.Verdict) (bool, error) {
	authors, err := parsed.Authors()
	if err != nil || len(authors) == 0 || !v.Verified {
		return false, nil // what can't be read proves nothing
	}
	own, err := b.addresses(ctx, user)
	if err != nil {
		return false, err
	}
	for _, author := range authors {
		known := false
		for _, address := range own {
			known = known || strings.EqualFold(author.Address, address)
		}
		if !known {
			_, err := b.box.MaySend(ctx, user, author.Address) // another name of a mailbox of his
			if errors.Is(err, mail.ErrNotOurs) || errors.Is(err, mail.ErrInvalid) {
				return false, nil
			} else if err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// File keeps a copy, as the filter judged it, in its author's Sent, and has the CRM told: once, should it come again.
// ErrForeign, mail.ErrQuota.
func (b *Book) File(ctx context.Context, user string, d mail.Delivery) error {
	ok, err := b.wrote(ctx, user, d.Parsed, d.Verdict)
	if err != nil {
		return err
	}
	if !ok {
		return ErrForeign
	}
	own, err := b.box.Own(ctx, user)
	if err != nil {
		return err
	}
	there, err := b.there(ctx, own.ID, d.Parsed.MessageID)
	if err != nil || there {
		b.box.Unclaimed(d.Blob)
		return err
	}
	_, err = b.box.Append(ctx, mail.Addition{Mailbox: own.ID, Folder: "Sent", Blob: d.Blob, Size: d.Size,
		Parsed: d.Parsed, Flags: mail.Flags{Seen: true}, Verdict: d.Verdict, Outgoing: true, Intake: true})
	return err
}

// there tells whether a mailbox has sent a mail already.
func (b *Book) there(ctx context.Context, mailbox, id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	var n int
	err := b.db.QueryRow(ctx, `SELECT count(*) FROM mail_message WHERE mailbox = $1 AND message_id = $2 AND outgoing AND NOT draft`,
		mailbox, id).Scan(&n)
	return n > 0, err
}
