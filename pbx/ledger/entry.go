package ledger

import (
	"context"

	"frontdesk/store"
)

// Entry writes down what becomes of a call or a visit: one line after the other, and never on the goroutine of the
// call, so that no leg waits for the database to ring, to be answered or to hang up. Lines are values: what the call
// does next doesn't change them. Lines that many calls have at one moment are written together, see writer.
type Entry struct {
	lines
	writer *writer

	begun bool          // the record stands in SQL; known once tried
	tried chan struct{} // closed when the beginning was written, or could not be
}

// add writes a line after those before it. Not after Close.
func (e *Entry) add(l line) { e.writer.add(&e.lines, l) }

// gathers tells whether what no leg waits for is written with the lines of others.
func (e *Entry) gathers() bool { return e.writer.config.Gather > 0 }

// Begin writes the record of a call that has come. One that can't be written now is written at the end of the call:
// the call goes on. Here as in the other lines, events are told in the transaction that writes the line, and where
// that fails with the next one that is written.
func (e *Entry) Begin(r Record, events ...store.Event) {
	r = r.clone()
	e.call = r.ID
	e.add(line{opens: &r, events: events,
		write: func(b *batch, s *state) error { b.people(&r, s); return nil },
		after: func(written bool) {
			e.begun = written
			close(e.tried)
		}})
}

// Tell tells what lasts a moment only, after what was written before.
func (e *Entry) Tell(events ...store.Event) { e.add(line{waits: true, events: events}) }

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

// Step writes the steps that have begun or ended since; of no entry nothing is written.
func (e *Entry) Step(r Record) {
	if e == nil {
		return
	}
	r = r.clone()
	e.add(line{waits: true, steps: true, onlySteps: true,
		write: func(b *batch, s *state) error { return b.steps(&r, s) }})
}

// Answered writes who takes part and since when, and tells of a call that it is answered. A record that another node
// has ended meanwhile, because this one was silent for too long, stays as it is.
func (e *Entry) Answered(r Record, events ...store.Event) {
	r = r.clone()
	e.add(line{asks: r.ID, waits: e.gathers(), steps: true, events: events,
		write: func(b *batch, s *state) error { return b.answer(&r, s) }})
}

// Conclude writes and tells the end of the call; written is closed after the first try. What fails is tried again until
// it stands or the ledger closes, in which case the next start ends the record. What the database refuses though it is
// there is kept aside.
func (e *Entry) Conclude(r Record) (written <-chan struct{}) {
	done := make(chan struct{})
	r = r.clone()
	e.add(line{opens: &r, asks: r.ID, waits: e.gathers(), steps: true, last: true,
		write: func(b *batch, s *state) error { return b.conclude(&r, s) },
		after: func(bool) { close(done) }})
	return done
}
