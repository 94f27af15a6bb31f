package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A cursor is a reader of the events that the company has under a name, not a node: each event is taken once, in order,
// by whichever node finds the cursor behind. It moves in the transaction that writes what came of the events, so a node
// that dies leaves no event taken twice, and none out.

// Take writes what comes of a batch of events, in the transaction that moves the cursor, and does nothing else: it may
// run again.
type Take func(ctx context.Context, tx *Tx, cursor string, batch []Told) error

// ErrNotNow is returned by a Take that has no room: the cursor stays where it is, until the next look.
var ErrNotNow = errors.New("the events are taken later")

// StartCursor begins a cursor after what is numbered now; one that is there stays where it is.
func StartCursor(ctx context.Context, q Queries, name string) error {
	_, err := q.Exec(ctx, `INSERT INTO event_cursor (name, seq) SELECT CAST($1 AS TEXT), seq FROM event_counter WHERE id = 1
		ON CONFLICT DO NOTHING`, name)
	return err
}

// EndCursor forgets a cursor.
func EndCursor(ctx context.Context, q Queries, name string) error {
	_, err := q.Exec(ctx, `DELETE FROM event_cursor WHERE name = $1`, name)
	return err
}

// Follow moves the cursors whose names begin with prefix until ctx ends: those of what this node numbers at once, and,
// as another may have died between, all that are behind when it looks.
func (l *EventLog) Follow(ctx context.Context, prefix string, take Take) {
	poll := time.NewTicker(outboxPoll)
	defer poll.Stop()
	for {
		rung := l.numbered.Wait() // before looking, so that nothing is missed between
		if err := l.catchUp(ctx, prefix, take); err != nil && ctx.Err() == nil {
			l.log.Error("events are not taken yet", "by", prefix, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-rung:
		case <-poll.C:
		}
	}
}

func (l *EventLog) catchUp(ctx context.Context, prefix string, take Take) error {
	rows, err := l.db.Query(ctx, `SELECT name FROM event_cursor WHERE name LIKE $1
		AND seq < (SELECT seq FROM event_counter WHERE id = 1) ORDER BY name`, prefix+"%")
	behind, err := Collect(rows, err, func(row Row) (name string, err error) { return name, row.Scan(&name) })
	for _, name := range behind {
		for more := true; more && ctx.Err() == nil; {
			var failed error
			more, failed = l.advance(ctx, name, take)
			if !errors.Is(failed, ErrNotNow) {
				err = errors.Join(err, failed)
			}
		}
	}
	return err
}

// advance has a batch taken.
func (l *EventLog) advance(ctx context.Context, name string, take Take) (more bool, err error) {
	err = l.db.Tx(ctx, func(tx *Tx) error {
		more = false
		var at, last int64
		// one node at a time
		err := tx.QueryRow(ctx, `UPDATE event_cursor SET seq = seq WHERE name = $1 RETURNING seq`, name).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) { // it has ended
			return nil
		}
		if err == nil { // before the events: those with numbers up to it can be read
			err = tx.QueryRow(ctx, `SELECT seq FROM event_counter WHERE id = 1`).Scan(&last)
		}
		if err != nil {
			return err
		}
		batch, further, err := after(ctx, tx, at)
		if err != nil {
			return err
		}
		if len(batch) > 0 {
			last = batch[len(batch)-1].Seq
			if err := take(ctx, tx, name, batch); err != nil {
				return err
			}
		}
		more = further
		_, err = tx.Exec(ctx, `UPDATE event_cursor SET seq = $1 WHERE name = $2`, last, name)
		return err
	})
	return more && err == nil, err
}
