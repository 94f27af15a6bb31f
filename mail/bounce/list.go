package bounce

import (
	"context"
	"errors"
	"strings"
	"time"

	"frontdesk/mail/mime/coding"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Entry is an address that nobody writes to any more.
type Entry struct {
	Address string    `json:"address"`
	Status  string    `json:"status" doc:"RFC 3463, such as 5.1.1"`
	Answer  string    `json:"answer" doc:"What the other side said"`
	At      time.Time `json:"at"`
}

// List has the addresses that don't exist. It is safe for concurrent use by any number of nodes on one database.
type List struct{ db *store.DB }

// New opens the list over a migrated database.
func New(db *store.DB) *List { return &List{db} }

// maxAnswer is how much of an answer is kept, in characters.
const maxAnswer = 500

// Add puts an address on the list, if its failure means that it is dead.
func (l *List) Add(ctx context.Context, q store.Queries, f Failure) error {
	if !Dead(f.Status) {
		return nil
	}
	_, err := q.Exec(ctx, `INSERT INTO mail_dead (address, status, answer, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (address) DO UPDATE SET status = excluded.status, answer = excluded.answer, at = excluded.at`,
		strings.ToLower(f.Address), f.Status, coding.Clean(f.Answer, maxAnswer), store.Micros(time.Now()))
	return err
}

// Took reads a notice that came to mailboxes. Only one about a mail that one of them sent counts, or strangers could
// have
// anybody's address put on the list.
func (l *List) Took(ctx context.Context, mailboxes []string, raw []byte) error {
	failures := Read(raw)
	if len(failures) == 0 {
		return nil
	}
	ours, err := l.sent(ctx, mailboxes, About(raw))
	if err != nil || !ours {
		return err
	}
	for _, f := range failures {
		err = errors.Join(err, l.Add(ctx, l.db, f))
	}
	return err
}

// sent tells whether one of the mailboxes sent one of the messages.
func (l *List) sent(ctx context.Context, mailboxes, ids []string) (bool, error) {
	for _, mailbox := range mailboxes {
		for _, id := range ids {
			var n int
			if err := l.db.QueryRow(ctx, `SELECT count(*) FROM mail_message WHERE mailbox = $1 AND message_id = $2 AND outgoing`,
				mailbox, id).Scan(&n); err != nil || n > 0 {
				return n > 0, err
			}
		}
	}
	return false, nil
}

// Find is the entry of an address, if it is on the list.
func (l *List) Find(ctx context.Context, address string) (e Entry, found bool, err error) {
	list, err := l.entries(ctx, ` WHERE address = $1`, strings.ToLower(address))
	if err != nil || len(list) == 0 {
		return e, false, err
	}
	return list[0], true, nil
}

// Among are the entries of those of some addresses that are on the list.
func (l *List) Among(ctx context.Context, addresses []string) ([]Entry, error) {
	lower := make([]string, len(addresses))
	for i, a := range addresses {
		lower[i] = strings.ToLower(a)
	}
	return query.All(ctx, l.db, scan, query.New(columns+` WHERE address`).In(lower))
}

// All lists up to limit by address, after the one of a former page ("" at first).
func (l *List) All(ctx context.Context, after string, limit int) ([]Entry, error) {
	return l.entries(ctx, ` WHERE address > $1 ORDER BY address LIMIT $2`, after, limit)
}

func (l *List) entries(ctx context.Context, rest string, args ...any) ([]Entry, error) {
	rows, err := l.db.Query(ctx, columns+rest, args...)
	return store.Collect(rows, err, scan)
}

const columns = `SELECT address, status, answer, at FROM mail_dead`

func scan(row store.Row) (e Entry, err error) {
	var at int64
	err = row.Scan(&e.Address, &e.Status, &e.Answer, &at)
	e.At = store.Time(at)
	return e, err
}

// Release takes an address off the list: it is written to again.
func (l *List) Release(ctx context.Context, address string) error {
	_, err := l.db.Exec(ctx, `DELETE FROM mail_dead WHERE address = $1`, strings.ToLower(address))
	return err
}
