package domain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/dns"

	"frontdesk/store"
)

// Rotate makes new keys for a domain, to be published. Those that sign go on until DNS shows the new ones. Where some
// wait already, they stay. store.ErrNotFound.
func (b *Book) Rotate(ctx context.Context, name string) (Domain, error) {
	d, err := b.Domain(ctx, name)
	if err != nil {
		return d, err
	}
	for _, algorithm := range algorithms() {
		if slices.ContainsFunc(d.Keys, func(k Key) bool { return k.State == Next && k.Algorithm == algorithm }) {
			continue
		}
		if err := b.addKey(ctx, d, algorithm); err != nil {
			return d, fmt.Errorf("a key for %s: %w", d.Name, err)
		}
	}
	return b.Domain(ctx, d.Name)
}

func (b *Book) addKey(ctx context.Context, d Domain, algorithm string) error {
	now, n := time.Now(), 1
	taken := func(k Key) bool { return k.Selector == selectorOf(now, algorithm, n) }
	for slices.ContainsFunc(d.Keys, taken) {
		n++
	}
	selector := selectorOf(now, algorithm, n)
	key, err := newKey(b.seal, b.makeRSA, d.Name, selector, algorithm)
	if err != nil {
		return err
	}
	return key.insert(ctx, b.db)
}

// Follow has keys sign that DNS shows by now, and forgets those whose time is over. What can't be asked is asked again.
func (b *Book) Follow(ctx context.Context, resolver dns.Resolver) error {
	waiting, err := keys(ctx, b.db, ` WHERE state = 'next' ORDER BY id`)
	if err != nil {
		return err
	}
	for _, k := range waiting {
		if shown(ctx, b, resolver, k) {
			if err := b.begin(ctx, k); err != nil {
				return err
			}
		}
	}
	week := store.Micros(time.Now().Add(-Linger))
	if _, err := b.db.Exec(ctx, `DELETE FROM mail_dkim WHERE state = 'old' AND since < $1`, week); err != nil {
		return err
	}
	_, err = b.db.Exec(ctx, `UPDATE mail_domain SET dkim_key = '' WHERE dkim_key <> ''
		AND EXISTS (SELECT 1 FROM mail_dkim k WHERE k.domain = mail_domain.name AND k.since < $1)`, week)
	return err
}

// shown tells whether DNS has a key's record.
func shown(ctx context.Context, b *Book, resolver dns.Resolver, k fresh) bool {
	selector, err := dns.ParseDomain(k.Selector)
	if err != nil {
		return false
	}
	domain, err := dns.ParseDomain(k.Domain)
	if err != nil {
		return false
	}
	status, _, text, _, err := dkim.Lookup(ctx, b.log, resolver, selector, domain)
	return err == nil && status == dkim.StatusNeutral && tag(text, "p") == tag(k.Record, "p")
}

// tag is the value of a tag in a record (RFC 6376 section 3.2), without the spaces that may stand in it.
func tag(record, name string) string {
	for part := range strings.SplitSeq(record, ";") {
		if key, value, ok := strings.Cut(part, "="); ok && strings.TrimSpace(key) == name {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}

// begin has a key sign in place of the one of its kind before.
func (b *Book) begin(ctx context.Context, k fresh) error {
	b.log.Info("a new DKIM key signs", "domain", k.Domain, "selector", k.Selector)
	return b.db.Tx(ctx, func(tx *store.Tx) error {
		now := store.Micros(time.Now())
		if _, err := tx.Exec(ctx, `UPDATE mail_dkim SET state = 'old', secret = '', since = $1
			WHERE domain = $2 AND algorithm = $3 AND state = 'signs' AND id <> $4`, now, k.Domain, k.Algorithm, k.ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mail_dkim SET state = 'signs', since = $1 WHERE id = $2 AND state = 'next'`, now, k.ID)
		return err
	})
}

// Adopt takes over the keys that a version before kept, and makes what it did not: the Ed25519 key to be published
// next.
func (b *Book) Adopt(ctx context.Context) error {
	rows, err := b.db.Query(ctx, `SELECT name, selector, dkim_key FROM mail_domain d WHERE dkim_key <> ''
		AND NOT EXISTS (SELECT 1 FROM mail_dkim k WHERE k.domain = d.name)`)
	type plain struct{ name, selector, key string }
	list, err := store.Collect(rows, err, func(row store.Row) (p plain, err error) {
		return p, row.Scan(&p.name, &p.selector, &p.key)
	})
	if err != nil {
		return err
	}
	for _, p := range list {
		private, err := parsePEM(p.key)
		if err != nil {
			return fmt.Errorf("DKIM key of %s: %w", p.name, err)
		}
		key, err := closed(b.seal, p.name, p.selector, private)
		if err != nil {
			return fmt.Errorf("DKIM key of %s: %w", p.name, err)
		}
		key.State = Signs
		if err := key.insert(ctx, b.db); err != nil {
			return err
		}
		if err := b.addKey(ctx, Domain{Name: p.name}, Ed25519); err != nil {
			return err
		}
	}
	return nil
}
