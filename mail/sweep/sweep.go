// Package sweep deletes contents that nothing refers to any more: of mails, and of what else is kept in the same store.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/query"
)

// A blob's key is its content, so a message may come back to a blob that is about to be deleted: a mail program moves
// it to another account and back, or a node stores it just while another one sweeps. No clock decides such a race, but
// the blob's row in mail_dropped, which both sides lock:
//
//	waiting   it lost a message; who stores one with it again takes the row away
//	sweeping  it is being deleted (swept_at); whoever stores a message with it fails and has to put the content again
//	gone      it was deleted (gone_at); whoever put it before that fails, whoever put it again takes the row away
const (
	sweepBatch = 1000
	deleteTime = time.Minute // of one blob
	// a deletion that did not end by then is begun again: its node died or its store was away
	abandonedFor = time.Hour
	goneKept     = 24 * time.Hour // far longer than any content waits between its storing and its message
)

// ErrSwept: the content was deleted between its storing and its message. Storing it again helps; SMTP answers 4xx.
var ErrSwept = errors.New("the message's content was being deleted: try again")

// Sweeper deletes them. It is safe for concurrent use by any number of nodes on one database.
type Sweeper struct {
	db    *store.DB
	blobs blob.Store
	log   *slog.Logger
}

// New makes one.
func New(db *store.DB, blobs blob.Store, log *slog.Logger) *Sweeper { return &Sweeper{db, blobs, log} }

// Sweep deletes blobs that lost their last message longer than age ago. kept, when set, is asked whether another room
// still needs one. It returns how many it deleted. Any number of nodes may sweep at once.
func (s *Sweeper) Sweep(ctx context.Context, age time.Duration,
	kept func(ctx context.Context, blob string) (bool, error)) (deleted int, err error) {
	now := time.Now()
	if _, err := s.db.Exec(ctx, `DELETE FROM mail_dropped WHERE gone_at > 0 AND gone_at < $1`,
		store.Micros(now.Add(-goneKept))); err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	for {
		n, err := s.sweepSome(ctx, now, age, kept)
		deleted += n
		if err != nil {
			return deleted, fmt.Errorf("sweep: %w", err)
		}
		if n == 0 {
			return deleted, nil
		}
	}
}

func (s *Sweeper) sweepSome(ctx context.Context, now time.Time, age time.Duration,
	kept func(context.Context, string) (bool, error)) (deleted int, err error) {
	rows, err := s.db.Query(ctx, `SELECT blob, at, swept_at FROM mail_dropped WHERE gone_at = 0 AND at < $1 AND swept_at <= $2 ORDER BY at LIMIT $3`,
		store.Micros(now.Add(-age)), store.Micros(now.Add(-abandonedFor)), sweepBatch)
	list, err := store.Collect(rows, err, scanDropped)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		gone, err := s.sweepOne(ctx, d, kept)
		if err != nil {
			return deleted, fmt.Errorf("%s: %w", d.blob, err)
		}
		if gone {
			deleted++
		}
	}
	return deleted, nil
}

// dropped is a blob that lost a message.
type dropped struct {
	blob  string
	at    int64
	swept int64
}

func scanDropped(row store.Row) (d dropped, err error) {
	return d, row.Scan(&d.blob, &d.at, &d.swept)
}

func (s *Sweeper) sweepOne(ctx context.Context, d dropped,
	kept func(context.Context, string) (bool, error)) (bool, error) {
	keep, err := s.needed(ctx, d.blob, kept)
	if err != nil {
		return false, err
	}
	if keep { // at: unless it just lost that message too
		_, err := s.db.Exec(ctx, `DELETE FROM mail_dropped WHERE blob = $1 AND at = $2 AND swept_at = 0`, d.blob, d.at)
		return false, err
	}
	claim, err := s.db.Exec(ctx, `UPDATE mail_dropped SET swept_at = $4 WHERE blob = $1 AND at = $2 AND swept_at = $3
		AND NOT EXISTS (SELECT 1 FROM mail_message WHERE blob = $1)`, d.blob, d.at, d.swept, store.Micros(time.Now()))
	if err != nil {
		return false, err
	}
	if n, err := claim.RowsAffected(); err != nil || n == 0 { // another node has it, or a message came
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, deleteTime)
	defer cancel()
	if err := s.blobs.Delete(ctx, d.blob); err != nil {
		return false, err
	}
	if _, err := s.db.Exec(ctx, `DELETE FROM mail_head WHERE blob = $1`, d.blob); err != nil {
		return false, err
	}
	_, err = s.db.Exec(ctx, `UPDATE mail_dropped SET gone_at = $2 WHERE blob = $1 AND swept_at > 0`, d.blob,
		store.Micros(time.Now()))
	return true, err
}

func (s *Sweeper) needed(ctx context.Context, blob string,
	kept func(context.Context, string) (bool, error)) (bool, error) {
	var n int
	if err := s.db.QueryRow(ctx, `SELECT count(*) FROM mail_message WHERE blob = $1`, blob).Scan(&n); err != nil ||
		n > 0 {
		return n > 0, err
	}
	if kept == nil {
		return false, nil
	}
	return kept(ctx, blob)
}

// Unclaimed leaves the blob of a message that was not stored to the sweep; it looks whether another one has it.
func (s *Sweeper) Unclaimed(blob string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := s.db.Exec(ctx, `INSERT INTO mail_dropped (blob, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, blob,
		store.Micros(time.Now())); err != nil {
		s.log.Warn("the content of a refused message stays", "blob", blob, "err", err)
	}
}

// Keep saves the blobs of messages that are being stored from the sweep, or fails with ErrSwept.
func (s *Sweeper) Keep(ctx context.Context, tx *store.Tx, blobs []string) error {
	type dropped struct {
		blob        string
		swept, gone int64
	}
	q := query.New(`DELETE FROM mail_dropped WHERE blob`).In(blobs).Add(` RETURNING blob, swept_at, gone_at`)
	saved, err := query.All(ctx, tx, func(row store.Row) (d dropped, err error) {
		return d, row.Scan(&d.blob, &d.swept, &d.gone)
	}, q)
	for i := 0; err == nil && i < len(saved); i++ {
		switch d := saved[i]; {
		case d.gone > 0:
			err = s.putAgain(ctx, d.blob)
		case d.swept > 0:
			err = ErrSwept
		}
	}
	return err
}

// putAgain fails with ErrSwept when a blob that was deleted is not there again.
func (s *Sweeper) putAgain(ctx context.Context, blob string) error {
	_, err := s.blobs.Size(ctx, blob)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrSwept
	}
	return err
}
