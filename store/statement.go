package store

import (
	"context"
	"database/sql"
	"slices"
)

// Statement is SQL that writes, with its arguments.
type Statement struct {
	Query string
	Args  []any
	Needs error  // nil, or what the transaction fails with when no line is changed
	tells bool   // an event: readers are woken when the transaction is committed
	due   string // the kind of a job that may be run at once: so are its workers
}

// did checks what a statement has changed.
func (s Statement) did(lines int64) error {
	if lines == 0 {
		return s.Needs
	}
	return nil
}

// Row is a line of a result.
type Row interface{ Scan(dest ...any) error }

// Read is one query of several, and what takes each of its lines.
type Read struct {
	Query string
	Args  []any
	Line  func(Row) error
}

// run runs the query in a transaction or by itself.
func (r Read) run(ctx context.Context, pool interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}) error {
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

// rung is who is woken when a transaction is committed.
type rung struct {
	told bool     // readers of events
	due  []string // workers of kinds of jobs
}

func (r *rung) by(statements ...Statement) {
	for _, s := range statements {
		r.told = r.told || s.tells
		if s.due != "" && !slices.Contains(r.due, s.due) {
			r.due = append(r.due, s.due)
		}
	}
}
