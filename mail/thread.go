package mail

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"frontdesk/mail/mime"
	"frontdesk/store"
)

const (
	maxID         = 998 // bytes of a Message-ID, a line of RFC 5322
	maxReferences = 50  // the newest ones count
)

// joinThreads finds the threads of messages in their mailboxes, each as if those before it were stored: by In-Reply-To,
// then References from the newest to the oldest, then by who referred to the message before it came; else a new one.
// All ids they name become members by the statements it returns.
func joinThreads(ctx context.Context, tx *store.Tx,
	entries []entry) (threads []string, todo []store.Statement, err error) {
	named := map[string][]string{} // by mailbox
	for _, e := range entries {
		named[e.mailbox] = append(named[e.mailbox], e.names()...)
	}
	known := map[string]map[string]string{}
	for _, mailbox := range sortedKeys(named) {
		if known[mailbox], err = threadsOf(ctx, tx, mailbox, named[mailbox]); err != nil {
			return nil, nil, err
		}
	}
	ours, err := ourDomains(ctx, tx, entries, known)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		thread, fresh := joinThread(known[e.mailbox], e.relatives(known[e.mailbox], ours))
		threads = append(threads, thread)
		for _, id := range fresh {
			todo = append(todo, store.Statement{Query: `INSERT INTO mail_thread_member (mailbox, message_id, thread) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
				Args: []any{e.mailbox, id, thread}})
		}
	}
	return threads, todo, nil
}

// joinThread is the thread of a message with these relatives, and which of them become its members. It adds them to
// known.
func joinThread(known map[string]string, ids []string) (thread string, fresh []string) {
	for _, id := range ids {
		if thread = known[id]; thread != "" {
			break
		}
	}
	if thread == "" {
		thread = store.NewID()
	}
	for _, id := range ids {
		if known[id] == "" {
			known[id] = thread
			fresh = append(fresh, id)
		}
	}
	return thread, fresh
}

// relatives lists the ids that tell a message's thread, the most telling first; its own is the last.
func relatives(m *mime.Message) []string {
	references := slices.Clone(m.References)
	slices.Reverse(references)
	all := append(slices.Clone(m.InReplyTo), references...)
	all = append(all[:min(len(all), maxReferences)], m.MessageID)
	var ids []string
	for _, id := range all {
		if id = text(id, maxID); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func threadsOf(ctx context.Context, q store.Queries, mailbox string, ids []string) (map[string]string, error) {
	known := map[string]string{}
	if len(ids) == 0 {
		return known, nil
	}
	list, args := in([]any{mailbox}, padded(ids))
	rows, err := q.Query(ctx, `SELECT message_id, thread FROM mail_thread_member WHERE mailbox = $1 AND message_id IN `+
		list, args...)
	_, err = store.Collect(rows, err, func(row store.Row) (none struct{}, err error) {
		var id, thread string
		err = row.Scan(&id, &thread)
		known[id] = thread
		return none, err
	})
	return known, err
}

// found turns "no row" into ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
