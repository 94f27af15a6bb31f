package greylist

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
)

const (
	window      = 24 * time.Hour // who comes again later comes anew
	believed    = 5              // a source that came again with so many is asked no more
	maxUnproven = 500            // of one source, and its others are not even noted
	maxNoted    = 300_000        // of all that never came again
)

// Mail is one that somebody brings.
type Mail struct {
	IP      netip.Addr
	From    string // envelope, "" is the null path
	SPF     string // domain that SPF proves; "" for none
	Author  string // address that it claims to be from
	To      []string
	Verdict mail.Verdict
}

// source is what a sender's servers have in common: the domain that SPF proves, as the large ones come from anywhere,
// else the network.
func (m Mail) source() string {
	if m.SPF != "" {
		return m.SPF
	}
	bits := 24
	if m.IP.Is6() {
		bits = 64
	}
	network, _ := m.IP.Prefix(bits) // bits fit the family
	return network.String()
}

func (m Mail) suspicious() bool { return m.Verdict.Junk || !m.Verdict.Verified }

// Ask tells how long whoever brings a mail has to wait before he brings it again; 0: it is taken now. It is asked once
// for all recipients: a mail that one of them has been asked for in time is taken for all.
func (l *List) Ask(ctx context.Context, m Mail) (time.Duration, error) {
	p, err := l.lately(ctx)
	if err != nil || p.Mode == Off || p.Mode == Suspicious && !m.suspicious() || p.trusts(m.IP, m.SPF) {
		return 0, err
	}
	for _, address := range []string{m.Author, m.From} {
		if address == "" {
			continue
		}
		if known, err := l.known(ctx, address); err != nil || known {
			return 0, err
		}
	}
	return l.ask(ctx, p, m)
}

func (l *List) ask(ctx context.Context, p Policy, m Mail) (wait time.Duration, err error) {
	now, source := time.Now(), m.source()
	passed, noted, err := l.standing(ctx, source)
	if err != nil || passed >= believed {
		return 0, err
	}
	delay := time.Duration(p.Minutes) * time.Minute
	if wait = delay; noted >= maxUnproven {
		return wait, nil
	}
	return wait, l.db.Tx(ctx, func(tx *store.Tx) error {
		wait = delay
		for _, to := range m.To {
			first, ok, err := note(ctx, tx, []any{source, strings.ToLower(m.From), strings.ToLower(to)}, now, delay, p)
			if err != nil {
				return err
			}
			left := max(time.Second, first.Add(delay).Sub(now))
			if ok {
				left = 0
			}
			wait = min(wait, left)
		}
		return nil
	})
}

// standing is how many of a source's mails came again, and how many did not so far.
func (l *List) standing(ctx context.Context, source string) (passed, noted int, err error) {
	return passed, noted, l.db.QueryRow(ctx, `SELECT CAST(COALESCE(sum(CASE WHEN passed THEN 1 ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(sum(CASE WHEN passed THEN 0 ELSE 1 END), 0) AS BIGINT) FROM (SELECT passed FROM mail_greylist WHERE source = $1 LIMIT $2) t`,
		source, maxUnproven+believed).Scan(&passed, &noted)
}

// note writes down that a mail was brought, and tells since when it was, and whether that is long enough. What was
// brought too long ago begins anew.
func note(ctx context.Context, tx *store.Tx, key []any, now time.Time, delay time.Duration,
	p Policy) (first time.Time, passed bool, err error) {
	var at int64
	stale := store.Micros(now.Add(-window))
	old := store.Micros(now.AddDate(0, 0, -p.Days))
	err = tx.QueryRow(ctx, `INSERT INTO mail_greylist AS g (source, sender, recipient, first_at, last_at, passed) VALUES ($1, $2, $3, $4, $4, FALSE)
		ON CONFLICT (source, sender, recipient) DO UPDATE SET last_at = excluded.last_at,
		first_at = CASE WHEN g.passed AND g.last_at > $5 OR NOT g.passed AND g.first_at > $6 THEN g.first_at ELSE excluded.first_at END,
		passed = CASE WHEN g.passed THEN g.last_at > $5 ELSE g.first_at > $6 AND g.first_at <= $7 END
		RETURNING first_at, passed`, append(key, store.Micros(now), old, stale, store.Micros(now.Add(-delay)))...).
		Scan(&at, &passed)
	return store.Time(at), passed, err
}

// Expire forgets who never came again, and who has not come for long.
func (l *List) Expire(ctx context.Context) error {
	p, err := l.Policy(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	_, err = l.db.Exec(ctx, `DELETE FROM mail_greylist WHERE NOT passed AND last_at < $1 OR last_at < $2`,
		store.Micros(now.Add(-window)), store.Micros(now.AddDate(0, 0, -p.Days)))
	var from int64
	switch found := store.Found(l.db.QueryRow(ctx, `SELECT last_at FROM mail_greylist WHERE NOT passed ORDER BY last_at DESC LIMIT 1 OFFSET $1`,
		maxNoted).Scan(&from)); {
	case err != nil || errors.Is(found, store.ErrNotFound):
		return err
	case found != nil:
		return found
	}
	_, err = l.db.Exec(ctx, `DELETE FROM mail_greylist WHERE NOT passed AND last_at <= $1`, from)
	return err
}
