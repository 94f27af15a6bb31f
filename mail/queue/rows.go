package queue

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"frontdesk/store"
)

// insert accepts a prepared message: its rows, its copy in Sent, and a job per domain.
func (q *Queue) insert(ctx context.Context, tx *store.Tx, p *prepared) (err error) {
	if p.user != "" && q.config.Limits != nil {
		if err := q.config.Limits.Take(ctx, tx, p.user, len(p.to)); err != nil {
			return err
		}
	}
	if p.copy != nil {
		if p.sent, err = q.box.AppendTx(ctx, tx, *p.copy); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO mail_out (id, sender, user_id, message_id, subject, blob, size, eightbit, utf8, created_at, via)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.id, p.sender, p.user, p.messageID, p.subject, p.blob, p.size, p.eightbit, p.utf8,
		store.Micros(p.created), p.via)
	if err != nil {
		return err
	}
	for _, r := range p.to {
		_, err := tx.Exec(ctx, `INSERT INTO mail_out_rcpt (id, out_id, address, domain, state, attempts, next_at, busy_until, warned, code, answer, remote, done_at)
			VALUES ($1, $2, $3, $4, 'waiting', 0, $5, 0, $6, 0, '', '', 0)`, r.id, p.id, r.address, r.domain, store.Micros(p.created), false)
		if err != nil {
			return err
		}
		if err := enqueue(ctx, tx, payload{Message: p.id, Domain: r.domain}, p.created); err != nil {
			return err
		}
	}
	return nil
}

// enqueue adds the job of a domain, due at the time given. Whether a message is given up is the queue's own decision,
// so a job has attempts enough for any trouble of ours to pass.
func enqueue(ctx context.Context, to store.Queries, p payload, at time.Time) error {
	return store.Enqueue(ctx, to, sendJob, p, store.JobOptions{At: at, Dedupe: p.key(), MaxAttempts: 1_000_000})
}

// claimMargin is how much longer than an attempt a claim holds: the time to write its outcome.
const claimMargin = time.Minute

// claim takes a message's recipients of one domain that are due, for as long as an attempt lasts. Without any, due is
// when the next one will be; it is zero when none waits.
func (q *Queue) claim(ctx context.Context, p payload) (m *message, rcpts []recipient, due time.Time, err error) {
	err = q.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if m, err = load(ctx, tx, p.Message); err != nil {
			return err
		}
		now := time.Now()
		m.claim, m.until = q.config.Members.Self().Holder()+"/"+store.NewID(), now.Add(q.config.Attempt+claimMargin)
		rows, err := tx.Query(ctx, `UPDATE mail_out_rcpt SET busy_by = $1, busy_until = $2
			WHERE out_id = $3 AND domain = $4 AND state = 'waiting' AND next_at <= $5 AND busy_until <= $5 RETURNING id, address, attempts, warned`,
			m.claim, store.Micros(m.until), p.Message, p.Domain, store.Micros(now))
		if rcpts, err = recipients(rows, err, p.Domain); err != nil || len(rcpts) > 0 {
			return err
		}
		var next sql.NullInt64
		err = tx.QueryRow(ctx, `SELECT min(CASE WHEN busy_until > next_at THEN busy_until ELSE next_at END) FROM mail_out_rcpt
			WHERE out_id = $1 AND domain = $2 AND state = 'waiting'`, p.Message, p.Domain).Scan(&next)
		due = store.Time(next.Int64)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, time.Time{}, nil
	}
	return m, rcpts, due, err
}

func load(ctx context.Context, tx *store.Tx, id string) (*message, error) {
	m := &message{id: id}
	var created int64
	row := tx.QueryRow(ctx, `SELECT sender, user_id, message_id, subject, blob, size, eightbit, utf8, created_at, via FROM mail_out WHERE id = $1`, id)
	err := row.Scan(&m.sender, &m.user, &m.messageID, &m.subject, &m.blob, &m.size, &m.eightbit, &m.utf8,
		&created, &m.via)
	m.created = store.Time(created)
	return m, err
}

func recipients(rows *store.Rows, err error, domain string) ([]recipient, error) {
	list, err := store.Collect(rows, err, func(row store.Row) (recipient, error) {
		r := recipient{domain: domain}
		return r, row.Scan(&r.id, &r.address, &r.attempts, &r.warned)
	})
	slices.SortFunc(list, func(a, b recipient) int { return cmp.Compare(a.id, b.id) })
	return list, err
}

// write notes what became of a recipient. It is false when the claim stands no more: another attempt has taken the
// recipient over, or a person dropped it meanwhile.
func (o outcome) write(ctx context.Context, tx *store.Tx, claim string, now time.Time) (bool, error) {
	var done int64
	if o.state != waiting {
		done = store.Micros(now)
	}
	result, err := tx.Exec(ctx, `UPDATE mail_out_rcpt SET state = $1, attempts = $2, next_at = CASE WHEN held THEN next_at ELSE $3 END, busy_until = 0, busy_by = '', warned = $4, code = $5, answer = $6, remote = $7, done_at = $8
		WHERE id = $9 AND state = 'waiting' AND busy_by = $10`,
		o.state, o.rcpt.attempts, store.Micros(o.rcpt.next), o.rcpt.warned, o.code, o.answer, o.remote, done, o.rcpt.id,
		claim)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// forget removes a message once nothing of it waits. Its blob is left to mail.Box.Sweep.
func forget(ctx context.Context, tx *store.Tx, id string, now time.Time) error {
	// Whoever settles another part of the message waits here, so that the last one sees that it is the last.
	if _, err := tx.Exec(ctx, `UPDATE mail_out SET size = size WHERE id = $1`, id); err != nil {
		return err
	}
	var open int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM mail_out_rcpt WHERE out_id = $1 AND state = 'waiting'`,
		id).Scan(&open); err != nil || open > 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO mail_dropped (blob, at) SELECT blob, CAST($1 AS BIGINT) FROM mail_out WHERE id = $2
		ON CONFLICT (blob) DO UPDATE SET at = excluded.at`, store.Micros(now), id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM mail_out WHERE id = $1`, id)
	return err
}

// Uses tells whether a blob is a message on its way out: for mail.Box.Sweep, which must leave it alone.
func (q *Queue) Uses(ctx context.Context, blob string) (bool, error) {
	var n int
	err := q.db.QueryRow(ctx, `SELECT count(*) FROM mail_out WHERE blob = $1`, blob).Scan(&n)
	return n > 0, err
}

func (q *Queue) waiting(ctx context.Context) (n int, err error) {
	err = q.db.QueryRow(ctx, `SELECT count(*) FROM mail_out_rcpt WHERE state = 'waiting'`).Scan(&n)
	return n, err
}
