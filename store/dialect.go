package store

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Dialect is a database engine. Its methods are all the places where SQL text differs.
type Dialect int

const (
	SQLite Dialect = iota
	PostgreSQL
)

func (d Dialect) String() string {
	if d == PostgreSQL {
		return "postgresql"
	}
	return "sqlite"
}

// SkipLocked is appended to a sub-select that claims rows, so that workers don't wait for each other.
func (d Dialect) SkipLocked() string {
	if d == PostgreSQL {
		return " FOR UPDATE SKIP LOCKED"
	}
	return "" // one writer: nothing to skip
}

// retryable tells whether running the transaction again may succeed.
func (d Dialect) retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01" // serialization failure, deadlock
	}
	return d == SQLite && strings.Contains(err.Error(), "SQLITE_BUSY")
}

// IsUnique tells whether err is a violated UNIQUE or PRIMARY KEY constraint, on either engine.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	return err != nil && strings.Contains(err.Error(), "UNIQUE constraint failed")
}
