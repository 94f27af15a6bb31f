package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// aliveFor is how long after its last sign of life a node counts as running.
const aliveFor = 30 * time.Second

// progressEvery so many rows of a table its copying is told.
const progressEvery = 100_000

// Copy moves all that the database at from holds into an empty one at to, in one transaction of the target: on any
// error or difference it stays empty. The two may be of different engines. Every table is read back and compared. say
// hears a line for each table.
func Copy(ctx context.Context, from, to string, say func(line string)) error {
	return transfer(ctx, from, to, stopped, say)
}

// Snapshot is Copy of what the database holds at one moment, while servers may work on it.
func Snapshot(ctx context.Context, from, to string, say func(line string)) error {
	return transfer(ctx, from, to, func(context.Context, Queries) error { return nil }, say)
}

// transfer copies when the source may be copied.
func transfer(ctx context.Context, from, to string, may func(context.Context, Queries) error, say func(string)) error {
	source, err := openSource(ctx, from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := openTarget(ctx, to)
	if err != nil {
		return err
	}
	defer target.Close()
	return source.snapshot(ctx, func(s *Tx) error {
		if err := may(ctx, s); err != nil {
			return fmt.Errorf("source %s: %w", redact(from), err)
		}
		return target.once(ctx, func(t *Tx) error {
			if err := t.unhurried(ctx); err != nil {
				return err
			}
			return copyAll(ctx, s, t, say)
		})
	})
}

// Compare tells whether two databases hold the same; the error names the tables that differ.
func Compare(ctx context.Context, from, to string, say func(line string)) error {
	source, err := openSource(ctx, from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := openSource(ctx, to)
	if err != nil {
		return err
	}
	defer target.Close()
	return source.snapshot(ctx, func(s *Tx) error {
		return target.snapshot(ctx, func(t *Tx) error {
			tables, err := sameTables(ctx, s, t)
			if err != nil {
				return err
			}
			return compareAll(ctx, s, t, tables, say)
		})
	})
}

// openSource opens a database to read, as it is: one of another version of the program is refused, not migrated.
func openSource(ctx context.Context, rawURL string) (*DB, error) {
	db, err := connect(rawURL, true)
	if err == nil {
		if err = upToDate(ctx, db); err == nil {
			return db, nil
		}
		db.Close()
	}
	return nil, fmt.Errorf("database %s: %w", redact(rawURL), err)
}

func upToDate(ctx context.Context, q Queries) error {
	had, err := applied(ctx, q)
	if err != nil {
		return err
	}
	if had == nil {
		return errors.New("it has no Frontdesk in it")
	}
	known, err := knownMigrations()
	if err != nil {
		return err
	}
	for _, version := range known {
		if !had[version] {
			return fmt.Errorf("it lacks migration %d: start this version of the program on it once, which brings it "+
				"up to date, stop it, and come back", version)
		}
		delete(had, version)
	}
	for version := range had {
		return fmt.Errorf("it is of a newer version of the program (migration %d): use that one", version)
	}
	return nil
}

// openTarget opens a database without data and makes its tables.
func openTarget(ctx context.Context, rawURL string) (*DB, error) {
	db, err := connect(rawURL, false)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", redact(rawURL), err)
	}
	if err := prepareTarget(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("target %s: %w", redact(rawURL), err)
	}
	return db, nil
}

func prepareTarget(ctx context.Context, db *DB) error {
	names, err := strs(ctx, db, db.dialect.tableNames())
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return migrate(ctx, db)
	}
	if err := upToDate(ctx, db); err != nil {
		return fmt.Errorf("%w\n(it is not empty: a copy goes into a new database)", err)
	}
	return unused(ctx, db)
}

// unused fails when a database has anything that a new one doesn't have.
func unused(ctx context.Context, db *DB) error {
	dir, err := os.MkdirTemp("", "frontdesk-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fresh, err := Open(ctx, "sqlite://"+filepath.Join(dir, "new.db"))
	if err != nil {
		return err
	}
	defer fresh.Close()
	tables, err := sameTables(ctx, fresh, db)
	if err != nil {
		return err
	}
	for _, t := range tables {
		want, err1 := digestOf(ctx, fresh, t)
		got, err2 := digestOf(ctx, db, t)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("it has data already (table %s): a copy goes into a new, empty database; nothing "+
				"was changed", t.name)
		}
	}
	return nil
}

// stopped fails while a server works on the database, as far as its heartbeat tells.
func stopped(ctx context.Context, q Queries) error {
	running, err := strs(ctx, q, `SELECT id FROM node WHERE state NOT IN ('gone', 'lost') AND seen_at > $1 ORDER BY id`,
		Micros(time.Now().Add(-aliveFor)))
	if err != nil {
		return err
	}
	if len(running) > 0 {
		return fmt.Errorf("a server runs on it (%s): stop it first, so that nothing is lost that it takes meanwhile. "+
			"After a crash, wait %v", strings.Join(running, ", "), aliveFor)
	}
	return nil
}

// sameTables is the catalogue of the target, when the source has the very same tables and columns.
func sameTables(ctx context.Context, source, target Queries) ([]table, error) {
	tables, err := catalogue(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	others, err := catalogue(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	shape := func(list []table) (names []string) {
		for _, t := range list {
			for _, c := range t.columns {
				names = append(names, t.name+"."+c.name)
			}
		}
		return names
	}
	a, b := shape(others), shape(tables)
	for _, name := range a {
		if !slices.Contains(b, name) {
			return nil, fmt.Errorf("the source has %s, the target has not", name)
		}
	}
	for _, name := range b {
		if !slices.Contains(a, name) {
			return nil, fmt.Errorf("the target has %s, the source has not", name)
		}
	}
	return tables, nil
}

func copyAll(ctx context.Context, source, target *Tx, say func(string)) error {
	tables, err := sameTables(ctx, source, target)
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(tables) { // what the migrations put in
		if _, err := target.Exec(ctx, `DELETE FROM `+quoted(t.name)); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	for i, t := range tables {
		rows, err := copyTable(ctx, source, target, t, say)
		if err != nil {
			return fmt.Errorf("%w\n(nothing was changed in the target)", err)
		}
		say(fmt.Sprintf("%3d/%d  %-20s %9d rows copied", i+1, len(tables), t.name, rows))
	}
	if err := compareAll(ctx, source, target, tables, say); err != nil {
		return fmt.Errorf("%w\n(nothing was changed in the target)", err)
	}
	return nil
}

func copyTable(ctx context.Context, source, target *Tx, t table, say func(string)) (int, error) {
	w := newWriter(target, t)
	err := eachRow(ctx, source, t, func(row []any) error {
		if err := w.add(ctx, row); err != nil {
			return err
		}
		if w.rows%progressEvery == 0 {
			say(fmt.Sprintf("        %-20s %9d rows so far", t.name, w.rows))
		}
		return nil
	})
	if err != nil {
		return w.rows, err
	}
	return w.rows, w.flush(ctx)
}

// compareAll reads every table on both sides.
func compareAll(ctx context.Context, source, target Queries, tables []table, say func(string)) error {
	var differ []string
	rows := 0
	for i, t := range tables {
		want, err1 := digestOf(ctx, source, t)
		got, err2 := digestOf(ctx, target, t)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		verdict := "the same"
		if got != want {
			verdict = fmt.Sprintf("DIFFERS: the target has %d rows, sha256 %.12s", got.rows, got.sum)
			differ = append(differ, t.name)
		}
		say(fmt.Sprintf("%3d/%d  %-20s %9d rows, sha256 %.12s: %s", i+1, len(tables), t.name, want.rows, want.sum,
			verdict))
		rows += want.rows
	}
	if len(differ) > 0 {
		return fmt.Errorf("the databases differ in %s", strings.Join(differ, ", "))
	}
	say(fmt.Sprintf("All %d tables are the same: %d rows.", len(tables), rows))
	return nil
}
