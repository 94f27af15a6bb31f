// Package ledger keeps what became of each call: its record, the lines of trunks that it took, and the search among all
// records.
package ledger

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/store"
)

// ErrNotFound: no such call.
var ErrNotFound = store.ErrNotFound

// Config says whose calls are written down.
type Config struct {
	Node  string      // id of this node
	Epoch int64       // of this life of the node: its records are told from those of a dead process by it
	Jobs  *store.Jobs // run what an ended call leaves to be done; nil: whoever looks for it
}

// Ledger is the records of all calls, and the hand that writes those of this node. It is safe for concurrent use.
type Ledger struct {
	config    Config
	db        *store.DB
	log       *slog.Logger
	unwritten prometheus.Counter
	writer    *writer

	ctx     context.Context // ends at Close
	cancel  context.CancelFunc
	running sync.WaitGroup // what is being written
}

// New opens the ledger. Recover should follow before calls arrive.
func New(c Config, db *store.DB, log *slog.Logger, reg prometheus.Registerer) *Ledger {
	l := &Ledger{config: c, db: db, log: log,
		unwritten: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_pbx_unwritten_total",
			Help: "Ended calls whose record the database refused; kept as dead jobs."})}
	reg.MustRegister(l.unwritten)
	l.writer = newWriter(l)
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.running.Go(l.beat)
	return l
}

// Close waits for what is being written; all calls have ended. A record that the database does not take now is ended by
// the next start.
func (l *Ledger) Close() {
	l.cancel()
	l.running.Wait()
}

// writeLimit is how long a record may take to be written.
const writeLimit = 10 * time.Second

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
