// Package ledger keeps what became of each call: its record, the lines of trunks that it took, and the search among all
// records.
package ledger

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/store"
)

// ErrNotFound: no such call.
var ErrNotFound = store.ErrNotFound

// Ledger is the records of all calls, and the hand that writes those of this node. It is safe for concurrent use.
type Ledger struct {
	*core
	writer *writer
	cancel context.CancelFunc // of core.ctx
}

// New opens the ledger. Recover should follow before calls arrive.
func New(c Config, db *store.DB, log *slog.Logger, reg prometheus.Registerer) *Ledger {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Ledger{cancel: cancel, core: &core{config: c, db: db, log: log, ctx: ctx,
		unwritten: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_pbx_unwritten_total",
			Help: "Ended calls whose record the database refused; kept as dead jobs."})}}
	reg.MustRegister(l.unwritten)
	l.writer = newWriter(l.core)
	l.running.Go(l.beat)
	return l
}

// Close waits for what is being written; all calls have ended. A record that the database does not take now is ended by
// the next start.
func (l *Ledger) Close() {
	l.cancel()
	l.running.Wait()
}

// beatInterval is how exactly the end of a call is known whose process was killed.
const beatInterval = 15 * time.Second

// beat notes that the calls of this node are alive.
func (l *Ledger) beat() {
	tick := time.NewTicker(beatInterval)
	defer tick.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case now := <-tick.C:
			// held in the order in which others hold several
			if _, err := l.db.Exec(l.ctx, `UPDATE call_record SET seen_at = $1 WHERE id IN (SELECT id FROM call_record
				WHERE node = $2 AND epoch = $3 AND ended_at = 0 ORDER BY id`+l.db.Dialect().ForUpdate()+`)`, store.Micros(now), l.config.Node, l.config.Epoch); err != nil && l.ctx.Err() == nil {
				l.log.Warn("heartbeat of the calls", "err", err)
			}
		}
	}
}

// Entry is a new one.
func (l *Ledger) Entry() *Entry { return &Entry{writer: l.writer, tried: make(chan struct{})} }
