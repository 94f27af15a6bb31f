package find

import (
	"context"
	"slices"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Forget takes words of messages that are gone out of a mailbox's index: by when they were received.
func (x *Index) Forget(ctx context.Context, tx *store.Tx, mailbox string, words []string, gone []int64) error {
	slices.Sort(words)
	for _, word := range slices.Compact(words) {
		type row struct {
			part  int64
			times string
		}
		rows, err := query.All(ctx, tx, func(r store.Row) (w row, err error) { return w, r.Scan(&w.part, &w.times) },
			query.New("SELECT part, times FROM mail_word WHERE mailbox = ? AND word = ?", mailbox, []byte(word)))
		if err != nil {
			return err
		}
		for _, w := range rows {
			list, err := times(w.times)
			if err != nil {
				return err
			}
			var left []byte
			for _, at := range list {
				if !slices.Contains(gone, at) {
					left = appendTime(left, at)
				}
			}
			statement, args := "DELETE FROM mail_word WHERE mailbox = $1 AND part = $2 AND word = $3",
				[]any{mailbox, w.part, []byte(word)}
			if len(left) > 0 {
				statement, args = "UPDATE mail_word SET times = $4 WHERE mailbox = $1 AND part = $2 AND word = $3",
					append(args, string(left))
			}
			if _, err := tx.Exec(ctx, statement, args...); err != nil {
				return err
			}
		}
	}
	return nil
}
