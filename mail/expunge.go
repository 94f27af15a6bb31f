package mail

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"frontdesk/store"
)

// expungedKept is how long a folder remembers what left it; a session looks far more often.
const expungedKept = 7 * 24 * time.Hour

// Expunge removes the messages of a folder that are flagged Deleted: all, or with only set those of them. It returns
// the UIDs removed.
func (b *Box) Expunge(ctx context.Context, f Folder, only []uint32) (uids []uint32, err error) {
	err = b.change(ctx, f.Mailbox, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT uid FROM mail_message WHERE folder = $1 AND deleted ORDER BY uid`, f.ID)
		if uids, err = store.Collect(rows, err, one[uint32]); err != nil {
			return err
		}
		if only != nil {
			wanted := map[uint32]bool{}
			for _, uid := range only {
				wanted[uid] = true
			}
			uids = slices.DeleteFunc(uids, func(uid uint32) bool { return !wanted[uid] })
		}
		return remove(ctx, tx, f, uids)
	})
	if err != nil {
		return nil, fmt.Errorf("expunge: %w", err)
	}
	return uids, nil
}

// remove deletes messages of a folder and remembers that they left.
func remove(ctx context.Context, tx *store.Tx, f Folder, uids []uint32) error {
	if len(uids) == 0 {
		return nil
	}
	var total, unseen int
	var size int64
	for part := range slices.Chunk(uids, chunk) {
		n, u, s, err := removeChunk(ctx, tx, f, part)
		if err != nil {
			return err
		}
		total, unseen, size = total+n, unseen+u, size+s
	}
	modseq, err := touch(ctx, tx, f.ID, -total, -unseen)
	if err != nil {
		return err
	}
	if err := remember(ctx, tx, f.ID, uids, modseq); err != nil {
		return err
	}
	return reserve(ctx, tx, f.Mailbox, -size)
}

func removeChunk(ctx context.Context, tx *store.Tx, f Folder,
	uids []uint32) (total, unseen int, size int64, err error) {
	list, args := in([]any{f.ID}, uids)
	var sum sql.NullInt64
	err = tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE NOT seen), sum(size) FROM mail_message WHERE folder = $1 AND uid IN `+list, args...).
		Scan(&total, &unseen, &sum)
	if err != nil {
		return 0, 0, 0, err
	}
	list, drop := in([]any{store.Micros(time.Now()), f.ID}, uids)
	if err := dropBlobs(ctx, tx, `folder = $2 AND uid IN `+list, drop); err != nil {
		return 0, 0, 0, err
	}
	list, args = in([]any{f.ID}, uids)
	_, err = tx.Exec(ctx, `DELETE FROM mail_message WHERE folder = $1 AND uid IN `+list, args...)
	return total, unseen, sum.Int64, err
}

// dropBlobs notes the blobs of messages that are about to be deleted. args[0] is the time.
func dropBlobs(ctx context.Context, tx *store.Tx, where string, args []any) error {
	_, err := tx.Exec(ctx, `INSERT INTO mail_dropped (blob, at) SELECT DISTINCT blob, CAST($1 AS BIGINT) FROM mail_message WHERE `+where+`
		ON CONFLICT (blob) DO UPDATE SET at = excluded.at`, args...)
	return err
}

// remember notes that UIDs left a folder, and forgets what left it long ago.
func remember(ctx context.Context, tx *store.Tx, folder string, uids []uint32, modseq int64) error {
	now := time.Now()
	for _, uid := range uids {
		if _, err := tx.Exec(ctx, `INSERT INTO mail_expunged (folder, uid, modseq, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			folder, uid, modseq, store.Micros(now)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM mail_expunged WHERE folder = $1 AND at < $2`, folder,
		store.Micros(now.Add(-expungedKept)))
	return err
}

// removeAll empties a folder.
func removeAll(ctx context.Context, tx *store.Tx, f Folder) error {
	uids, err := allUIDs(ctx, tx, f.ID)
	if err != nil {
		return err
	}
	return remove(ctx, tx, f, uids)
}

func allUIDs(ctx context.Context, q store.Queries, folder string) ([]uint32, error) {
	rows, err := q.Query(ctx, `SELECT uid FROM mail_message WHERE folder = $1 ORDER BY uid`, folder)
	return store.Collect(rows, err, one[uint32])
}
