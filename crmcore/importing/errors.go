package importing

import (
	"context"
	"encoding/csv"
	"io"

	"frontdesk/crmcore/importing/sheet"
	"frontdesk/crmcore/people"
	"frontdesk/store/query"
)

// Errors writes the lines that could not be brought in as a CSV, each with what is wrong with it: to be mended and
// brought in again.
func (m *Importing) Errors(ctx context.Context, actor people.User, id string) (func(io.Writer) error, error) {
	i, err := m.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	bad, err := query.All(ctx, m.db, scanResult, query.New(`SELECT line, kind, outcome, record, stamp, '', problem
		FROM import_result WHERE import = ? AND outcome = 'failed' ORDER BY line`, id))
	return func(w io.Writer) error {
		io.WriteString(w, "\ufeff") // for Excel; what can't be written fails below
		out := csv.NewWriter(w)
		defer out.Flush()
		if err := out.Write(append(guarded(i.Columns), "Problem")); err != nil {
			return err
		}
		var part lines
		for _, r := range bad {
			if part.of == nil || r.line >= part.first+int64(len(part.of)) {
				part, err = m.after(ctx, id, (r.line-1)/int64(m.part)*int64(m.part))
				if err != nil || len(part.of) == 0 {
					return err
				}
			}
			if err := out.Write(append(guarded(part.of[r.line-part.first]), r.problem)); err != nil {
				return err
			}
		}
		return nil
	}, err
}

func guarded(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = sheet.Guarded(c)
	}
	return out
}
