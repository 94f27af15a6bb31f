package store

import (
	"context"
	"time"
)

// SQLite appends commits to a write-ahead log and copies them into the database file at a checkpoint. Left to itself,
// the commit that makes the log 1,000 pages long pays for that with tens of milliseconds. Here a reader's connection
// does it beside the writer, a little at a time, so that no fsync of it takes long; the writer steps in only when the
// log outgrows that.
const (
	checkpointEvery = 250 * time.Millisecond
	checkpointLimit = "64000" // pages of 4 KiB: 250 MB
)

// checkpoints runs until ctx ends. What one misses, the next or the writer finds.
func (db *DB) checkpoints(ctx context.Context) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			db.read.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
		}
	}
}
