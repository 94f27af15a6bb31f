package store

import (
	"context"
	"database/sql"
)

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
