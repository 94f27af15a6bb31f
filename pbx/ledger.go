package pbx

import (
	"context"
	"slices"
	"sync"
	"time"
)

// ledger writes down what becomes of a call or a visit: one entry after the other, and never on the goroutine of the call, so that no
// leg waits for the database to ring, to be answered or to hang up. Entries are values: what the call does next doesn't change them.
type ledger struct {
	x *Exchange

	mu      sync.Mutex
	waiting []func()
	writing bool

	begun bool          // the record stands in SQL; known once tried
	tried chan struct{} // closed when its beginning was written, or could not be
}

func (x *Exchange) newLedger() *ledger { return &ledger{x: x, tried: make(chan struct{})} }

// add writes an entry after those before it. The caller is a goroutine of the exchange, which Close waits for.
func (l *ledger) add(entry func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, entry)
	if !l.writing {
		l.writing = true
		l.x.running.Go(l.write)
	}
}

func (l *ledger) write() {
	for entry := l.next(); entry != nil; entry = l.next() {
		entry()
	}
}

func (l *ledger) next() (entry func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.writing = false
		return nil
	}
	entry, l.waiting = l.waiting[0], l.waiting[1:]
	return entry
}

// begin writes the record of a call that has come. One that can't be written now is written at the end of the call: the call goes on.
func (l *ledger) begin(r Record) {
	r = r.clone()
	l.add(func() {
		l.begun = l.x.begin(&r)
		close(l.tried)
	})
}

// opened waits for the beginning, but no longer than a caller waits for the CRM: whoever hears of a call may look for its record.
func (l *ledger) opened() { waitFor(l.tried, lookupLimit) }

// stands waits for the beginning while ctx lasts, and tells whether it is written: what a call takes is given back by its record's end.
func (l *ledger) stands(ctx context.Context) bool {
	select {
	case <-l.tried:
		return l.begun
	case <-ctx.Done():
		return false
	}
}

// answered writes who takes part and since when.
func (l *ledger) answered(r Record) {
	r = r.clone()
	l.add(func() {
		if l.begun {
			l.x.noteAnswer(&r)
		}
	})
}

// conclude writes the end of the call; written is closed after the first try. What fails is tried again until it stands or the exchange
// closes, in which case the next start ends the record. What the database refuses though it is there is kept aside.
func (l *ledger) conclude(r Record) (written <-chan struct{}) {
	done := make(chan struct{})
	r = r.clone()
	l.add(func() {
		ok := l.x.conclude(r, l.begun)
		close(done)
		if !ok {
			l.x.concludeLater(r, l.begun)
		}
	})
	return done
}

// giveBack releases a line of a trunk, nil for none.
func (l *ledger) giveBack(line *line) {
	if line != nil {
		l.add(func() { l.x.release(line) })
	}
}

// clone shares nothing with r that a call changes.
func (r Record) clone() Record {
	r.Users, r.Rang, r.Guests = slices.Clone(r.Users), slices.Clone(r.Rang), slices.Clone(r.Guests)
	return r
}

// endPatience is how long the end of a call is shown later than it is, so that whoever reads the history then finds it there.
const endPatience = time.Second

// waitFor waits until done is closed, at most for so long.
func waitFor(done <-chan struct{}, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
