package ledger

import (
	"context"
	"sync"

	"frontdesk/store"
)

// Entry writes down what becomes of a call or a visit: one line after the other, and never on the goroutine of the
// call, so that no leg waits for the database to ring, to be answered or to hang up. Lines are values: what the call
// does next doesn't change them.
type Entry struct {
	book *Ledger

	mu      sync.Mutex
	waiting []func()
	writing bool

	// Of the line that is being written.
	begun  bool          // the record stands in SQL; known once tried
	noted  int           // so many steps stand there to their end
	untold []store.Event // that could not be told yet
	tried  chan struct{} // closed when the beginning was written, or could not be
}

// Entry is a new one.
func (l *Ledger) Entry() *Entry { return &Entry{book: l, tried: make(chan struct{})} }

// add writes a line after those before it. Not after Close.
func (e *Entry) add(line func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waiting = append(e.waiting, line)
	if !e.writing {
		e.writing = true
		e.book.running.Go(e.write)
	}
}

func (e *Entry) write() {
	for line := e.next(); line != nil; line = e.next() {
		line()
	}
}

func (e *Entry) next() (line func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.waiting) == 0 {
		e.writing = false
		return nil
	}
	line, e.waiting = e.waiting[0], e.waiting[1:]
	return line
}

// Begin writes the record of a call that has come. One that can't be written now is written at the end of the call:
// the call goes on. Here as in the other lines, events are told in the transaction that writes the line, and where
// that fails with the next one that is written.
func (e *Entry) Begin(r Record, events ...store.Event) {
	r = r.clone()
	e.add(func() {
		e.begun = e.tells(events, func(told []store.Event) bool { return e.book.begin(&r, told) })
		close(e.tried)
	})
}

// maxUntold bounds what waits to be told while the database is away; the oldest give way.
const maxUntold = 1000

// tells has a line written together with its events and those that could not be told before.
func (e *Entry) tells(events []store.Event, write func(told []store.Event) bool) (written bool) {
	e.untold = append(e.untold, events...)
	e.untold = e.untold[max(0, len(e.untold)-maxUntold):]
	if written = write(e.untold); written {
		e.untold = nil
	}
	return written
}

// goesOn writes a line after the beginning. While that is not written nothing is told of the call.
func (e *Entry) goesOn(events []store.Event, write func(told []store.Event) bool) (written bool) {
	return e.tells(events, func(told []store.Event) bool { return e.begun && write(told) })
}

// Tell tells what lasts a moment only, after what was written before.
func (e *Entry) Tell(events ...store.Event) {
	e.add(func() { e.goesOn(events, e.book.tell) })
}

// Tried is closed when the beginning is written, or could not be: whoever hears of a call may look for its record.
func (e *Entry) Tried() <-chan struct{} { return e.tried }

// stands waits for the beginning while ctx lasts, and tells whether it is written: what a call takes is given back by
// its record's end.
func (e *Entry) stands(ctx context.Context) bool {
	select {
	case <-e.tried:
		return e.begun
	case <-ctx.Done():
		return false
	}
}

// Step writes the steps that have begun or ended since.
func (e *Entry) Step(r Record) {
	r = r.clone()
	e.add(func() {
		if e.goesOn(nil, func(told []store.Event) bool { return e.book.noteSteps(&r, e.noted, told) }) {
			e.noted = r.endedSteps()
		}
	})
}

// Answered writes who takes part and since when, and tells of a call that it is answered.
func (e *Entry) Answered(r Record, events ...store.Event) {
	r = r.clone()
	e.add(func() {
		if e.goesOn(events, func(told []store.Event) bool { return e.book.noteAnswer(&r, e.noted, told) }) {
			e.noted = r.endedSteps()
		}
	})
}

// Conclude writes and tells the end of the call; written is closed after the first try. What fails is tried again until
// it stands or the ledger closes, in which case the next start ends the record. What the database refuses though it is
// there is kept aside.
func (e *Entry) Conclude(r Record) (written <-chan struct{}) {
	done := make(chan struct{})
	r = r.clone()
	e.add(func() {
		ok := e.book.conclude(r, e.begun, e.untold)
		close(done)
		if !ok {
			e.book.concludeLater(r, e.begun, e.untold)
		}
	})
	return done
}
