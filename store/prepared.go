package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"regexp"
	"strconv"

	"modernc.org/sqlite"
)

// maxPrepared is how many idle statements a connection keeps; texts made for the occasion push out others.
const maxPrepared = 200

// openPrepared opens a pool of SQLite connections that keep their statements prepared: parsing and planning cost more
// than most of our queries do. The driver of PostgreSQL does the same by itself.
func openPrepared(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparing{c}), nil
}

type preparing struct{ driver.Connector }

func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	bare, ok := conn.(bareConn)
	if !ok {
		conn.Close()
		return nil, fmt.Errorf("the SQLite driver's %T lacks methods that this program builds on", conn)
	}
	handle, err := handleOf(conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &preparedConn{bareConn: bare, handle: handle, idle: map[string]driver.Stmt{}}, nil
}

// bareConn is all that database/sql looks for in a connection of this driver.
type bareConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparedConn runs a query with a statement that an earlier one of the same text left. A statement is taken out while
// it runs, so that the same query inside the loop over its own rows gets another. database/sql lets one goroutine at a
// time at a connection and its rows: no lock is needed.
type preparedConn struct {
	bareConn
	handle uintptr
	idle   map[string]driver.Stmt // by text; nil once closed
}

// Unwrap is how the driver's own functions find their connection.
func (c *preparedConn) Unwrap() driver.Conn { return c.bareConn }

func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	c.leave(query, stmt, err)
	return result, err
}

func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		c.leave(query, stmt, err)
		return nil, err
	}
	return &preparedRows{Rows: newInterruptible(ctx, c.handle, rows),
		done: func(err error) { c.leave(query, stmt, err) }}, nil
}

// Close frees the statements before their connection.
func (c *preparedConn) Close() error {
	for _, stmt := range c.idle {
		stmt.Close()
	}
	c.idle = nil
	return c.bareConn.Close()
}

func (c *preparedConn) take(ctx context.Context, query string) (driver.Stmt, error) {
	if stmt := c.idle[query]; stmt != nil {
		delete(c.idle, query)
		return stmt, nil
	}
	return c.PrepareContext(ctx, unnamed(query))
}

var parameter = regexp.MustCompile(`'[^']*'|\$[0-9]+`)

// unnamed is a query whose parameters, where each stands once and in order, have no names: by its name SQLite looks for
// one among all before it, when it prepares the statement and whenever a value is bound.
func unnamed(query string) string {
	n, inOrder := 0, true
	text := parameter.ReplaceAllStringFunc(query, func(found string) string {
		if found[0] == '\'' {
			return found
		}
		n++
		inOrder = inOrder && found == "$"+strconv.Itoa(n)
		return "?"
	})
	if !inOrder {
		return query
	}
	return text
}

// leave keeps a statement for the next query of its text, in place of any other when there is no room. One that failed
// is not trusted again.
func (c *preparedConn) leave(query string, stmt driver.Stmt, err error) {
	if err != nil || c.idle == nil || c.idle[query] != nil {
		stmt.Close()
		return
	}
	if len(c.idle) >= maxPrepared {
		for other, old := range c.idle {
			old.Close()
			delete(c.idle, other)
			break
		}
	}
	c.idle[query] = stmt
}

// preparedRows gives the statement back when all is read.
type preparedRows struct {
	driver.Rows
	done func(error)
}

func (r *preparedRows) Close() error {
	err := r.Rows.Close()
	r.done(err)
	return err
}
