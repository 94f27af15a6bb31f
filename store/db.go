// Package store is the ground under every room: one SQL database (SQLite or PostgreSQL), blobs and jobs.
//
// SQL is written once for both engines: $1 placeholders, ids made by NewID, times bound by the
// application as microseconds, booleans as BOOLEAN, JSON in TEXT. The few constructs that differ are in dialect.go.
// Doors may get any bytes: what a query binds as a string is made text here, see Text.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
)

// Queries runs SQL: a *DB outside a transaction, a *Tx inside one.
type Queries interface {
	Exec(ctx context.Context, query string, args ...any) (sql.Result, error)
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) Row
	Dialect() Dialect
}

// DB is an open database whose schema is up to date. It is safe for concurrent use. Who waits for whom is said by the context, see Class.
type DB struct {
	write   *sql.DB
	read    *sql.DB // the same pool as write on PostgreSQL
	writing *gate
	reading *gate // the same as writing on PostgreSQL
	dialect Dialect
	told    *Bell // rings when a transaction was committed that told an event

	stop  context.CancelFunc // ends the tasks
	tasks sync.WaitGroup
}

// Open opens and migrates the database at rawURL: "sqlite:///path/to/file.db" or "postgres://…".
func Open(ctx context.Context, rawURL string) (*DB, error) {
	db, err := connect(rawURL, false)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", redact(rawURL), err)
	}
	if err := migrate(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("database %s: %w", redact(rawURL), err)
	}
	return db, nil
}

// connect opens a database as it is.
func connect(rawURL string, readOnly bool) (*DB, error) {
	switch scheme, path, _ := strings.Cut(rawURL, "://"); {
	case scheme == "sqlite" && readOnly:
		return openSQLiteFile(path)
	case scheme == "sqlite":
		return openSQLite(path)
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(rawURL)
	}
	return nil, errors.New("the scheme must be sqlite:// or postgres://")
}

// openSQLiteFile opens a file that must exist, to read.
func openSQLiteFile(path string) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	pool, err := openPrepared("file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	gate := gateOfReaders()
	return &DB{write: pool, read: pool, writing: gate, reading: gate, dialect: SQLite, told: NewBell(), stop: func() {}}, nil
}

// readers are the connections of SQLite that read, besides the one that writes.
const readers = 10

// SQLite allows one writer: a pool of one connection queues writers fairly instead of failing with SQLITE_BUSY.
// synchronous=FULL makes every commit an fsync, so what is acknowledged survives a power cut.
func openSQLite(path string) (*DB, error) {
	if path == "" {
		return nil, errors.New("the path of the file is missing")
	}
	if err := keepPrivate(path); err != nil {
		return nil, err
	}
	dsn := func(extra string) string {
		pragmas := "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=cache_size(-32000)"
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas + extra
	}
	write, err := openPrepared(dsn("&_txlock=immediate&_pragma=wal_autocheckpoint(" + checkpointLimit + ")"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	if err := write.Ping(); err != nil {
		write.Close()
		return nil, err
	}
	read, err := openPrepared(dsn("&_pragma=query_only(ON)"))
	if err != nil {
		write.Close()
		return nil, err
	}
	read.SetMaxOpenConns(readers + 1) // and the one that copies the log
	read.SetMaxIdleConns(readers + 1)
	ctx, stop := context.WithCancel(context.Background())
	db := &DB{write: write, read: read, writing: gateOfWriter(), reading: gateOfReaders(), dialect: SQLite, told: NewBell(), stop: stop}
	db.tasks.Go(func() { db.checkpoints(ctx) })
	return db, nil
}

// idleInTx is PostgreSQL's parameter for how long a transaction may wait for its client.
const idleInTx = "idle_in_transaction_session_timeout"

// poolSize is how many connections a node has to PostgreSQL.
const poolSize = 24

func openPostgres(rawURL string) (*DB, error) {
	config, err := pgx.ParseConfig(rawURL)
	if err != nil {
		return nil, err
	}
	if _, set := config.RuntimeParams[idleInTx]; !set {
		config.RuntimeParams[idleInTx] = "5000" // ms: the locks of a stopped process must not hold up those that take over from it
	}
	config.DialFunc = dialFunc(config.ConnectTimeout)
	config.BuildContextWatcherHandler = cancelQuery
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(poolSize)
	pool.SetMaxIdleConns(poolSize)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	gate := gateOfPool()
	return &DB{write: pool, read: pool, writing: gate, reading: gate, dialect: PostgreSQL, told: NewBell(), stop: func() {}}, nil
}

// cancelQuery stops the query in the server when its context ends, and keeps the connection: people who type on end many. One that does not
// stop in time is cut.
func cancelQuery(conn *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Second}
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
	return result, because(ctx, err)
}

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

// Tx is a running transaction. On SQLite it is the only writer until it ends: keep it short, do no I/O in it.
type Tx struct {
	tx      *sql.Tx
	conn    *sql.Conn // that it runs on
	until   time.Time // when the time of its class is up; zero: never
	dialect Dialect
	told    bool // an event
}

func (tx *Tx) Dialect() Dialect { return tx.dialect }

// within bounds a statement by the time of the transaction.
func (tx *Tx) within(ctx context.Context) (context.Context, func()) {
	if tx.until.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, tx.until, ErrTooLong)
}

func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, done := tx.within(ctx)
	defer done()
	result, err := tx.tx.ExecContext(ctx, query, clean(args)...)
	return result, because(ctx, err)
}

func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	ctx, done := tx.within(ctx)
	rows, err := tx.tx.QueryContext(ctx, query, clean(args)...)
	return rowsOf(ctx, rows, err, done)
}

func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := tx.Query(ctx, query, args...)
	return first{rows, err}
}

// Tx runs fn in a transaction: committed when fn returns nil, rolled back otherwise. Where the engine reports
// a serialization failure or deadlock, fn runs again (up to 5 times), so it must have no effects outside the transaction.
func (db *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, fn)
		if err == nil || attempt == 5 || !db.dialect.retryable(err) {
			return err
		}
	}
}

func (db *DB) once(ctx context.Context, fn func(tx *Tx) error) error {
	limited := db.writing.limits[askerOf(ctx).class].run > 0
	ctx, done, err := enter(ctx, db.writing)
	if err != nil {
		return err
	}
	defer done()
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return because(ctx, err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil) // rolled back when the time of its class is up
	if err != nil {
		return because(ctx, err)
	}
	defer tx.Rollback()
	mine := &Tx{tx: tx, conn: conn, dialect: db.dialect}
	if limited {
		mine.until, _ = ctx.Deadline()
	}
	if err := fn(mine); err != nil {
		return because(ctx, err)
	}
	err = because(ctx, tx.Commit())
	if err == nil && mine.told {
		db.told.Ring()
	}
	return err
}

// NewID makes a UUIDv7: unique, and ordered by the time it was made.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

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

// redact removes the password from a database URL, for logs and errors.
func redact(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(unreadable URL)"
	}
	return u.Redacted()
}
