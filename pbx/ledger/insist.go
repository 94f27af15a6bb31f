package ledger

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/store"
)

// maxRefused is how often a database that is there may refuse the end of a call before it is given up.
const maxRefused = 8

// insist tries again to write the end of a call until the ledger closes; after that the next start closes the record.
func (c *core) insist(r Record, try func() error) {
	refused := 0
	for attempt := 1; ; attempt++ {
		select {
		// 16 s at most: people look for the call as soon as the database is back
		case <-time.After(store.Backoff(min(attempt, 5))):
		case <-c.ctx.Done():
			return
		}
		err := try()
		if err == nil {
			return
		}
		c.log.Error("record of the call's end", "call", r.ID, "err", err)
		if c.reached() {
			refused++
		}
		if refused >= maxRefused {
			c.keepAside(r)
			return
		}
	}
}

// reached tells whether the database answers at all.
func (c *core) reached() bool {
	ctx, cancel := context.WithTimeout(c.ctx, writeLimit)
	defer cancel()
	var one int
	return c.db.QueryRow(ctx, `SELECT 1`).Scan(&one) == nil
}

// unwrittenJob is the kind of the dead jobs that keep what the database refused: {the record}.
const unwrittenJob = "pbx.unwritten"

// keepAside gives a record up that the database refuses, for a person to see.
func (c *core) keepAside(r Record) {
	c.unwritten.Inc()
	whole, err := json.Marshal(r)
	c.log.Error("record of a call given up", "record", string(whole), "err", err)
	ctx, cancel := context.WithTimeout(c.ctx, writeLimit)
	defer cancel()
	if err := store.Enqueue(ctx, c.db, unwrittenJob, r, store.JobOptions{Dead: true}); err != nil {
		c.log.Error("record of a call not kept aside", "call", r.ID, "err", err)
	}
}
