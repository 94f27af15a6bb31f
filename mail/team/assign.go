package team

import (
	"context"
	"errors"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Assigned says whose a conversation is.
type Assigned struct {
	User string    `json:"user"`
	By   string    `json:"by"` // who gave it to him, or he himself
	At   time.Time `json:"at"`
}

func (t *Team) assigned(ctx context.Context, at Thread) (*Assigned, error) {
	a, micros := Assigned{}, int64(0)
	err := t.db.QueryRow(ctx, `SELECT user_id, by_user, at FROM mail_assigned WHERE mailbox = $1 AND thread = $2`, at.Mailbox, at.Thread).
		Scan(&a.User, &a.By, &micros)
	if err = store.Found(err); errors.Is(err, mail.ErrNotFound) {
		return nil, nil
	}
	a.At = store.Time(micros)
	return &a, err
}

// Assign gives conversations of a user's mailboxes to one who reads them too, or with "" to nobody. Whom it is given to
// by another is told. mail.ErrNotFound, ErrMember.
func (t *Team) Assign(ctx context.Context, user string, list []Thread, to string) error {
	for _, at := range list {
		members, err := t.members(ctx, user, at.Mailbox)
		if err != nil {
			return err
		}
		if to != "" && !members[to] {
			return ErrMember
		}
		if err := t.assign(ctx, user, at, to); err != nil {
			return err
		}
		t.changed(members, at, "assigned")
	}
	return nil
}

func (t *Team) assign(ctx context.Context, user string, at Thread, to string) error {
	var told *Notice
	err := t.db.Tx(ctx, func(tx *store.Tx) (err error) {
		told = nil
		if to == "" {
			_, err = tx.Exec(ctx, `DELETE FROM mail_assigned WHERE mailbox = $1 AND thread = $2`, at.Mailbox, at.Thread)
			return err
		}
		result, err := tx.Exec(ctx, `INSERT INTO mail_assigned (mailbox, thread, user_id, by_user, at) SELECT $1, $2, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
			WHERE EXISTS (SELECT 1 FROM mail_message WHERE mailbox = $1 AND thread = $2)
			ON CONFLICT (mailbox, thread) DO UPDATE SET user_id = excluded.user_id, by_user = excluded.by_user, at = excluded.at
			WHERE mail_assigned.user_id <> excluded.user_id`, at.Mailbox, at.Thread, to, user, store.Micros(time.Now()))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 || to == user {
			return err
		}
		told, err = notify(ctx, tx, to, Notice{Kind: "assigned", By: user, Thread: at})
		return err
	})
	if err == nil && told != nil {
		t.tell(to, Noticed, told)
	}
	return err
}

// Notice is what a user is told of a conversation.
type Notice struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind" enum:"assigned,mentioned"`
	By      string    `json:"by"` // the user who did it
	Text    string    `json:"text" doc:"Of the comment"`
	Subject string    `json:"subject"`
	At      time.Time `json:"at"`
	Thread
}

// notify keeps a notice until its reader opens the conversation.
func notify(ctx context.Context, tx *store.Tx, user string, n Notice) (*Notice, error) {
	n.ID, n.At = store.NewID(), time.Now()
	err := tx.QueryRow(ctx, `SELECT subject FROM mail_message WHERE mailbox = $1 AND thread = $2 ORDER BY received_at + 0 DESC, id DESC LIMIT 1`,
		n.Mailbox, n.Thread.Thread).Scan(&n.Subject)
	if err = store.Found(err); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO mail_notice (id, user_id, kind, by_user, mailbox, thread, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		n.ID, user, n.Kind, n.By, n.Mailbox, n.Thread.Thread, n.Text, store.Micros(n.At))
	return &n, err
}

// Notices are what a user has been told of conversations that he did not open since, the latest first.
func (t *Team) Notices(ctx context.Context, user string) ([]Notice, error) {
	return query.All(ctx, t.db, func(row store.Row) (n Notice, err error) {
		var at int64
		err = row.Scan(&n.ID, &n.Kind, &n.By, &n.Mailbox, &n.Thread.Thread, &n.Text, &at, &n.Subject)
		n.At = store.Time(at)
		return n, err
	}, query.New(`SELECT n.id, n.kind, n.by_user, n.mailbox, n.thread, n.body, n.at, coalesce((SELECT m.subject FROM mail_message m
		WHERE m.mailbox = n.mailbox AND m.thread = n.thread ORDER BY m.received_at + 0 DESC, m.id DESC LIMIT 1), '')
		FROM mail_notice n JOIN mailbox_user u ON u.mailbox = n.mailbox AND u.user_id = n.user_id
		WHERE n.user_id = ? ORDER BY n.at DESC, n.id LIMIT 100`, user))
}
