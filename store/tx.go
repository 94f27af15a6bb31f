package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"
)

// Tx is a running transaction. On SQLite it is the only writer until it ends: keep it short, do no I/O in it.
type Tx struct {
	conn    *sql.Conn // that it runs on
	tx      *sql.Tx   // SQLite's
	pipe    *pipe     // PostgreSQL's
	until   time.Time // when the time of its class is up; zero: never
	dialect Dialect
	rung    rung
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
	if tx.dialect == PostgreSQL {
		changed, err := tx.pipe.send(ctx, Statement{Query: query, Args: args})
		return driver.RowsAffected(changed), because(ctx, err)
	}
	result, err := tx.tx.ExecContext(ctx, query, clean(args)...)
	return result, because(ctx, err)
}

func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	ctx, done := tx.within(ctx)
	if tx.dialect == PostgreSQL {
		rows, err := tx.pipe.lines(ctx, query, args)
		return rowsOf(ctx, rows, err, done)
	}
	rows, err := tx.tx.QueryContext(ctx, query, clean(args)...)
	return rowsOf(ctx, rows, err, done)
}

func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := tx.Query(ctx, query, args...)
	return first{rows, err}
}

// ExecAll runs statements in their order until one fails. PostgreSQL gets them all in one round trip.
func (tx *Tx) ExecAll(ctx context.Context, statements []Statement) error {
	if err := tx.Later(ctx, statements...); err != nil || len(statements) == 0 || tx.dialect != PostgreSQL {
		return err
	}
	ctx, done := tx.within(ctx)
	defer done()
	_, err := tx.pipe.send(ctx)
	return because(ctx, err)
}

// Later runs statements whose outcome nothing in the transaction depends on: at once, or with the next ones or the
// commit, in one round trip. What goes wrong is told by whichever it is.
func (tx *Tx) Later(ctx context.Context, statements ...Statement) error {
	tx.rung.by(statements...)
	if tx.dialect == PostgreSQL {
		tx.pipe.ahead = append(tx.pipe.ahead, statements...)
		return nil
	}
	for _, s := range statements {
		result, err := tx.Exec(ctx, s.Query, s.Args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err == nil && s.did(n) != nil {
			return s.Needs
		}
	}
	return nil
}

// ReadAll runs queries, in one round trip on PostgreSQL.
func (tx *Tx) ReadAll(ctx context.Context, reads ...Read) error {
	ctx, done := tx.within(ctx)
	defer done()
	if tx.dialect == PostgreSQL {
		return because(ctx, tx.pipe.read(ctx, reads))
	}
	for _, r := range reads {
		if err := r.run(ctx, tx.tx); err != nil {
			return err
		}
	}
	return nil
}

// maxTries of a transaction.
const maxTries = 5

// Tx runs fn in a transaction: committed when fn returns nil, rolled back otherwise. Where the engine reports
// a serialization failure or deadlock, fn runs again (up to 5 times), so it must have no effects outside the
// transaction.
func (db *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, fn)
		if err == nil || attempt == maxTries || !db.dialect.retryable(err) {
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
	tx, err := begin(ctx, db.write, db.dialect, "begin")
	if err != nil {
		return because(ctx, err)
	}
	defer tx.end()
	if limited {
		tx.until, _ = ctx.Deadline()
	}
	if err := fn(tx); err != nil {
		return because(ctx, err)
	}
	if err := because(ctx, tx.commit()); err != nil {
		return err
	}
	db.committed(ctx, tx.rung)
	return nil
}

// committed counts a transaction that was written.
func (db *DB) committed(ctx context.Context, r rung) {
	db.commits[askerOf(ctx).class].Add(1)
	if r.told {
		db.told.Ring()
	}
	db.due.ring(r.due)
}

// begin begins a transaction, which is rolled back when ctx ends; how is PostgreSQL's word for it.
func begin(ctx context.Context, pool *sql.DB, d Dialect, how string) (*Tx, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tx := &Tx{conn: conn, dialect: d}
	if d == PostgreSQL {
		tx.pipe = &pipe{conn: conn, ctx: ctx, begin: []Statement{{Query: how}}}
		return tx, nil
	}
	if tx.tx, err = conn.BeginTx(ctx, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return tx, nil
}

func (tx *Tx) commit() error {
	if tx.dialect == PostgreSQL {
		return tx.pipe.finish()
	}
	return tx.tx.Commit()
}

// end rolls back what was not committed.
func (tx *Tx) end() {
	if tx.dialect == PostgreSQL {
		tx.pipe.abort()
	} else {
		tx.tx.Rollback()
	}
	tx.conn.Close()
}
