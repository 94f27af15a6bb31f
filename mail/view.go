package mail

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"frontdesk/store"
)

// Snapshot reads a folder as a session selects it: the folder and the state of all its messages by UID, at one moment.
func (b *Box) Snapshot(ctx context.Context, folderID string) (f Folder, states []State, err error) {
	// The states are read after the folder's row: those newer than its ModSeq come again with Changes.
	if f, err = b.FolderByID(ctx, folderID); err != nil {
		return f, nil, err
	}
	rows, err := b.db.Query(ctx, `SELECT `+stateColumns+` FROM mail_message WHERE folder = $1 ORDER BY uid`, folderID)
	states, err = store.Collect(rows, err, scanState)
	return f, states, err
}

// Changes reads what happened in a folder after a mod-sequence: new and changed messages by UID, the UIDs that left,
// and the mod-sequence to go on from. ErrNotFound when the folder is gone.
func (b *Box) Changes(ctx context.Context, folderID string,
	since int64) (changed []State, gone []uint32, modseq int64, err error) {
	f, err := b.FolderByID(ctx, folderID)
	if err != nil || f.ModSeq == since {
		return nil, nil, since, err
	}
	rows, err := b.db.Query(ctx, `SELECT uid FROM mail_expunged WHERE folder = $1 AND modseq > $2 AND modseq <= $3 ORDER BY uid`, folderID, since, f.ModSeq)
	if gone, err = store.Collect(rows, err, one[uint32]); err != nil {
		return nil, nil, since, err
	}
	rows, err = b.db.Query(ctx, `SELECT `+stateColumns+
		` FROM mail_message WHERE folder = $1 AND modseq > $2 AND modseq <= $3 ORDER BY uid`, folderID, since, f.ModSeq)
	if changed, err = store.Collect(rows, err, scanState); err != nil {
		return nil, nil, since, err
	}
	return changed, gone, f.ModSeq, nil
}

// Left are the UIDs that left a folder after a mod-sequence, by UID; whole is false when that was so long ago that some
// are forgotten.
func (b *Box) Left(ctx context.Context, folderID string, since int64) (uids []uint32, whole bool, err error) {
	var before int
	err = b.db.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM mail_expunged WHERE folder = $1 AND modseq <= $2 LIMIT 1) known`,
		folderID, since).Scan(&before)
	if err != nil || before == 0 {
		return nil, false, err
	}
	rows, err := b.db.Query(ctx, `SELECT uid FROM mail_expunged WHERE folder = $1 AND modseq > $2 ORDER BY uid`, folderID,
		since)
	uids, err = store.Collect(rows, err, one[uint32])
	return uids, true, err
}

// Stored is where a message's bytes are.
type Stored struct {
	ID       string
	UID      uint32
	Blob     string
	Size     int64
	Received time.Time

	// With WithKept; nil: read the message.
	Head      []byte // the fields of its header that are InHead, as they stand there
	Envelope  []byte // as IMAP says it
	Structure []byte // BODYSTRUCTURE of IMAP
}

// Stored finds messages of a folder by UID.
func (b *Box) Stored(ctx context.Context, folderID string, uids []uint32) (list []Stored, err error) {
	return b.stored(ctx, `SELECT m.id, m.uid, m.blob, m.size, m.received_at, NULL, NULL, NULL FROM mail_message m WHERE m.folder = $1 AND m.uid `,
		folderID, uids)
}

func (b *Box) stored(ctx context.Context, query, folderID string, uids []uint32) (list []Stored, err error) {
	for part := range slices.Chunk(slices.Sorted(slices.Values(uids)), chunk) {
		where, args := among(folderID, part)
		rows, err := b.db.Query(ctx, query+where+` ORDER BY m.uid`, args...)
		more, err := store.Collect(rows, err, func(row store.Row) (s Stored, err error) {
			var at int64
			err = row.Scan(&s.ID, &s.UID, &s.Blob, &s.Size, &at, &s.Head, &s.Envelope, &s.Structure)
			s.Received = store.Time(at)
			return s, err
		})
		if err != nil {
			return nil, err
		}
		list = append(list, slices.DeleteFunc(more, func(s Stored) bool {
			_, asked := slices.BinarySearch(part, s.UID)
			return !asked
		})...)
	}
	return list, nil
}

// among is the condition for UIDs, in rising order. Where they are most of a range, it is that range: others
// may be in it, too.
func among(folderID string, uids []uint32) (where string, args []any) {
	first, last := uids[0], uids[len(uids)-1]
	if int64(last)-int64(first) < 2*int64(len(uids)) {
		return `BETWEEN $2 AND $3`, []any{folderID, first, last}
	}
	marks, args := in([]any{folderID}, padded(uids))
	return `IN ` + marks, args
}

// Open reads the bytes of a stored message.
func (b *Box) Open(ctx context.Context, s Stored) (io.ReadSeekCloser, error) {
	r, err := b.blobs.Open(ctx, s.Blob)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", s.ID, err)
	}
	return r, nil
}

// PutBlob stores the bytes of a message to be; they survive a crash when it returns.
func (b *Box) PutBlob(ctx context.Context, r io.Reader) (key string, size int64, err error) {
	return b.blobs.Put(ctx, r)
}

// Usage is how much a folder holds.
type Usage struct {
	Bytes        int64
	Deleted      int64 // messages flagged Deleted
	DeletedBytes int64
}

// Usage measures a folder.
func (b *Box) Usage(ctx context.Context, folderID string) (u Usage, err error) {
	err = b.db.QueryRow(ctx, `SELECT CAST(coalesce(sum(size), 0) AS BIGINT), count(*) FILTER (WHERE deleted), CAST(coalesce(sum(size) FILTER (WHERE deleted), 0) AS BIGINT)
		FROM mail_message WHERE folder = $1`, folderID).Scan(&u.Bytes, &u.Deleted, &u.DeletedBytes)
	return u, err
}
