package crmcore

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"frontdesk/store"
)

// query grows SQL text together with its arguments.
type query struct {
	strings.Builder
	args []any
}

// add appends text in which each ? stands for the next argument.
func (q *query) add(text string, args ...any) *query {
	for _, arg := range args {
		before, after, _ := strings.Cut(text, "?")
		q.WriteString(before)
		q.args = append(q.args, arg)
		q.WriteString("$" + strconv.Itoa(len(q.args)))
		text = after
	}
	q.WriteString(text)
	return q
}

// in appends " IN (…)" with the values, which may be none. The last is repeated until their number is a power of two,
// so that there are few texts for a connection to keep prepared.
func (q *query) in(values []string) *query {
	if len(values) == 0 {
		return q.add(" IN (NULL)")
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	for len(args)&(len(args)-1) != 0 {
		args = append(args, args[len(args)-1])
	}
	return q.add(" IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
}

// inBytes is in for values that are compared as bytes.
func (q *query) inBytes(values [][]byte) *query {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	if len(args) == 0 {
		return q.add(" IN (NULL)")
	}
	return q.add(" IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
}

// row is what a result line is scanned from.
type row = store.Row

// all reads every line of a result.
func all[T any](ctx context.Context, db store.Queries, scan func(row) (T, error), q *query) ([]T, error) {
	rows, err := db.Query(ctx, q.String(), q.args...)
	return store.Collect(rows, err, scan)
}

// readInto is a query of those that ReadAll runs together; its lines are added to out.
func readInto[T any](scan func(row) (T, error), q *query, out *[]T) store.Read {
	return store.Read{Query: q.String(), Args: q.args, Line: func(r store.Row) error {
		item, err := scan(r)
		*out = append(*out, item)
		return err
	}}
}

// one reads the only line of a result; none is ErrNotFound.
func one[T any](ctx context.Context, db store.Queries, scan func(row) (T, error), q *query) (T, error) {
	item, err := scan(db.QueryRow(ctx, q.String(), q.args...))
	if errors.Is(err, sql.ErrNoRows) {
		return item, ErrNotFound
	}
	return item, err
}

// text scans a line of one string.
func text(r row) (s string, err error) { return s, r.Scan(&s) }

// scanRef scans a line of kind and id.
func scanRef(r row) (ref Ref, err error) { return ref, r.Scan(&ref.Kind, &ref.ID) }

// exec runs a statement and tells how many lines it changed.
func exec(ctx context.Context, db store.Queries, statement string, args ...any) (int64, error) {
	res, err := db.Exec(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// steps runs statements until one fails.
func steps(todo ...func() error) error {
	for _, step := range todo {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
