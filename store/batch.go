package store

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

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
	queueReads(&batch, reads)
	return because(ctx, sendBatch(ctx, conn, &batch))
}

// Commit writes statements in a transaction of their own, of each of which it tells how many lines it changed, and
// reads then, all in one round trip on PostgreSQL. Where the reading fails nothing may be written: it can be tried
// again.
func (db *DB) Commit(ctx context.Context, statements []Statement, reads ...Read) (changed []int64, err error) {
	if db.dialect == PostgreSQL {
		return db.commitBatch(ctx, statements, reads)
	}
	err = db.Tx(ctx, func(tx *Tx) error {
		changed = changed[:0]
		for _, s := range statements {
			result, err := tx.Exec(ctx, s.Query, s.Args...)
			if err != nil {
				return err
			}
			n, _ := result.RowsAffected()
			changed = append(changed, n)
		}
		tx.rung.by(statements...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changed, db.ReadAll(ctx, reads)
}

// commitBatch tries as often as Tx does.
func (db *DB) commitBatch(ctx context.Context, statements []Statement, reads []Read) (changed []int64, err error) {
	for attempt := 1; attempt <= maxTries; attempt++ {
		changed, err = db.commitOnce(ctx, statements, reads)
		if err == nil || !db.dialect.retryable(err) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	var r rung
	r.by(statements...)
	db.committed(ctx, r)
	return changed, nil
}

// commitOnce is Commit on a connection of PostgreSQL: what one batch has is one transaction.
func (db *DB) commitOnce(ctx context.Context, statements []Statement, reads []Read) (changed []int64, err error) {
	ctx, done, err := enter(ctx, db.writing)
	if err != nil {
		return nil, err
	}
	defer done()
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, because(ctx, err)
	}
	defer conn.Close()
	var batch pgx.Batch
	changed = make([]int64, len(statements))
	for i, s := range statements {
		batch.Queue(s.Query, clean(s.Args)...).Exec(func(tag pgconn.CommandTag) error {
			changed[i] = tag.RowsAffected()
			return nil
		})
	}
	queueReads(&batch, reads)
	return changed, because(ctx, sendBatch(ctx, conn, &batch))
}
