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

// joinThread finds the thread of a message in its mailbox: by In-Reply-To, then References from the newest to the oldest,
// then by who referred to the message before it came; else a new one. All ids it names become members.
func joinThread(ctx context.Context, tx *store.Tx, mailbox string, m *mime.Message) (string, error) {
	ids := relatives(m)
	if len(ids) == 0 {
		return store.NewID(), nil
	}
	known, err := threadsOf(ctx, tx, mailbox, ids)
	if err != nil {
		return "", err
	}
	thread := ""
	for _, id := range ids {
		if thread = known[id]; thread != "" {
			break
		}
	}
	if thread == "" {
		thread = store.NewID()
	}
	for _, id := range ids {
		if known[id] != "" {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO mail_thread_member (mailbox, message_id, thread) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, mailbox, id, thread); err != nil {
			return "", err
		}
	}
	return thread, nil
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
	list, args := in([]any{mailbox}, ids)
	rows, err := q.Query(ctx, `SELECT message_id, thread FROM mail_thread_member WHERE mailbox = $1 AND message_id IN `+list, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]string{}
	for rows.Next() {
		var id, thread string
		if err := rows.Scan(&id, &thread); err != nil {
			return nil, err
		}
		known[id] = thread
	}
	return known, rows.Err()
}

// found turns "no row" into ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
