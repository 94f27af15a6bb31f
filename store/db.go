// Package store is the ground under every room: one SQL database (SQLite or PostgreSQL) and jobs.
//
// SQL is written once for both engines: $1 placeholders, ids made by NewID, times bound by the
// application as microseconds, booleans as BOOLEAN, JSON in TEXT. The few constructs that differ are in dialect.go.
// Doors may get any bytes: what a query binds as a string is made text here, see Text.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Queries runs SQL: a *DB outside a transaction, a *Tx inside one.
type Queries interface {
	Exec(ctx context.Context, query string, args ...any) (sql.Result, error)
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) Row
	Dialect() Dialect
	enqueue(ctx context.Context, add Statement) error
}

// DB is an open database whose schema is up to date. It is safe for concurrent use. Who waits for whom is said by the
// context, see Class.
type DB struct {
	write   *sql.DB
	read    *sql.DB // the same pool as write on PostgreSQL
	writing *gate
	reading *gate // the same as writing on PostgreSQL
	dialect Dialect
	told    *Bell // rings when a transaction was committed that told an event
	due     bells // ring by kind when one was committed that added a job
	commits [classes]atomic.Int64

	stop  context.CancelFunc // ends the tasks
	tasks sync.WaitGroup
}

// Dialect tells which engine runs.
func (db *DB) Dialect() Dialect { return db.dialect }

// Ping fails when the database can't be reached.
func (db *DB) Ping(ctx context.Context) error { return db.write.PingContext(ctx) }

// Close closes the pools.
func (db *DB) Close() error {
	db.stop()
	db.tasks.Wait()
	if db.read != db.write {
		db.read.Close()
	}
	return db.write.Close()
}

// Exec runs one writing statement in a transaction of its own.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, done, err := enter(ctx, db.writing)
	if err != nil {
		return nil, err
	}
	defer done()
	result, err := db.write.ExecContext(ctx, query, clean(args)...)
	if err == nil {
		db.commits[askerOf(ctx).class].Add(1)
	}
	return result, because(ctx, err)
}

// Commits is how many transactions a class has written since the database was opened.
func (db *DB) Commits(class Class) int64 { return db.commits[class].Load() }

// Query reads. A statement that writes and returns rows (RETURNING) belongs in Tx.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	ctx, done, err := enter(ctx, db.reading)
	if err != nil {
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, query, clean(args)...)
	return rowsOf(ctx, rows, err, done)
}

// QueryRow reads one row; see Query.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := db.Query(ctx, query, args...)
	return first{rows, err}
}

// NewID makes a UUIDv7: unique, and ordered by the time it was made.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// IDsSince is not greater than any id of NewID since a time, and greater than all that were made before.
func IDsSince(at time.Time) string {
	ms := fmt.Sprintf("%012x", max(at.UnixMilli(), 0))
	return ms[:8] + "-" + ms[8:]
}

// Micros is t as the database keeps it: microseconds since 1970 UTC; the zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the inverse of Micros.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Now is the time as the database keeps it, so that what is returned equals what will be read.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// redact removes the password from a database URL, for logs and errors.
func redact(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(unreadable URL)"
	}
	return u.Redacted()
}
