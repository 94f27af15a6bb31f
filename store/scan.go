package store

import (
	"database/sql"
	"errors"
)

// ErrNotFound: there is no such row.
var ErrNotFound = errors.New("not found")

// Collect reads all rows with scan. It takes the error of the query, so that a query and its reading are one
// expression.
func Collect[T any](rows *Rows, err error, scan func(Row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// Found turns the absence of a row into ErrNotFound.
func Found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
