package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
)

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
	return &DB{write: pool, read: pool, writing: gate, reading: gate, dialect: SQLite, told: NewBell(),
		stop: func() {}}, nil
}

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
		pragmas := "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&" +
			"_pragma=foreign_keys(ON)&_pragma=cache_size(-32000)"
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
	db := &DB{write: write, read: read, writing: gateOfWriter(), reading: gateOfReaders(), dialect: SQLite,
		told: NewBell(), stop: stop}
	db.tasks.Go(func() { db.checkpoints(ctx) })
	return db, nil
}

// idleInTx is PostgreSQL's parameter for how long a transaction may wait for its client.
const idleInTx = "idle_in_transaction_session_timeout"

func openPostgres(rawURL string) (*DB, error) {
	config, err := pgx.ParseConfig(rawURL)
	if err != nil {
		return nil, err
	}
	if _, set := config.RuntimeParams[idleInTx]; !set {
		// ms: the locks of a stopped process must not hold up those that take over from it
		config.RuntimeParams[idleInTx] = "5000"
	}
	// short questions, beside which calls need the cores
	for name, value := range map[string]string{"jit": "off", "max_parallel_workers_per_gather": "0"} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	config.DialFunc = dialFunc(config.ConnectTimeout)
	config.BuildContextWatcherHandler = cancelQuery
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(poolSize)
	pool.SetMaxIdleConns(poolSize)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	gate := gateOfPool()
	return &DB{write: pool, read: pool, writing: gate, reading: gate, dialect: PostgreSQL, told: NewBell(),
		stop: func() {}}, nil
}

// cancelQuery stops the query in the server when its context ends, and keeps the connection: people who type on end
// many. One that does not stop in time is cut.
func cancelQuery(conn *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Second}
}
