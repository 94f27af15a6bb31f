package team

import (
	"context"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// State of a conversation.
type State struct {
	Assigned *Assigned `json:"assigned"`
	Looks    []Look    `json:"looks"`
	Comments []Comment `json:"comments"`
	Answers  []Answer  `json:"answers"` // the latest ones
}

// Answer is a mail that one of us sent in a conversation, or is about to.
type Answer struct {
	User string    `json:"user"`
	At   time.Time `json:"at"`
}

// State reads that of a conversation of one of the user's mailboxes. mail.ErrNotFound.
func (t *Team) State(ctx context.Context, user string, at Thread) (s State, err error) {
	if _, err = t.members(ctx, user, at.Mailbox); err != nil {
		return s, err
	}
	if s.Assigned, err = t.assigned(ctx, at); err != nil {
		return s, err
	}
	if s.Looks, err = t.looks(ctx, at.Mailbox, at.Thread); err != nil {
		return s, err
	}
	if s.Comments, err = t.comments(ctx, at); err != nil {
		return s, err
	}
	s.Answers, err = query.All(ctx, t.db, func(row store.Row) (a Answer, err error) {
		var at int64
		err = row.Scan(&a.User, &at)
		a.At = store.Time(at)
		return a, err
	}, query.New(`SELECT user_id, at FROM mail_answered WHERE mailbox = ? AND thread = ? ORDER BY at DESC, mail LIMIT 20`,
		at.Mailbox, at.Thread))
	return s, err
}
