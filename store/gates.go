package store

import (
	"context"
	"runtime"
	"sync"
	"time"
)

func newGate(places int, share [classes]int, each int) *gate {
	return &gate{free: places, share: share, each: each, limits: [classes]limits{
		Doors:     {wait: 5 * time.Second, run: 5 * time.Second, line: maxWaiting},
		Screens:   {wait: 3 * time.Second, run: 5 * time.Second, line: maxWaiting},
		Strangers: {wait: 3 * time.Second, run: 5 * time.Second, line: maxOffice, all: 4 * maxOffice},
		Reports:   {wait: time.Minute, run: time.Minute, line: maxWaiting},
	}}
}

// readers are the connections of SQLite that read, besides the one that writes.
const readers = 10

// poolSize is how many connections a node has to PostgreSQL.
const poolSize = 24

// gateOfPool is that of the connections to PostgreSQL, which reads and writes share. A server works for each of them at
// the same time, often on the cores of this node.
func gateOfPool() *gate {
	return newGate(poolSize, [classes]int{Calls: poolSize, Mail: 8, Doors: 3, Screens: screens(), Strangers: 1,
		Reports: 2}, 2)
}

// gateOfReaders are those of SQLite, which works in this process.
func gateOfReaders() *gate {
	return newGate(readers, [classes]int{Calls: readers, Mail: 2, Doors: 1, Screens: screens(), Strangers: 1,
		Reports: 1}, 2)
}

// screens is how many queries of screens work at once: what people search for leaves a core to the calls.
func screens() int { return min(max(runtime.GOMAXPROCS(0)-1, 1), 6) }

// gateOfWriter has room for the one writer of SQLite: nobody overtakes who writes, but the next one is the first in
// rank.
func gateOfWriter() *gate {
	return newGate(1, [classes]int{1, 1, 1, 1, 1, 1}, 1)
}

// enter waits for a place at the gate. The context that it returns ends with the class's time; done gives the place
// back, and may be called again.
func enter(ctx context.Context, g *gate) (held context.Context, done func(), err error) {
	w := askerOf(ctx)
	limit := g.limits[w.class]
	if err := g.enter(ctx, w, limit.wait); err != nil {
		return nil, nil, err
	}
	cancel := func() {}
	if limit.run > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, limit.run, ErrTooLong)
	}
	return ctx, sync.OnceFunc(func() { cancel(); g.leave(w) }), nil
}
