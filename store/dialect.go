package store

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
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

// ForUpdate is appended to a SELECT whose rows stay as they are to the end of the transaction.
func (d Dialect) ForUpdate() string {
	if d == PostgreSQL {
		return " FOR UPDATE"
	}
	return "" // one writer
}

// Position is where bytes begin in others, both as SQL: 1 at their beginning, 0 nowhere.
func (d Dialect) Position(where, what string) string {
	if d == PostgreSQL {
		return "position(" + what + " IN " + where + ")"
	}
	return "instr(" + where + ", " + what + ")"
}

// retryable tells whether running the transaction again may succeed.
func (d Dialect) retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01" // serialization failure, deadlock
	}
	return errors.Is(err, driver.ErrBadConn) || d == SQLite && strings.Contains(err.Error(), "SQLITE_BUSY")
}

// IsUnique tells whether err is a violated UNIQUE or PRIMARY KEY constraint, on either engine.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	return err != nil && strings.Contains(err.Error(), "UNIQUE constraint failed")
}

// IsAway tells whether err means that the database can't be reached now: the same may succeed in a moment.
func IsAway(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// connection exception, the server stops or starts
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P")
	}
	return errors.As(err, new(*pgconn.ConnectError)) || errors.As(err, new(*net.OpError)) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF)
}

// IsRefused tells whether err means that an engine can't keep a value, whoever tries and however often: one too long
// for an index, out of its type's range.
func IsRefused(err error) bool {
	var pg *pgconn.PgError
	// data exception, program limit exceeded
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "54"))
}

// tableNames lists the tables.
func (d Dialect) tableNames() string {
	if d == PostgreSQL {
		return `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name`
	}
	return `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`
}

// columns lists name, declared type and place in the primary key (0: none) of the columns of table $1.
func (d Dialect) columns() string {
	if d == PostgreSQL {
		return `SELECT c.column_name, c.data_type, coalesce((SELECT k.ordinal_position FROM information_schema.table_constraints t
			JOIN information_schema.key_column_usage k ON k.constraint_schema = t.constraint_schema AND k.constraint_name = t.constraint_name AND k.table_name = t.table_name
			WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema AND t.table_name = c.table_name AND k.column_name = c.column_name), 0)
			FROM information_schema.columns c WHERE c.table_schema = current_schema() AND c.table_name = $1`
	}
	return `SELECT name, type, pk FROM pragma_table_info($1)`
}

// foreignKeys lists the tables that the foreign keys of table $1 point to.
func (d Dialect) foreignKeys() string {
	if d == PostgreSQL {
		return `SELECT DISTINCT r.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
			JOIN pg_class r ON r.oid = c.confrelid WHERE c.contype = 'f' AND n.nspname = current_schema() AND t.relname = $1`
	}
	return `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`
}

// bytewise is appended to a TEXT column in ORDER BY, so that both engines sort alike.
func (d Dialect) bytewise() string {
	if d == PostgreSQL {
		return ` COLLATE "C"`
	}
	return ""
}
