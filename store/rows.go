package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// digest is what is compared of a table: the number of its rows and the SHA-256 of all of them in the order of the key.
type digest struct {
	rows int
	sum  string
}

func digestOf(ctx context.Context, q Queries, t table) (d digest, err error) {
	sum := sha256.New()
	var line []byte
	err = eachRow(ctx, q, t, func(row []any) error {
		line = line[:0]
		for _, v := range row {
			line = canonical(line, v)
		}
		sum.Write(line)
		d.rows++
		return nil
	})
	d.sum = hex.EncodeToString(sum.Sum(nil))
	return d, err
}

// canonical appends a value in a form that is the same on both engines and that no other value has.
func canonical(line []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(line, 'n')
	case bool:
		if v {
			return append(line, 't')
		}
		return append(line, 'f')
	case int64:
		return binary.BigEndian.AppendUint64(append(line, 'i'), uint64(v))
	case string:
		return append(binary.BigEndian.AppendUint64(append(line, 's'), uint64(len(v))), v...)
	case []byte:
		return append(binary.BigEndian.AppendUint64(append(line, 'b'), uint64(len(v))), v...)
	}
	panic(fmt.Sprintf("a %T is no value of a row", v)) // plain makes no other
}

// eachRow calls fn with the rows of a table in the order of its key; the row is only valid during the call.
func eachRow(ctx context.Context, q Queries, t table, fn func(row []any) error) error {
	order := make([]string, len(t.key))
	for i, c := range t.key {
		order[i] = quoted(c.name)
		if c.kind == "TEXT" {
			order[i] += q.Dialect().bytewise()
		}
	}
	rows, err := q.Query(ctx, `SELECT `+t.list()+` FROM `+quoted(t.name)+` ORDER BY `+strings.Join(order, ", "))
	if err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	defer rows.Close()
	row, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		if err := t.plain(row); err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list is the columns for SQL.
func (t table) list() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = quoted(c.name)
	}
	return strings.Join(names, ", ")
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// plain turns what a driver returned into what the column is declared to hold: nil, bool, int64, string or []byte.
func (t table) plain(row []any) error {
	for i, c := range t.columns {
		v, err := c.plain(row[i])
		if err != nil {
			return fmt.Errorf("table %s, %s, column %s: %w", t.name, t.keyOf(row), c.name, err)
		}
		row[i] = v
	}
	return nil
}

func (c column) plain(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch c.kind {
	case "BOOLEAN":
		switch v := v.(type) {
		case bool:
			return v, nil
		case int64:
			return v != 0, nil
		}
	case "BIGINT":
		if v, ok := v.(int64); ok {
			return v, nil
		}
	case "TEXT":
		switch v := v.(type) {
		case string:
			return v, nil
		case []byte:
			return string(v), nil
		}
	case "BYTEA":
		switch v := v.(type) {
		case []byte:
			return append([]byte{}, v...), nil // never nil: that would be NULL
		case string:
			return []byte(v), nil
		}
	default:
		return nil, fmt.Errorf("its type %s can't be copied: a table has TEXT, BIGINT, BOOLEAN and BYTEA", c.kind)
	}
	return nil, fmt.Errorf("it holds a %T where %s is declared", v, c.kind)
}

// keyOf names a row for people.
func (t table) keyOf(row []any) string {
	var parts []string
	for i, c := range t.columns {
		for _, k := range t.key {
			if k.name == c.name && len(t.key) < len(t.columns) {
				parts = append(parts, fmt.Sprintf("%s %.80q", c.name, fmt.Sprint(row[i])))
			}
		}
	}
	return "row " + strings.Join(parts, ", ")
}

// writer inserts rows, many in one statement.
type writer struct {
	tx      *Tx
	table   table
	batch   int    // rows in one statement …
	full    string // … which this is
	waiting []any
	rows    int
}

func newWriter(tx *Tx, t table) *writer {
	batch := tx.dialect.batch(len(t.columns))
	return &writer{tx: tx, table: t, batch: batch, full: t.insert(batch)}
}

// batch is how many rows of so many columns are best inserted by one statement. Over a network it is as many as
// parameters allow (PostgreSQL: 65,535); SQLite has no network, and searches its parameters one by one.
func (d Dialect) batch(columns int) int {
	if d == PostgreSQL {
		return min(500, 60_000/columns)
	}
	return 1
}

func (w *writer) add(ctx context.Context, row []any) error {
	for i, v := range row {
		if err := w.tx.dialect.takes(v); err != nil {
			return fmt.Errorf("table %s, %s, column %s: %w", w.table.name, w.table.keyOf(row), w.table.columns[i].name,
				err)
		}
	}
	w.waiting = append(w.waiting, row...)
	w.rows++
	if len(w.waiting) < w.batch*len(row) {
		return nil
	}
	return w.flush(ctx)
}

func (w *writer) flush(ctx context.Context) error {
	rows := len(w.waiting) / len(w.table.columns)
	if rows == 0 {
		return nil
	}
	text := w.full
	if rows < w.batch {
		text = w.table.insert(rows)
	}
	if _, err := w.tx.Exec(ctx, text, w.waiting...); err != nil {
		return fmt.Errorf("table %s: %w", w.table.name, err)
	}
	w.waiting = w.waiting[:0]
	return nil
}

// insert is the statement that inserts so many rows.
func (t table) insert(rows int) string {
	var text strings.Builder
	fmt.Fprintf(&text, `INSERT INTO %s (%s) VALUES `, quoted(t.name), t.list())
	separator := "("
	for i := range rows * len(t.columns) {
		if i > 0 && i%len(t.columns) == 0 {
			separator = "), ("
		}
		fmt.Fprintf(&text, "%s$%d", separator, i+1)
		separator = ", "
	}
	return text.String() + ")"
}

// takes tells why an engine can't keep a value that the other one can.
func (d Dialect) takes(v any) error {
	text, ok := v.(string)
	if !ok || d != PostgreSQL {
		return nil
	}
	if strings.ContainsRune(text, 0) {
		return errors.New("the text has a NUL character, which PostgreSQL can't keep: correct it in the source")
	}
	if !utf8.ValidString(text) {
		return errors.New("the text is not valid UTF-8, which PostgreSQL can't keep: correct it in the source")
	}
	return nil
}
