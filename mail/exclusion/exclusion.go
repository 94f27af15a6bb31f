// Package exclusion knows whose mail the CRM never hears of: private mail, newsletters, the company's own suppliers.
package exclusion

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"frontdesk/mail/domain"
	"frontdesk/store"
	"frontdesk/store/query"
)

// All is the pattern of all mail of a mailbox.
const All = "*"

// maxPatterns of the company, and of each mailbox.
const maxPatterns = 2000

// ErrFull: there are too many.
var ErrFull = fmt.Errorf("there are %d already: exclude whole domains in place of single addresses: %w", maxPatterns,
	domain.ErrInvalid)

// Exclusion is one.
type Exclusion struct {
	ID      string    `json:"id"`
	Mailbox string    `json:"mailbox" doc:"Id; empty: of the whole company"`
	Pattern string    `json:"pattern" doc:"An address, @ and a domain with all below it, or * for all mail of the mailbox"`
	User    string    `json:"user" doc:"Id of who made it"`
	At      time.Time `json:"at"`
}

// List is all there are. It is safe for concurrent use by any number of nodes on one database.
type List struct{ db *store.DB }

// New opens it over a migrated database.
func New(db *store.DB) *List { return &List{db} }

// Of lists those of a mailbox, or of the company (""), by what they are for.
func (l *List) Of(ctx context.Context, mailbox string) ([]Exclusion, error) {
	return query.All(ctx, l.db, scan, query.New(columns+`WHERE mailbox = ? ORDER BY pattern`, mailbox))
}

const columns = `SELECT id, mailbox, pattern, by_user, at FROM mail_exclusion `

func scan(row store.Row) (e Exclusion, err error) {
	var at int64
	err = row.Scan(&e.ID, &e.Mailbox, &e.Pattern, &e.User, &at)
	e.At = store.Time(at)
	return e, err
}

// Get is one. store.ErrNotFound.
func (l *List) Get(ctx context.Context, id string) (Exclusion, error) {
	e, err := scan(l.db.QueryRow(ctx, columns+`WHERE id = $1`, id))
	return e, store.Found(err)
}

// Add makes one for mail that comes, or goes, from now on; one that is there already is returned. domain.ErrInvalid.
func (l *List) Add(ctx context.Context, e Exclusion) (Exclusion, error) {
	var err error
	if e.Pattern, err = canonical(e.Pattern, e.Mailbox); err != nil {
		return e, err
	}
	e.ID, e.At = store.NewID(), time.Now()
	err = l.db.Tx(ctx, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM mail_exclusion WHERE mailbox = $1`, e.Mailbox).Scan(&n); err != nil {
			return err
		}
		if n >= maxPatterns {
			return ErrFull
		}
		if _, err := tx.Exec(ctx, `INSERT INTO mail_exclusion (id, mailbox, pattern, by_user, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (mailbox, pattern) DO NOTHING`, e.ID, e.Mailbox, e.Pattern, e.User, store.Micros(e.At)); err != nil {
			return err
		}
		e, err = scan(tx.QueryRow(ctx, columns+`WHERE mailbox = $1 AND pattern = $2`, e.Mailbox, e.Pattern))
		return err
	})
	return e, err
}

// Remove has the CRM hear again of what comes from now on.
func (l *List) Remove(ctx context.Context, id string) error {
	_, err := l.db.Exec(ctx, `DELETE FROM mail_exclusion WHERE id = $1`, id)
	return err
}

// canonical is a pattern in the form that is compared.
func canonical(text, mailbox string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == All && mailbox != "" {
		return text, nil
	}
	if host, ok := strings.CutPrefix(text, "@"); ok || !strings.Contains(text, "@") {
		if !strings.Contains(host, ".") || len(host) > 253 || strings.ContainsAny(host, "*@ /<>,") {
			return "", fmt.Errorf("%q is neither an address nor a domain: %w", text, domain.ErrInvalid)
		}
		return "@" + host, nil
	}
	if a, err := mail.ParseAddress(text); err != nil || a.Address != text || len(text) > 320 {
		return "", errors.Join(domain.ErrInvalid, fmt.Errorf("%q is no mail address", text))
	}
	return text, nil
}

// Mail is one in a mailbox, with somebody on its other side.
type Mail struct{ Mailbox, Address string }

// Cover tells of each mail whether the CRM is not to hear of it.
func (l *List) Cover(ctx context.Context, mails []Mail) ([]bool, error) {
	var all []string
	for _, m := range mails {
		all = append(all, patterns(m.Address)...)
	}
	slices.Sort(all)
	covered := make([]bool, len(mails))
	found, err := query.All(ctx, l.db, scan, query.New(columns+`WHERE pattern`).In(slices.Compact(all)))
	if err != nil || len(found) == 0 {
		return covered, err
	}
	for i, m := range mails {
		covered[i] = slices.ContainsFunc(found, func(e Exclusion) bool {
			return (e.Mailbox == "" || e.Mailbox == m.Mailbox) && slices.Contains(patterns(m.Address), e.Pattern)
		})
	}
	return covered, nil
}

// maxLabels of a domain are looked at.
const maxLabels = 8

// patterns are those that cover an address.
func patterns(address string) []string {
	address = strings.ToLower(address)
	list := []string{All, address}
	_, host, _ := strings.Cut(address, "@")
	for i := 0; i < maxLabels && strings.Contains(host, "."); i++ {
		list = append(list, "@"+host)
		_, host, _ = strings.Cut(host, ".")
	}
	return list
}
