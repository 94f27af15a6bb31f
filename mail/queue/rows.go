package queue

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"frontdesk/store"
)

// message is a row of mail_out.
type message struct {
	id        string
	sender    string // envelope
	author    string // of the From field; known while it is prepared only
	user      string
	messageID string
	subject   string
	blob      string
	size      int64
	eightbit  bool
	utf8      bool
	created   time.Time
}

// recipient is a row of mail_out_rcpt that waits.
type recipient struct {
	id       string
	address  string
	domain   string
	attempts int
	next     time.Time
	warned   bool
}

// insert accepts a prepared message: its rows, its copy in Sent, and a job per domain.
func (q *Queue) insert(ctx context.Context, tx *store.Tx, p *prepared) (err error) {
	if p.copy != nil {
		if p.sent, err = q.box.AppendTx(ctx, tx, *p.copy); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO mail_out (id, sender, user_id, message_id, subject, blob, size, eightbit, utf8, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.id, p.sender, p.user, p.messageID, p.subject, p.blob, p.size, p.eightbit, p.utf8, store.Micros(p.created))
	if err != nil {
		return err
	}
	for _, r := range p.to {
		_, err := tx.Exec(ctx, `INSERT INTO mail_out_rcpt (id, out_id, address, domain, state, attempts, next_at, warned, code, answer, remote, done_at)
			VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $6, 0, '', '', 0)`, r.id, p.id, r.address, r.domain, store.Micros(p.created), false)
		if err != nil {
			return err
		}
		job := payload{Message: p.id, Domain: r.domain}
		if err := store.Enqueue(ctx, tx, sendJob, job, store.JobOptions{Dedupe: job.key()}); err != nil {
			return err
		}
	}
	return nil
}

// load reads a message and its recipients of one domain that wait; none when all is settled.
func (q *Queue) load(ctx context.Context, p payload) (*message, []recipient, error) {
	m := &message{id: p.Message}
	var created int64
	row := q.db.QueryRow(ctx, `SELECT sender, user_id, message_id, subject, blob, size, eightbit, utf8, created_at FROM mail_out WHERE id = $1`, p.Message)
	err := row.Scan(&m.sender, &m.user, &m.messageID, &m.subject, &m.blob, &m.size, &m.eightbit, &m.utf8, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	m.created = store.Time(created)
	rcpts, err := q.waitingOf(ctx, p)
	return m, rcpts, err
}

func (q *Queue) waitingOf(ctx context.Context, p payload) (list []recipient, err error) {
	rows, err := q.db.Query(ctx, `SELECT id, address, attempts, next_at, warned FROM mail_out_rcpt
		WHERE out_id = $1 AND domain = $2 AND state = 'waiting' ORDER BY id`, p.Message, p.Domain)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r := recipient{domain: p.Domain}
		var next int64
		if err := rows.Scan(&r.id, &r.address, &r.attempts, &next, &r.warned); err != nil {
			return nil, err
		}
		r.next = store.Time(next)
		list = append(list, r)
	}
	return list, rows.Err()
}

func firstDue(rcpts []recipient) time.Time {
	due := rcpts[0].next
	for _, r := range rcpts {
		if r.next.Before(due) {
			due = r.next
		}
	}
	return due
}

// write notes what became of a recipient, unless a person dropped it meanwhile.
func (o outcome) write(ctx context.Context, tx *store.Tx, now time.Time) error {
	var done int64
	if o.state != waiting {
		done = store.Micros(now)
	}
	_, err := tx.Exec(ctx, `UPDATE mail_out_rcpt SET state = $1, attempts = $2, next_at = $3, warned = $4, code = $5, answer = $6, remote = $7, done_at = $8
		WHERE id = $9 AND state = 'waiting'`,
		o.state, o.rcpt.attempts, store.Micros(o.rcpt.next), o.rcpt.warned, o.code, o.answer, o.remote, done, o.rcpt.id)
	return err
}

// forget removes a message once nothing of it waits. Its blob is left to mail.Box.Sweep.
func forget(ctx context.Context, tx *store.Tx, id string, now time.Time) error {
	var open int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM mail_out_rcpt WHERE out_id = $1 AND state = 'waiting'`, id).Scan(&open); err != nil || open > 0 {
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
