package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
)

// Item is one recipient of a message on its way out.
type Item struct {
	ID       string    `json:"id"`
	Message  string    `json:"message"`
	User     string    `json:"user" doc:"Id of who sent it; empty: this server"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Subject  string    `json:"subject"`
	Size     int64     `json:"size"`
	Created  time.Time `json:"created"`
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next" doc:"Of the next attempt"`
	Until    time.Time `json:"until" doc:"It is given up then"`
	Held     bool      `json:"held" doc:"A person keeps it from being sent"`
	Busy     bool      `json:"busy" doc:"It is being sent now"`
	Why      string    `json:"why" enum:"held,sending,new,unreachable,dns,tls,host,full,greylisted,slow,refused" doc:"Why it waits, for a screen to tell in its language"`
	Code     int       `json:"code" doc:"Last SMTP answer, 0: there was none"`
	Answer   string    `json:"answer"`
	Remote   string    `json:"remote" doc:"Host that gave it"`
}

// List returns up to limit recipients that wait, oldest first, after the one with the id of a former page ("" at
// first).
// With a user, only those of his mails.
func (q *Queue) List(ctx context.Context, user, after string, limit int) ([]Item, error) {
	rows, err := q.db.Query(ctx, `SELECT r.id, m.id, m.user_id, m.sender, r.address, m.subject, m.size, m.created_at, r.attempts, r.next_at, r.busy_until, r.held, r.code, r.answer, r.remote
		FROM mail_out_rcpt r JOIN mail_out m ON m.id = r.out_id WHERE r.state = 'waiting' AND r.id > $1 AND ($2 = '' OR m.user_id = $2) ORDER BY r.id LIMIT $3`,
		after, user, limit)
	now := time.Now()
	return store.Collect(rows, err, func(row store.Row) (i Item, err error) {
		var created, next, busy int64
		err = row.Scan(&i.ID, &i.Message, &i.User, &i.From, &i.To, &i.Subject, &i.Size, &created, &i.Attempts, &next,
			&busy, &i.Held, &i.Code,
			&i.Answer, &i.Remote)
		i.Created, i.Next, i.Busy = store.Time(created), store.Time(next), store.Time(busy).After(now)
		i.Until, i.Why = i.Created.Add(q.config.GiveUp), i.why()
		return i, err
	})
}

// why says in one word why a recipient waits.
func (i Item) why() string {
	answer := strings.ToLower(i.Answer)
	switch {
	case i.Held:
		return "held"
	case i.Busy:
		return "sending"
	case i.Attempts == 0:
		return "new"
	case strings.Contains(answer, "greylist") || strings.Contains(answer, "graylist") || strings.Contains(answer,
		"4.7.1 try again"):
		return "greylisted"
	case strings.HasPrefix(answer, "smart host: "):
		return "host"
	case strings.HasPrefix(answer, "dns: "):
		return "dns"
	case strings.HasPrefix(answer, "tls as it is required"):
		return "tls"
	case i.Code == 452 || i.Code == 552 || strings.Contains(answer, "4.2.2") || strings.Contains(answer, "5.2.2"):
		return "full"
	case i.Code == 421 || strings.Contains(answer, "rate limit") || strings.Contains(answer, "too many"):
		return "slow"
	case i.Code == 0:
		return "unreachable"
	}
	return "refused"
}

// of narrows a change to the recipients of a user's mails; all for "".
const of = ` AND ($1 = '' OR out_id IN (SELECT id FROM mail_out WHERE user_id = $1))`

// Retry attempts a recipient (an Item's id) now, also one that was held. With a user, only of his mails.
// mail.ErrNotFound when it doesn't wait any more.
func (q *Queue) Retry(ctx context.Context, user, id string) error {
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		var job payload
		row := tx.QueryRow(ctx, `UPDATE mail_out_rcpt SET next_at = $2, held = $4 WHERE id = $3 AND state = 'waiting'`+of+` RETURNING out_id, domain`,
			user, store.Micros(time.Now()), id, false)
		if err := found(row.Scan(&job.Message, &job.Domain), id); err != nil {
			return err
		}
		return enqueue(ctx, tx, job, time.Now())
	})
}

// farOff is when a held recipient is due: never, for whoever does not know of holding.
func farOff() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }

// Hold keeps a recipient from being sent until Retry; an attempt that runs ends first. Errors as with Retry.
func (q *Queue) Hold(ctx context.Context, user, id string) error {
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		row := tx.QueryRow(ctx, `UPDATE mail_out_rcpt SET next_at = $2, held = $4 WHERE id = $3 AND state = 'waiting'`+of+` RETURNING id`,
			user, store.Micros(farOff()), id, true)
		return found(row.Scan(&id), id)
	})
}

// Drop gives a recipient up; with notice, its sender is told so as of a failure. Errors as with Retry.
func (q *Queue) Drop(ctx context.Context, user, id string, notice bool) error {
	var bounce *prepared
	if notice {
		var err error
		if bounce, err = q.bounceOf(ctx, user, id); err != nil {
			return err
		}
	}
	err := q.db.Tx(ctx, func(tx *store.Tx) error {
		now := time.Now()
		var message string
		row := tx.QueryRow(ctx, `UPDATE mail_out_rcpt SET state = 'dropped', done_at = $2 WHERE id = $3 AND state = 'waiting'`+of+` RETURNING out_id`,
			user, store.Micros(now), id)
		if err := found(row.Scan(&message), id); err != nil {
			return err
		}
		if bounce != nil {
			if err := q.insert(ctx, tx, bounce); err != nil {
				return err
			}
		}
		return forget(ctx, tx, message, now)
	})
	if err == nil && bounce != nil {
		q.accepted(bounce)
	}
	return err
}

// bounceOf is the notice to the sender that a person gave a recipient up; nil where there is nobody to tell.
func (q *Queue) bounceOf(ctx context.Context, user, id string) (*prepared, error) {
	var m *message
	r := recipient{id: id}
	err := q.db.Tx(ctx, func(tx *store.Tx) error {
		var out string
		row := tx.QueryRow(ctx, `SELECT out_id, address, domain FROM mail_out_rcpt WHERE id = $2 AND state = 'waiting'`+of, user, id)
		if err := found(row.Scan(&out, &r.address, &r.domain), id); err != nil {
			return err
		}
		var err error
		m, err = load(ctx, tx, out)
		return err
	})
	if err != nil {
		return nil, err
	}
	list, err := q.notices(ctx, m, []outcome{{rcpt: r, state: failed, enhanced: "5.7.0",
		answer: "an administrator of this server stopped it"}}, nil)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func found(err error, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("queue item %s: %w", id, mail.ErrNotFound)
	}
	return err
}
