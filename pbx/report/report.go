// Package report is what the calls of a time came to: how many there were, how soon and how long we spoke, and what
// people say came of them. Only calls with the outside that are over are counted.
package report

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Reports reads the ledger's tables. It is safe for concurrent use.
type Reports struct{ db *store.DB }

// New makes them.
func New(db *store.DB) *Reports { return &Reports{db} }

// Calls sums up. It works for nobody who waits: see store.Reports. Errors: *input.Invalid.
func (r *Reports) Calls(ctx context.Context, q Query) (Report, error) {
	if q.Until.Sub(q.From) <= 0 || q.Until.Sub(q.From) > Longest {
		return Report{}, input.Refuse("until", "choose a time of one day to %d days", int(Longest.Hours()/24))
	}
	var slots, rows []Row
	reads := []store.Read{query.Into(scanRow, q.slots(), &slots)}
	if q.By != ByDay && q.By != ByHour {
		reads = append(reads, query.Into(scanRow, q.rows(), &rows))
	}
	if err := r.db.ReadAll(ctx, reads); err != nil {
		return Report{}, err
	}
	report := q.fold(slots)
	switch q.By {
	case ByDay:
		report.Rows = report.Days
	case ByHour:
		report.Rows = report.Hours
	default:
		slices.SortFunc(rows, func(a, b Row) int {
			return cmp.Or(cmp.Compare(b.In+b.Out, a.In+a.Out), cmp.Compare(a.Key, b.Key))
		})
		report.Rows = append([]Row{}, rows...)
	}
	return report, nil
}

func scanRow(row store.Row) (x Row, err error) {
	return x, row.Scan(append([]any{&x.Key}, x.fields()...)...)
}
