package team

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Comment is what a user says to colleagues beside a conversation.
type Comment struct {
	ID       string    `json:"id"`
	User     string    `json:"user"`
	Text     string    `json:"text"`
	Mentions []string  `json:"mentions"` // users
	At       time.Time `json:"at"`
}

// mostComments are shown of a conversation, the latest ones.
const mostComments = 200

func (t *Team) comments(ctx context.Context, at Thread) ([]Comment, error) {
	return query.All(ctx, t.db, func(row store.Row) (c Comment, err error) {
		var mentions string
		var at int64
		if err = row.Scan(&c.ID, &c.User, &c.Text, &mentions, &at); err != nil {
			return c, err
		}
		c.At = store.Time(at)
		return c, json.Unmarshal([]byte(mentions), &c.Mentions)
	}, query.New(`SELECT id, user_id, body, mentions, at FROM (SELECT * FROM mail_comment WHERE mailbox = ? AND thread = ?
		ORDER BY at DESC, id DESC LIMIT ?) latest ORDER BY at, id`, at.Mailbox, at.Thread, mostComments))
}

// Comment says something beside a conversation; who is mentioned is told. mail.ErrNotFound, mail.ErrInvalid, ErrMember.
func (t *Team) Comment(ctx context.Context, user string, at Thread, text string,
	mentions []string) (c Comment, err error) {
	members, err := t.members(ctx, user, at.Mailbox)
	if err != nil {
		return c, err
	}
	for _, m := range mentions {
		if !members[m] {
			return c, ErrMember
		}
	}
	c = Comment{ID: store.NewID(), User: user, Text: strings.TrimSpace(text),
		Mentions: append([]string{}, mentions...), At: time.Now()}
	if c.Text == "" {
		return c, mail.ErrInvalid
	}
	told := map[string]*Notice{}
	err = t.db.Tx(ctx, func(tx *store.Tx) error { return t.say(ctx, tx, at, c, told) })
	if err != nil {
		return c, err
	}
	t.changed(members, at, "comment")
	for whom, notice := range told {
		t.tell(whom, Noticed, notice)
	}
	return c, nil
}

// say keeps a comment and what is told of it.
func (t *Team) say(ctx context.Context, tx *store.Tx, at Thread, c Comment, told map[string]*Notice) error {
	mentions, err := json.Marshal(c.Mentions)
	if err != nil {
		return err
	}
	for _, whom := range c.Mentions {
		if whom == c.User {
			continue
		}
		notice := Notice{Kind: "mentioned", By: c.User, Text: c.Text, Thread: at}
		if told[whom], err = notify(ctx, tx, whom, notice); err != nil {
			return err
		}
	}
	result, err := tx.Exec(ctx, `INSERT INTO mail_comment (id, mailbox, thread, user_id, body, mentions, at) SELECT CAST($1 AS TEXT), $2, $3, CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS BIGINT)
		WHERE EXISTS (SELECT 1 FROM mail_message WHERE mailbox = $2 AND thread = $3)`, c.ID, at.Mailbox, at.Thread, c.User, c.Text,
		string(mentions), store.Micros(c.At))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return mail.ErrNotFound
	}
	return nil
}

// Uncomment does away with a comment of the user's own. mail.ErrNotFound.
func (t *Team) Uncomment(ctx context.Context, user, id string) error {
	var at Thread
	err := t.db.Tx(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `DELETE FROM mail_comment WHERE id = $1 AND user_id = $2 RETURNING mailbox, thread`, id, user).
			Scan(&at.Mailbox, &at.Thread)
	})
	if err = store.Found(err); err != nil {
		return err
	}
	members, err := t.members(ctx, user, at.Mailbox)
	if err == nil {
		t.changed(members, at, "comment")
	}
	return err
}
