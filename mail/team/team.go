// Package team is what the users of a shared mailbox know of each other: who reads and answers which conversation,
// whose it is, and what they say beside it. Mailboxes of one user have none of it.
package team

import (
	"context"
	"errors"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// ErrOthers is told of an answer that crosses a colleague's.
var ErrOthers = errors.New("a colleague answers this conversation, too, or has just done so: look at it first, or " +
	"send all the same")

// ErrMember is told of a user who does not read the mailbox.
var ErrMember = errors.New("choose somebody who reads this mailbox")

// The events that users are told.
const (
	Changed = "mail.team"   // Told
	Noticed = "mail.notice" // Notice
)

// Told is what of a conversation changed.
type Told struct {
	Mailbox string `json:"mailbox"`
	Thread  string `json:"thread"`
	What    string `json:"what"` // look, assigned, comment
}

// Thread is a conversation of a mailbox.
type Thread struct {
	Thread  string `json:"thread" maxLength:"100"`
	Mailbox string `json:"mailbox" maxLength:"100"`
}

// Team is everybody's. It is safe for concurrent use by any number of nodes on one database.
type Team struct {
	db   *store.DB
	tell func(user, event string, data any)
}

// New makes it over a migrated database; tell reaches the tabs of a user, on all nodes.
func New(db *store.DB, tell func(user, event string, data any)) *Team {
	return &Team{db: db, tell: tell}
}

// members are the users of a mailbox. mail.ErrNotFound when the user is none of them.
func (t *Team) members(ctx context.Context, user, mailbox string) (map[string]bool, error) {
	ids, err := query.All(ctx, t.db, query.Text, query.New(`SELECT user_id FROM mailbox_user WHERE mailbox = ?`, mailbox))
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for _, id := range ids {
		set[id] = true
	}
	if !set[user] {
		return nil, mail.ErrNotFound
	}
	return set, nil
}

func (t *Team) changed(members map[string]bool, at Thread, what string) {
	for user := range members {
		t.tell(user, Changed, Told{Mailbox: at.Mailbox, Thread: at.Thread, What: what})
	}
}
