package importing

import (
	"context"
	"slices"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Job is the kind of the job that runs an import, or takes it back.
const Job = "crm.import"

type work struct {
	Import string `json:"import"`
	User   string `json:"user"` // for whom
}

// What became of a line.
const (
	made     = "made"
	updating = "updating" // how it was is written down, and no more
	updated  = "updated"
	skipped  = "skipped"
	failed   = "failed"
	undone   = "undone"
	kept     = "kept"
)

// result is what became of a line.
type result struct {
	line    int64
	kind    record.Kind
	outcome string
	record  string
	stamp   int64
	before  string
	problem string
}

func scanResult(r store.Row) (x result, err error) {
	return x, r.Scan(&x.line, &x.kind, &x.outcome, &x.record, &x.stamp, &x.before, &x.problem)
}

// resultsTogether are written by one statement.
const resultsTogether = 200

// results writes what became of lines; how a record was before stays what was written first.
func results(ctx context.Context, tx *store.Tx, id string, all []result) error {
	for some := range slices.Chunk(all, resultsTogether) {
		q := query.New(`INSERT INTO import_result (import, line, kind, outcome, record, stamp, before, problem)
			VALUES `)
		for _, r := range some {
			q.Values(id, r.line, r.kind, r.outcome, r.record, r.stamp, r.before, r.problem)
		}
		q.Add(` ON CONFLICT (import, line, kind) DO UPDATE SET outcome = excluded.outcome, record = excluded.record,
			stamp = excluded.stamp, problem = excluded.problem`)
		if err := tx.Later(ctx, store.Statement{Query: q.String(), Args: q.Args}); err != nil {
			return err
		}
	}
	return nil
}
