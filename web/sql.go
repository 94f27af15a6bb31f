package web

import (
	"context"
	"unicode/utf8"

	"frontdesk/store"
)

// queryAll reads all rows of a query.
func queryAll[T any](ctx context.Context, q store.Queries, scan func(store.Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	return store.Collect(rows, err, scan)
}

// cut shortens a text to n bytes, for what strangers send; never inside a character.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
