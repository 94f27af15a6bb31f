// Package query grows SQL text together with its arguments, and reads what it asks for.
package query

import (
	"context"
	"strconv"
	"strings"

	"frontdesk/store"
)

// Builder is a statement that grows piece by piece.
type Builder struct {
	strings.Builder
	Args []any // of its placeholders
}

// New begins with text; see Add.
func New(text string, args ...any) *Builder { return new(Builder).Add(text, args...) }

// Add appends text in which each ? stands for the next argument.
func (q *Builder) Add(text string, args ...any) *Builder {
	for _, arg := range args {
		before, after, _ := strings.Cut(text, "?")
		q.WriteString(before)
		q.Args = append(q.Args, arg)
		q.WriteString("$" + strconv.Itoa(len(q.Args)))
		text = after
	}
	q.WriteString(text)
	return q
}

// In appends " IN (…)" with the values, which may be none. The last is repeated until their number is a power of two,
// so that there are few texts for a connection to keep prepared.
func (q *Builder) In(values []string) *Builder {
	if len(values) == 0 {
		return q.Add(" IN (NULL)")
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	for len(args)&(len(args)-1) != 0 {
		args = append(args, args[len(args)-1])
	}
	return q.Add(" IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
}

// With appends what a clause says.
func (q *Builder) With(clause func(*Builder)) *Builder {
	clause(q)
	return q
}

// Values appends a line of an INSERT.
func (q *Builder) Values(args ...any) *Builder {
	if strings.HasSuffix(q.String(), ")") {
		q.WriteString(", ")
	}
	return q.Add("(?"+strings.Repeat(", ?", len(args)-1)+")", args...)
}

// InBytes is in for values that are compared as bytes.
func (q *Builder) InBytes(values [][]byte) *Builder {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	if len(args) == 0 {
		return q.Add(" IN (NULL)")
	}
	return q.Add(" IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
}

// All reads every line of a result.
func All[T any](ctx context.Context, db store.Queries, scan func(store.Row) (T, error), q *Builder) ([]T, error) {
	rows, err := db.Query(ctx, q.String(), q.Args...)
	return store.Collect(rows, err, scan)
}

// Into is a query of those that ReadAll runs together; its lines are added to out.
func Into[T any](scan func(store.Row) (T, error), q *Builder, out *[]T) store.Read {
	return store.Read{Query: q.String(), Args: q.Args, Line: func(r store.Row) error {
		item, err := scan(r)
		*out = append(*out, item)
		return err
	}}
}

// One reads the only line of a result; none is store.ErrNotFound.
func One[T any](ctx context.Context, db store.Queries, scan func(store.Row) (T, error), q *Builder) (T, error) {
	item, err := scan(db.QueryRow(ctx, q.String(), q.Args...))
	return item, store.Found(err)
}

// Text scans a line of one string.
func Text(r store.Row) (s string, err error) { return s, r.Scan(&s) }

// Exec runs a statement and tells how many lines it changed.
func Exec(ctx context.Context, db store.Queries, statement string, args ...any) (int64, error) {
	res, err := db.Exec(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Steps runs statements until one fails.
func Steps(todo ...func() error) error {
	for _, step := range todo {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
