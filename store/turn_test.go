package store

import (
	"context"
	"errors"
	"testing"
)

// broken has a first line, and fails at the second.
func (db *DB) broken() string {
	text := `SELECT 1 / (2 - i) FROM (SELECT 1 AS i UNION ALL SELECT 2) n`
	if db.dialect == SQLite {
		text = `SELECT abs(i) FROM (SELECT 1 AS i UNION ALL SELECT -9223372036854775807 - 1) n`
	}
	return text
}

// What ended a query is told as it was, to every class: not that it was over afterwards.
func TestQueryTellsWhatEndedIt(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		for class := range Class(classes) {
			ctx := As(t.Context(), class, "ana")
			for name, err := range map[string]error{
				"lines":           forever(ctx, db, db.broken()),
				"a transaction's": db.Tx(ctx, func(tx *Tx) error { return forever(ctx, tx, db.broken()) }),
				"no query":        forever(ctx, db, "SELECT nothing"),
			} {
				if err == nil || errors.Is(err, context.Canceled) {
					t.Errorf("class %d, %s: %v", class, name, err)
				}
			}
			if err := forever(ctx, db, "SELECT 1"); err != nil {
				t.Errorf("class %d: %v", class, err)
			}
		}
	})
}
