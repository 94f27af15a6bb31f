package ledger

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/store"
)

// Config says whose calls are written down.
type Config struct {
	Node  string      // id of this node
	Epoch int64       // of this life of the node: its records are told from those of a dead process by it
	Jobs  *store.Jobs // run what an ended call leaves to be done; nil: whoever looks for it

	// Gather is how long an answer or an end, for which no leg waits, may wait for what other calls have to write: a
	// transaction costs a call more than all it writes. 0: they are written at once.
	Gather time.Duration
}

// core is what the ledger and its writer have in common.
type core struct {
	config    Config
	db        *store.DB
	log       *slog.Logger
	unwritten prometheus.Counter

	ctx     context.Context // ends at Close
	running sync.WaitGroup  // what is being written
}

// writeLimit is how long a record may take to be written.
const writeLimit = 10 * time.Second
