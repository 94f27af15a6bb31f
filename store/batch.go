package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// Statement is SQL that writes, with its arguments.
type Statement struct {
	Query string
	Args  []any
	tells bool   // an event: readers are woken when the transaction is committed
	due   string // the kind of a job that may be run at once: so are its workers
}

// Read is one query of several, and what takes each of its lines.
type Read struct {
	Query string
	Args  []any
	Line  func(Row) error
}

// ExecAll runs statements in their order until one fails. PostgreSQL gets them all in one round trip.
func (tx *Tx) ExecAll(ctx context.Context, statements []Statement) error {
	for _, s := range statements {
		tx.told = tx.told || s.tells
		if s.due != "" && !slices.Contains(tx.due, s.due) {
			tx.due = append(tx.due, s.due)
		}
	}
	if tx.dialect == PostgreSQL {
		return tx.pipeline(ctx, statements)
	}
	for _, s := range statements {
		if _, err := tx.Exec(ctx, s.Query, s.Args...); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) pipeline(ctx context.Context, statements []Statement) error {
	if len(statements) == 0 {
		return nil
	}
	ctx, done := tx.within(ctx)
	defer done()
	var batch pgx.Batch
	for _, s := range statements {
		batch.Queue(s.Query, clean(s.Args)...)
	}
	err := tx.conn.Raw(func(c any) error {
		conn := c.(*stdlib.Conn).Conn()
		// ctx has ended and with it the transaction: nothing may be written outside
		if conn.PgConn().TxStatus() != 'T' {
			return errors.Join(sql.ErrTxDone, ctx.Err())
		}
		return conn.SendBatch(ctx, &batch).Close()
	})
	return because(ctx, err)
}

// ReadAll runs queries that need not see the same state of the database, all in one turn at the gate: a screen that
// asks for much is not overtaken between each two of its queries. PostgreSQL gets them all in one round trip.
func (db *DB) ReadAll(ctx context.Context, reads []Read) error {
	switch {
	case len(reads) == 0:
		return nil
	case db.dialect == PostgreSQL:
		return db.pipeline(ctx, reads)
	}
	ctx, done, err := enter(ctx, db.reading)
	if err != nil {
		return err
	}
	defer done()
	for _, r := range reads {
		if err := r.run(ctx, db.read); err != nil {
			return err
		}
	}
	return nil
}

func (r Read) run(ctx context.Context, pool *sql.DB) error {
	lines, err := pool.QueryContext(ctx, r.Query, clean(r.Args)...)
	rows, err := rowsOf(ctx, lines, err, func() {})
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := r.Line(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// pipeline tries another connection when the first turns out to be dead before anything was sent, as database/sql does
// by itself.
func (db *DB) pipeline(ctx context.Context, reads []Read) (err error) {
	for range 3 {
		if err = db.pipelineOnce(ctx, reads); !errors.Is(err, driver.ErrBadConn) {
			break
		}
	}
	return err
}

func (db *DB) pipelineOnce(ctx context.Context, reads []Read) error {
	ctx, done, err := enter(ctx, db.reading)
	if err != nil {
		return err
	}
	defer done()
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return because(ctx, err)
	}
	defer conn.Close()
	var batch pgx.Batch
	for _, r := range reads {
		batch.Queue(r.Query, clean(r.Args)...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := r.Line(rows); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = conn.Raw(func(c any) error {
		err := c.(*stdlib.Conn).Conn().SendBatch(ctx, &batch).Close()
		if pgconn.SafeToRetry(err) && ctx.Err() == nil {
			return errors.Join(driver.ErrBadConn, err)
		}
		return err
	})
	return because(ctx, err)
}
