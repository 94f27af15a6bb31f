// Package conversation tells which mails belong together: what answers what (RFC 5322 section 3.6.4), in each mailbox
// for itself.
package conversation

import (
	"context"
	"maps"
	"slices"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Join finds the threads of mails in their mailboxes, each as if those before it were stored: by In-Reply-To, then
// References from the newest to the oldest, then by who referred to the message before it came; else a new one. All ids
// they name become members by the statements it returns.
func Join(ctx context.Context, tx *store.Tx, mails []Mail) (threads []string, todo []store.Statement, err error) {
	named := map[string][]string{} // by mailbox
	for _, m := range mails {
		named[m.Mailbox] = append(named[m.Mailbox], m.names()...)
	}
	known := map[string]map[string]string{}
	for _, mailbox := range slices.Sorted(maps.Keys(named)) {
		if known[mailbox], err = threadsOf(ctx, tx, mailbox, named[mailbox]); err != nil {
			return nil, nil, err
		}
	}
	ours, err := ourDomains(ctx, tx, mails, known)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range mails {
		thread, fresh := join(known[m.Mailbox], m.relatives(known[m.Mailbox], ours))
		threads = append(threads, thread)
		for _, id := range fresh {
			todo = append(todo, store.Statement{Query: `INSERT INTO mail_thread_member (mailbox, message_id, thread) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
				Args: []any{m.Mailbox, id, thread}})
		}
	}
	return threads, todo, nil
}

// join is the thread of a message with these relatives, and which of them become its members. It adds them to
// known.
func join(known map[string]string, ids []string) (thread string, fresh []string) {
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

func threadsOf(ctx context.Context, q store.Queries, mailbox string, ids []string) (map[string]string, error) {
	known := map[string]string{}
	if len(ids) == 0 {
		return known, nil
	}
	scan := func(row store.Row) (none struct{}, err error) {
		var id, thread string
		err = row.Scan(&id, &thread)
		known[id] = thread
		return none, err
	}
	_, err := query.All(ctx, q, scan, query.New(`SELECT message_id, thread FROM mail_thread_member WHERE mailbox = ? AND message_id`,
		mailbox).In(ids))
	return known, err
}
