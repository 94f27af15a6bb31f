package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
)

// Item is one recipient of a message on its way out, for an administrator.
type Item struct {
	ID       string    `json:"id"`
	Message  string    `json:"message"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Subject  string    `json:"subject"`
	Size     int64     `json:"size"`
	Created  time.Time `json:"created"`
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next"` // attempt
	Code     int       `json:"code"` // last SMTP answer, 0 when there was none
	Answer   string    `json:"answer"`
	Remote   string    `json:"remote"` // host that gave it
}

// List returns up to limit recipients that wait, oldest first, after the one with the id of a former page ("" at
// first).
func (q *Queue) List(ctx context.Context, after string, limit int) ([]Item, error) {
	rows, err := q.db.Query(ctx, `SELECT r.id, m.id, m.sender, r.address, m.subject, m.size, m.created_at, r.attempts, r.next_at, r.code, r.answer, r.remote
		FROM mail_out_rcpt r JOIN mail_out m ON m.id = r.out_id WHERE r.state = 'waiting' AND r.id > $1 ORDER BY r.id LIMIT $2`, after, limit)
	return store.Collect(rows, err, func(row store.Row) (i Item, err error) {
		var created, next int64
		err = row.Scan(&i.ID, &i.Message, &i.From, &i.To, &i.Subject, &i.Size, &created, &i.Attempts, &next, &i.Code,
			&i.Answer, &i.Remote)
		i.Created, i.Next = store.Time(created), store.Time(next)
		return i, err
	})
}

// Retry attempts a recipient (an Item's id) now. mail.ErrNotFound when it doesn't wait any more.
func (q *Queue) Retry(ctx context.Context, id string) error {
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		var job payload
		row := tx.QueryRow(ctx, `UPDATE mail_out_rcpt SET next_at = $1 WHERE id = $2 AND state = 'waiting' RETURNING out_id, domain`, store.Micros(time.Now()), id)
		if err := found(row.Scan(&job.Message, &job.Domain), id); err != nil {
			return err
		}
		return enqueue(ctx, tx, job, time.Now())
	})
}

// Drop gives a recipient up without a notice. mail.ErrNotFound when it doesn't wait any more.
func (q *Queue) Drop(ctx context.Context, id string) error {
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		now := time.Now()
		var message string
		row := tx.QueryRow(ctx, `UPDATE mail_out_rcpt SET state = 'dropped', done_at = $1 WHERE id = $2 AND state = 'waiting' RETURNING out_id`, store.Micros(now), id)
		if err := found(row.Scan(&message), id); err != nil {
			return err
		}
		return forget(ctx, tx, message, now)
	})
}

func found(err error, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("queue item %s: %w", id, mail.ErrNotFound)
	}
	return err
}
