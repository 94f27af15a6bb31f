// Package passwords has the passwords that people make for their mail programs: one each, so that a lost telephone
// costs
// one password and not the person's own.
package passwords

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/mail/mime/coding"
	"frontdesk/store"
)

// Doors that a password opens.
const (
	Reading = "imap"
	Sending = "smtp"
)

// Errors of Passwords.
var (
	ErrNone    = errors.New("not a password of a mail program")
	ErrInvalid = errors.New("a password needs a name, and a door that it opens")
	ErrTooMany = fmt.Errorf("somebody has at most %d passwords for mail programs: revoke those not used any more",
		maxEach)
)

// maxEach is how many passwords one person may have.
const maxEach = 50

// Password is one of a mail program.
type Password struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Reads   bool      `json:"reads" doc:"It opens IMAP"`
	Sends   bool      `json:"sends" doc:"It opens SMTP"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used" doc:"Last, to the minute; zero: never"`
}

// Passwords are those of all people. It is safe for concurrent use by any number of nodes on one database.
type Passwords struct{ db *store.DB }

// New opens them over a migrated database.
func New(db *store.DB) *Passwords { return &Passwords{db} }

// groups and letters of a password: 100 bits.
const (
	groups   = 4
	inGroup  = 5
	alphabet = "abcdefghijkmnpqrstuvwxyz23456789" // 32, none of which looks like another
)

func secret() string {
	bytes := make([]byte, groups*inGroup)
	rand.Read(bytes) // never fails
	var b strings.Builder
	for i, value := range bytes {
		if i > 0 && i%inGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[value%32])
	}
	return b.String()
}

// digest is how a password is kept. What is random and long needs no slow hash.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Looks tells whether a text may be one of our passwords: people type them without hyphens, too.
func Looks(text string) bool { return normal(text) != "" }

// normal is a password as it was made; "" when it is none.
func normal(text string) string {
	letters := strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(text))
	if len(letters) != groups*inGroup || strings.Trim(letters, alphabet) != "" {
		return ""
	}
	var parts []string
	for i := 0; i < len(letters); i += inGroup {
		parts = append(parts, letters[i:i+inGroup])
	}
	return strings.Join(parts, "-")
}

// Make makes a password of a user and returns it, this once. ErrInvalid, ErrTooMany.
func (p *Passwords) Make(ctx context.Context, user string, w Password) (Password, string, error) {
	w.ID, w.Name, w.Created, w.Used = store.NewID(), strings.TrimSpace(coding.Clean(w.Name, 100)), time.Now().UTC(),
		time.Time{}
	if w.Name == "" || !w.Reads && !w.Sends {
		return w, "", ErrInvalid
	}
	made := secret()
	err := p.db.Tx(ctx, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM mail_password WHERE user_id = $1`, user).Scan(&n); err != nil {
			return err
		}
		if n >= maxEach {
			return ErrTooMany
		}
		_, err := tx.Exec(ctx, `INSERT INTO mail_password (id, user_id, name, digest, reads, sends, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			w.ID, user, w.Name, digest(made), w.Reads, w.Sends, store.Micros(w.Created))
		return err
	})
	return w, made, err
}

// Of lists a user's passwords, the newest first.
func (p *Passwords) Of(ctx context.Context, user string) ([]Password, error) {
	rows, err := p.db.Query(ctx, `SELECT id, name, reads, sends, created_at, used_at FROM mail_password WHERE user_id = $1 ORDER BY id DESC`, user)
	return store.Collect(rows, err, func(row store.Row) (w Password, err error) {
		var created, used int64
		err = row.Scan(&w.ID, &w.Name, &w.Reads, &w.Sends, &created, &used)
		if w.Created = store.Time(created); used > 0 {
			w.Used = store.Time(used)
		}
		return w, err
	})
}

// Revoke ends a user's password. store.ErrNotFound when it isn't his.
func (p *Passwords) Revoke(ctx context.Context, user, id string) error {
	result, err := p.db.Exec(ctx, `DELETE FROM mail_password WHERE id = $1 AND user_id = $2`, id, user)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, store.ErrNotFound)
	}
	return nil
}

// Owner is whose a password is that opens a door, or ErrNone.
func (p *Passwords) Owner(ctx context.Context, door, given string) (user string, err error) {
	made := normal(given)
	if made == "" {
		return "", ErrNone
	}
	opens := `reads`
	if door == Sending {
		opens = `sends`
	}
	err = p.db.QueryRow(ctx, `SELECT user_id FROM mail_password WHERE digest = $1 AND `+opens, digest(made)).Scan(&user)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNone
	}
	return user, err
}

// Used notes that a password opened a door, to the minute.
func (p *Passwords) Used(ctx context.Context, given string) error {
	now := time.Now()
	_, err := p.db.Exec(ctx, `UPDATE mail_password SET used_at = $1 WHERE digest = $2 AND used_at < $3`, store.Micros(now),
		digest(normal(given)), store.Micros(now.Add(-time.Minute)))
	return err
}

// Only tells whether a user's own password opens no mail program, by his own wish or the company's.
func (p *Passwords) Only(ctx context.Context, user string) (bool, error) {
	own, company, err := p.Rule(ctx, user)
	return own || company, err
}

// Rule is what a user and the company have chosen.
func (p *Passwords) Rule(ctx context.Context, user string) (own, company bool, err error) {
	rows, err := p.db.Query(ctx, `SELECT user_id FROM mail_password_only WHERE user_id = $1 OR user_id = ''`, user)
	list, err := store.Collect(rows, err, func(row store.Row) (id string, err error) { return id, row.Scan(&id) })
	return slices.Contains(list, user) && user != "", slices.Contains(list, ""), err
}

// SetOnly changes that for one user, or for the company (user "").
func (p *Passwords) SetOnly(ctx context.Context, user string, only bool) error {
	query := `DELETE FROM mail_password_only WHERE user_id = $1`
	if only {
		query = `INSERT INTO mail_password_only (user_id) VALUES ($1) ON CONFLICT DO NOTHING`
	}
	_, err := p.db.Exec(ctx, query, user)
	return err
}
