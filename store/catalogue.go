package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// versionTable is goose's own: every database keeps its own history of migrations.
const versionTable = "goose_db_version"

// table is a table as the database itself describes it.
type table struct {
	name    string
	columns []column // by name
	key     []column // what its rows are ordered by: the primary key, or all columns where it has none
	needs   []string // tables its foreign keys point to
}

type column struct {
	name, kind string // kind is the declared type: TEXT, BIGINT, BOOLEAN or BYTEA
}

// catalogue reads all tables but goose's, those first that others point to.
func catalogue(ctx context.Context, q Queries) ([]table, error) {
	names, err := strs(ctx, q, q.Dialect().tableNames())
	if err != nil {
		return nil, err
	}
	var list []table
	for _, name := range names {
		if name == versionTable {
			continue
		}
		t, err := describe(ctx, q, name)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		list = append(list, t)
	}
	return byNeed(list)
}

func describe(ctx context.Context, q Queries, name string) (t table, err error) {
	t.name = name
	if t.needs, err = strs(ctx, q, q.Dialect().foreignKeys(), name); err != nil {
		return t, err
	}
	rows, err := q.Query(ctx, q.Dialect().columns(), name)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	key := map[int]column{}
	for rows.Next() {
		var c column
		var position int // in the primary key, from 1
		if err := rows.Scan(&c.name, &c.kind, &position); err != nil {
			return t, err
		}
		c.kind = strings.ToUpper(c.kind)
		t.columns = append(t.columns, c)
		if position > 0 {
			key[position] = c
		}
	}
	slices.SortFunc(t.columns, func(a, b column) int { return strings.Compare(a.name, b.name) })
	for i := range len(key) {
		t.key = append(t.key, key[i+1])
	}
	if len(key) == 0 {
		t.key = t.columns
	}
	return t, rows.Err()
}

// byNeed orders tables so that each comes after those it needs.
func byNeed(list []table) ([]table, error) {
	var ordered []table
	done := map[string]bool{}
	for len(list) > 0 {
		var later []table
		for _, t := range list {
			if slices.ContainsFunc(t.needs, func(name string) bool { return name != t.name && !done[name] }) {
				later = append(later, t)
				continue
			}
			ordered = append(ordered, t)
			done[t.name] = true
		}
		if len(later) == len(list) {
			return nil, fmt.Errorf("the foreign keys of %s go in a circle", list[0].name)
		}
		list = later
	}
	return ordered, nil
}

func strs(ctx context.Context, q Queries, query string, args ...any) ([]string, error) {
	rows, err := q.Query(ctx, query, args...)
	return Collect(rows, err, func(row Row) (s string, err error) { return s, row.Scan(&s) })
}

// applied are the migrations that a database has had; nil for one that isn't ours.
func applied(ctx context.Context, q Queries) (map[int64]bool, error) {
	names, err := strs(ctx, q, q.Dialect().tableNames())
	if err != nil || !slices.Contains(names, versionTable) {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT version_id FROM `+versionTable+` WHERE version_id > 0`)
	versions := map[int64]bool{}
	_, err = Collect(rows, err, func(row Row) (v int64, err error) {
		err = row.Scan(&v)
		versions[v] = true
		return v, err
	})
	return versions, err
}

// snapshot runs fn over an unchanging view of the database.
func (db *DB) snapshot(ctx context.Context, fn func(tx *Tx) error) error {
	tx, err := begin(ctx, db.read, db.dialect, "begin isolation level repeatable read read only")
	if err != nil {
		return err
	}
	defer tx.end()
	if err := tx.unhurried(ctx); err != nil {
		return err
	}
	return fn(tx)
}

// unhurried lets a transaction wait for the other side of a copy as long as that takes; see idleInTx.
func (tx *Tx) unhurried(ctx context.Context) error {
	if tx.dialect != PostgreSQL {
		return nil
	}
	_, err := tx.Exec(ctx, `SET LOCAL `+idleInTx+` = 0`)
	return err
}
