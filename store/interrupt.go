package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"runtime"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The SQLite driver interrupts a query whose context ends until its first line is there, and not on the way to the next
// ones, which may take as long.

// handleOf is SQLite's own name of a connection.
func handleOf(conn driver.Conn) (uintptr, error) {
	v := reflect.Indirect(reflect.ValueOf(conn))
	if v.Kind() == reflect.Struct {
		if handle := v.FieldByName("db"); handle.Kind() == reflect.Uintptr {
			return uintptr(handle.Uint()), nil
		}
	}
	return 0, fmt.Errorf("the SQLite driver's %T hides what this program interrupts it by", conn)
}

// interruptible are lines that end when ctx does. What stop waits for keeps the interruption off the connection's next
// query.
type interruptible struct {
	driver.Rows
	ctx   context.Context
	stop  func() bool
	over  chan struct{}
	yield bool // the work is of a class that lets others go first
	lines int
}

// yieldEvery is after how many lines the others are let go first: Go itself takes a core away only after 10 ms, which a
// call would wait for.
const yieldEvery = 32

func newInterruptible(ctx context.Context, handle uintptr, rows driver.Rows) driver.Rows {
	if ctx.Done() == nil {
		return rows
	}
	r := &interruptible{Rows: rows, ctx: ctx, over: make(chan struct{}), yield: askerOf(ctx).class >= Screens}
	r.stop = context.AfterFunc(ctx, func() {
		defer close(r.over)
		tls := libc.NewTLS()
		defer tls.Close()
		sqlite3.Xsqlite3_interrupt(tls, handle)
	})
	return r
}

func (r *interruptible) Next(dest []driver.Value) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.lines++; r.yield && r.lines%yieldEvery == 0 {
		runtime.Gosched()
	}
	return r.Rows.Next(dest)
}

func (r *interruptible) Close() error {
	if !r.stop() {
		<-r.over
	}
	return r.Rows.Close()
}
