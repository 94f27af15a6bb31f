package api

import (
	"context"
	"unicode/utf8"

	"frontdesk/store"
)

// QueryAll reads all rows of a query.
func QueryAll[T any](ctx context.Context, q store.Queries, scan func(store.Row) (T, error), query string,
	args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	return store.Collect(rows, err, scan)
}

// Cut shortens a text to n bytes, for what strangers send; never inside a character.
func Cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
