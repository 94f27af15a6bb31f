package quarantine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/mime/coding"
	"frontdesk/store"
	"frontdesk/store/query"
)

// ErrFull: there is no room for more.
var ErrFull = errors.New("the quarantine is full")

// maxKept mails are kept, whatever their size.
const maxKept = 50_000

// Keep takes in a mail in place of its recipients' mailboxes. Its blob is stored, its message parsed. ErrFull.
func (k *Keeper) Keep(ctx context.Context, cause mail.Cause, reason string, d mail.Delivery) error {
	p, err := k.Policy(ctx)
	if err != nil {
		return err
	}
	used, err := k.Used(ctx)
	if err != nil {
		return err
	}
	if used.Mails >= maxKept || used.Bytes+d.Size > int64(p.Room)*1e6 {
		return ErrFull
	}
	verdict, errVerdict := json.Marshal(d.Verdict)
	recipients, err := json.Marshal(d.To)
	if err := errors.Join(errVerdict, err); err != nil {
		return err
	}
	from, subject := d.Parsed.Author(), coding.Clean(d.Parsed.Subject, 1000)
	name, address := coding.Clean(from.Name, 200), coding.Clean(strings.ToLower(from.Address), 320)
	words := []string{name, address, d.EnvelopeFrom, subject}
	for _, to := range d.To {
		words = append(words, to.Address)
	}
	return k.db.Tx(ctx, func(tx *store.Tx) error {
		if err := k.box.Keep(ctx, tx, []string{d.Blob}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO mail_quarantine (id, at, kind, reason, from_name, from_address, subject, search, blob, size, verdict,
			recipients, envelope_from, helo, remote_ip) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			store.NewID(), store.Micros(d.Received), string(cause), coding.Clean(reason, 500), name, address, subject,
			coding.Clean(strings.ToLower(strings.Join(words, " ")), 20_000), d.Blob, d.Size, string(verdict),
			string(recipients), coding.Clean(d.EnvelopeFrom, 320), coding.Clean(d.Helo, 255), d.RemoteIP)
		return err
	})
}

// Use is how much is kept.
type Use struct {
	Mails int   `json:"mails"`
	Bytes int64 `json:"bytes"`
}

// Used tells how much is kept.
func (k *Keeper) Used(ctx context.Context) (u Use, err error) {
	return u, k.db.QueryRow(ctx, `SELECT count(*), CAST(COALESCE(sum(size), 0) AS BIGINT) FROM mail_quarantine`).
		Scan(&u.Mails, &u.Bytes)
}

// Uses tells whether a blob is a mail kept here: for mail.Box.Sweep, which must leave it alone.
func (k *Keeper) Uses(ctx context.Context, blob string) (bool, error) {
	var n int
	err := k.db.QueryRow(ctx, `SELECT count(*) FROM mail_quarantine WHERE blob = $1`, blob).Scan(&n)
	return n > 0, err
}

// Expire deletes what was kept for long enough.
func (k *Keeper) Expire(ctx context.Context) (deleted int, err error) {
	p, err := k.Policy(ctx)
	if err != nil {
		return 0, err
	}
	before := time.Now().AddDate(0, 0, -p.Days)
	ids, err := query.All(ctx, k.db, query.Text, query.New(`SELECT id FROM mail_quarantine WHERE at < ?`,
		store.Micros(before)))
	for _, id := range ids {
		if err := k.Delete(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return deleted, err
		}
		deleted++
	}
	return deleted, err
}

// Delete has a mail gone for good; its content goes with the next sweep.
func (k *Keeper) Delete(ctx context.Context, id string) error {
	var blob string
	err := k.db.Tx(ctx, func(tx *store.Tx) (err error) {
		blob, err = take(ctx, tx, id)
		return err
	})
	if err == nil {
		k.box.Unclaimed(blob)
	}
	return err
}

// take removes a mail and tells its content. ErrNotFound where somebody else was faster.
func take(ctx context.Context, tx *store.Tx, id string) (blob string, err error) {
	err = tx.QueryRow(ctx, `DELETE FROM mail_quarantine WHERE id = $1 RETURNING blob`, id).Scan(&blob)
	return blob, store.Found(err)
}
