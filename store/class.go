package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Class says for whom the database works, and so who goes first: calls, then mail, then screens, then reports. Those
// who come in stand beside the screens, and strangers hold up nobody but strangers. Each class has its own share of the
// connections, so that whatever a lower one asks for, a higher one finds one free; the lower ones have a time limit
// too, and an answer when it is used up.
type Class int

const (
	Calls     Class = iota // and all that no context names otherwise
	Mail                   // accepting, delivering, IMAP, and the work that follows from calls and mails
	Doors                  // whose a log-in is that was good before, and what a tab is greeted with
	Screens                // what a person waits for in front of the workplace, and programs behind the API
	Strangers              // whose a log-in is that was never seen here, and may be made up
	Reports                // what nobody waits for: sweeps, sums over everything
	classes   = iota
)

// What a query of a lower class fails with, besides the errors of the database. The same may succeed in a moment.
var (
	ErrBusy    = errors.New("the database has too much to do for screens just now")
	ErrTooMany = errors.New("too many questions of one person wait for the database already")
	ErrTooLong = errors.New("the database was asked for more than it may take the time for")
)

// limits of a class; 0: none but those of the context.
type limits struct {
	wait time.Duration // for a connection: then ErrBusy
	run  time.Duration // of a query until its last line, or of a transaction: then ErrTooLong
	line int           // how many of one person may wait: then ErrTooMany
	all  int           // how many may wait: then ErrBusy
}

func newGate(places int, share [classes]int, each int) *gate {
	return &gate{free: places, share: share, each: each, limits: [classes]limits{
		Doors:     {wait: 5 * time.Second, run: 5 * time.Second, line: maxWaiting},
		Screens:   {wait: 3 * time.Second, run: 5 * time.Second, line: maxWaiting},
		Strangers: {wait: 3 * time.Second, run: 5 * time.Second, line: maxOffice, all: 4 * maxOffice},
		Reports:   {wait: time.Minute, run: time.Minute, line: maxWaiting},
	}}
}

type askerKey struct{}

// asker is what a context says of the queries under it.
type asker struct {
	class Class
	user  string // "": nobody in particular
}

// As marks the queries under the context as work of a class and, where there is one, of a person or, of Strangers, a
// network: from Doors on nobody gets more than his part.
func As(ctx context.Context, class Class, user string) context.Context {
	return context.WithValue(ctx, askerKey{}, asker{class, user})
}

func askerOf(ctx context.Context) asker {
	w, _ := ctx.Value(askerKey{}).(asker)
	return w
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

// because names the end of the context as the reason of an error that came with it: each engine words its own.
func because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return fmt.Errorf("%w (%w: %w)", context.Cause(ctx), ctx.Err(), err)
}

// Rows are the lines of a result; close them, or read to the end.
type Rows struct {
	*sql.Rows
	ctx   context.Context
	done  func() // also ends ctx: only what is decided before tells what ended the lines
	ended bool
	err   error // once ended
}

func rowsOf(ctx context.Context, rows *sql.Rows, err error, done func()) (*Rows, error) {
	if err != nil {
		err = because(ctx, err)
		done()
		return nil, err
	}
	return &Rows{Rows: rows, ctx: ctx, done: done}, nil
}

// Next moves to the next line; false at the end or on an error, see Err.
func (r *Rows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

// Err is what ended the lines, if it was not their end.
func (r *Rows) Err() error {
	if r.ended {
		return r.err
	}
	return because(r.ctx, r.Rows.Err())
}

// Scan reads the line.
func (r *Rows) Scan(dest ...any) error { return because(r.ctx, r.Rows.Scan(dest...)) }

// Close ends the reading; it may be called again.
func (r *Rows) Close() error {
	err := r.Rows.Close()
	if !r.ended {
		r.err, r.ended = r.Err(), true
		r.done()
	}
	return err
}

// first is the Row of a query: its first line.
type first struct {
	rows *Rows
	err  error
}

// Scan fails with sql.ErrNoRows where there is no line.
func (f first) Scan(dest ...any) error {
	if f.err != nil {
		return f.err
	}
	defer f.rows.Close()
	if !f.rows.Next() {
		if err := f.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := f.rows.Scan(dest...); err != nil {
		return err
	}
	return f.rows.Close()
}

// IsBusy tells whether a query failed for want of a place or of time alone: the same may succeed in a moment.
func IsBusy(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, ErrTooMany) || errors.Is(err, ErrTooLong)
}
