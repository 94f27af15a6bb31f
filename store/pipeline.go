package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// pipe is a transaction of PostgreSQL. Its BEGIN goes with its first statement, and what nothing depends on with the
// next one or with the COMMIT: each round trip costs more than most of our statements do.
type pipe struct {
	conn   *sql.Conn
	ctx    context.Context // it ends with it
	begin  []Statement     // not sent yet: the first
	ahead  []Statement     // not sent yet: what comes next
	open   *sql.Rows       // that may not be read to their end
	failed error           // what was sent
}

// send sends statements with what waits, and tells how many lines the last one changed.
func (p *pipe) send(ctx context.Context, statements ...Statement) (changed int64, err error) {
	var batch pgx.Batch
	p.queue(&batch)
	for _, s := range statements {
		batch.Queue(s.Query, clean(s.Args)...).Exec(func(tag pgconn.CommandTag) error {
			changed = tag.RowsAffected()
			return nil
		})
	}
	return changed, p.trip(ctx, &batch)
}

// read runs queries after what waits.
func (p *pipe) read(ctx context.Context, reads []Read) error {
	var batch pgx.Batch
	p.queue(&batch)
	queueReads(&batch, reads)
	return p.trip(ctx, &batch)
}

// lines runs a query whose lines are read one by one.
func (p *pipe) lines(ctx context.Context, query string, args []any) (rows *sql.Rows, err error) {
	if _, err := p.send(ctx); err != nil {
		return nil, err
	}
	if p.open, err = p.conn.QueryContext(ctx, query, clean(args)...); err != nil {
		p.failed = err
	}
	return p.open, err
}

// queue puts what waits first.
func (p *pipe) queue(batch *pgx.Batch) {
	for _, s := range slices.Concat(p.begin, p.ahead) {
		batch.Queue(s.Query, clean(s.Args)...).
			Exec(func(tag pgconn.CommandTag) error { return s.did(tag.RowsAffected()) })
	}
	p.begin, p.ahead = nil, nil
}

// trip sends a batch. Once ctx has ended, or something failed, nothing is sent any more: it would be written outside.
func (p *pipe) trip(ctx context.Context, batch *pgx.Batch) error {
	if err := errors.Join(p.failed, p.ctx.Err()); err != nil {
		return errors.Join(sql.ErrTxDone, err)
	}
	if batch.Len() == 0 {
		return nil
	}
	p.failed = sendBatch(ctx, p.conn, batch)
	return p.failed
}

// finish commits.
func (p *pipe) finish() error {
	if len(p.begin) > 0 && len(p.ahead) == 0 {
		return nil // nothing was done
	}
	if slices.ContainsFunc(p.ahead, func(s Statement) bool { return s.Needs != nil }) {
		if _, err := p.send(p.ctx); err != nil {
			return err
		}
	}
	var batch pgx.Batch
	p.queue(&batch)
	batch.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
		if tag.String() == "ROLLBACK" { // a failure was passed over
			return pgx.ErrTxCommitRollback
		}
		return nil
	})
	return p.trip(p.ctx, &batch)
}

// abort rolls back what may be open still. A connection that does not take that is given up by who would use it next.
func (p *pipe) abort() {
	if p.open != nil {
		p.open.Close()
	}
	p.conn.Raw(func(c any) error {
		conn := c.(*stdlib.Conn).Conn()
		if conn.PgConn().TxStatus() == 'I' {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), time.Second)
		defer cancel()
		_, err := conn.Exec(ctx, "rollback")
		return err
	})
}

func queueReads(batch *pgx.Batch, reads []Read) {
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
}

// sendBatch is one round trip. A connection that turns out to be dead before anything was sent is driver.ErrBadConn.
func sendBatch(ctx context.Context, conn *sql.Conn, batch *pgx.Batch) error {
	return conn.Raw(func(c any) error {
		err := c.(*stdlib.Conn).Conn().SendBatch(ctx, batch).Close()
		if pgconn.SafeToRetry(err) && ctx.Err() == nil {
			return errors.Join(driver.ErrBadConn, err)
		}
		return err
	})
}
