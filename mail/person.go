package mail

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/mail/find"
	"frontdesk/store"
	"frontdesk/store/query"
)

// exchanged is a message with somebody outside.
type exchanged struct {
	id, mailbox, folder, blob string
	uid                       uint32
	at                        int64
}

// correspondence is the condition of messages m from or to somebody with one of these addresses.
func correspondence(addresses []string) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("(m.from_address").In(addresses)
		for _, a := range addresses {
			named := "%" + query.EscapeLike(`"`+a+`"`) + "%"
			q.Add(` OR m.to_list LIKE ? ESCAPE '\' OR m.cc_list LIKE ? ESCAPE '\'`, named, named)
		}
		q.Add(")")
	}
}

func exchangedWith(ctx context.Context, db store.Queries, addresses []string) ([]exchanged, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	return query.All(ctx, db, func(r store.Row) (e exchanged, err error) {
		return e, r.Scan(&e.id, &e.mailbox, &e.folder, &e.blob, &e.uid, &e.at)
	}, query.New("SELECT m.id, m.mailbox, m.folder, m.blob, m.uid, m.received_at FROM mail_message m WHERE ").
		With(correspondence(addresses)).Add(" ORDER BY m.mailbox, m.folder, m.uid"))
}

// With are the ids of all messages from or to these addresses, in all mailboxes.
func (b *Box) With(ctx context.Context, addresses []string) (ids []string, err error) {
	list, err := exchangedWith(ctx, b.db, addresses)
	for _, e := range list {
		ids = append(ids, e.id)
	}
	return ids, err
}

// EraseWith removes all messages from or to these addresses out of all mailboxes, and what else names them: the queue
// to them, addresses that don't exist, who was told that one is away. Searches forget the words (his names, numbers and
// addresses) of these messages. It may be done again.
func (b *Box) EraseWith(ctx context.Context, addresses, words []string) error {
	list, err := exchangedWith(ctx, b.db, addresses)
	if err != nil {
		return err
	}
	for len(list) > 0 {
		n := slices.IndexFunc(list, func(e exchanged) bool { return e.mailbox != list[0].mailbox })
		if n < 0 {
			n = len(list)
		}
		if err := b.eraseIn(ctx, list[:n], words); err != nil {
			return fmt.Errorf("erase mails: %w", err)
		}
		b.Changed(list[0].mailbox)
		list = list[n:]
	}
	return b.eraseNamed(ctx, addresses)
}

// eraseIn removes messages of one mailbox.
func (b *Box) eraseIn(ctx context.Context, list []exchanged, words []string) error {
	return b.change(ctx, list[0].mailbox, func(tx *store.Tx) error {
		var at []int64
		for len(list) > 0 {
			f := Folder{ID: list[0].folder, Mailbox: list[0].mailbox}
			var uids []uint32
			var blobs []string
			for len(list) > 0 && list[0].folder == f.ID {
				uids, blobs, at = append(uids, list[0].uid), append(blobs, list[0].blob), append(at, list[0].at)
				list = list[1:]
			}
			if err := remove(ctx, tx, f, uids); err != nil {
				return err
			}
			if err := dropHeads(ctx, tx, blobs); err != nil {
				return err
			}
			if len(list) == 0 {
				return b.index.Forget(ctx, tx, f.Mailbox, wordsOf(words), at)
			}
		}
		return nil
	})
}

// dropHeads deletes what is known of contents that no message has any more.
func dropHeads(ctx context.Context, tx *store.Tx, blobs []string) error {
	for some := range slices.Chunk(blobs, chunk) {
		q := query.New("DELETE FROM mail_head WHERE blob").In(some).
			Add(" AND NOT EXISTS (SELECT 1 FROM mail_message m WHERE m.blob = mail_head.blob)")
		if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
			return err
		}
	}
	return nil
}

// eraseNamed deletes what names addresses beside messages.
func (b *Box) eraseNamed(ctx context.Context, addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	lower := make([]string, len(addresses))
	for i, a := range addresses {
		lower[i] = strings.ToLower(a)
	}
	return b.db.Tx(ctx, func(tx *store.Tx) error {
		for _, statement := range []string{
			"DELETE FROM mail_out WHERE id IN (SELECT out_id FROM mail_out_rcpt WHERE lower(address)",
			"DELETE FROM mail_dead WHERE (address", "DELETE FROM mail_away_told WHERE (address",
		} {
			q := query.New(statement).In(lower).Add(")")
			if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// wordsOf are the words that searches of mail know texts by.
func wordsOf(texts []string) (words []string) {
	for _, t := range texts {
		words = append(words, find.Words(t)...)
	}
	return words
}
