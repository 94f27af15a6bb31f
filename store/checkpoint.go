package store

import (
	"context"
	"time"
)

// SQLite appends commits to a write-ahead log and copies them into the database file at a checkpoint. Left to itself,
// the commit that makes the log 1,000 pages long pays for that with tens of milliseconds. Here a reader's connection
// does it beside the writer, which only steps in when the log grows faster than that: see openSQLite.
const (
	checkpointEvery = time.Second
	checkpointLimit = "16000" // pages of 4 KiB in the log
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
