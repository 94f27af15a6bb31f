package importing

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/store"
	"frontdesk/store/query"
)

// sameDigits is how many of a number's last digits tell that a cell has it, however it is written there.
const sameDigits = 8

// Forget empties the lines of imports that became one of the records, or that have one of the texts: names, numbers and
// addresses. What was before a line changed something goes with it.
func (m *Importing) Forget(ctx context.Context, records, texts []string) error {
	ids, err := query.All(ctx, m.db, query.Text, query.New("SELECT id FROM import"))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := m.db.Tx(ctx, func(tx *store.Tx) error { return forgetIn(ctx, tx, id, records, texts) }); err != nil {
			return err
		}
	}
	return nil
}

func forgetIn(ctx context.Context, tx *store.Tx, id string, records, texts []string) error {
	of, err := query.All(ctx, tx, func(r store.Row) (n int64, err error) { return n, r.Scan(&n) },
		query.New("SELECT line FROM import_result WHERE import = ? AND record", id).
			In(append([]string{"-"}, records...)))
	if err != nil {
		return err
	}
	parts, err := query.All(ctx, tx, func(r store.Row) (l lines, err error) {
		var text string
		if err = r.Scan(&l.first, &text); err == nil {
			err = json.Unmarshal([]byte(text), &l.of)
		}
		return l, err
	}, query.New("SELECT first, lines FROM import_part WHERE import = ?", id))
	if err != nil {
		return err
	}
	for _, part := range parts {
		var gone []int64
		for i, cells := range part.of {
			if n := part.first + int64(i); slices.Contains(of, n) || slices.ContainsFunc(cells, tells(texts)) {
				part.of[i], gone = make([]string, len(cells)), append(gone, n)
			}
		}
		if err := rewritten(ctx, tx, id, part, gone); err != nil {
			return err
		}
	}
	return nil
}

// tells is whether a cell has one of the texts.
func tells(texts []string) func(cell string) bool {
	return func(cell string) bool {
		folded, digits := fold.Text(cell), address.Digits(cell)
		return slices.ContainsFunc(texts, func(t string) bool {
			if number := address.Digits(t); strings.HasPrefix(t, "+") && len(number) >= sameDigits {
				return strings.HasSuffix(digits, number[len(number)-sameDigits:])
			}
			if !strings.ContainsAny(t, " @") { // a single name may be anybody's
				return folded == fold.Text(t)
			}
			return strings.Contains(folded, fold.Text(t))
		})
	}
}

func rewritten(ctx context.Context, tx *store.Tx, id string, part lines, gone []int64) error {
	if len(gone) == 0 {
		return nil
	}
	text, err := json.Marshal(part.of)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE import_part SET lines = $1 WHERE import = $2 AND first = $3", string(text), id,
		part.first); err != nil {
		return err
	}
	for _, n := range gone {
		if _, err := tx.Exec(ctx, `UPDATE import_result SET before = '', record = '', problem = '',
			outcome = CASE WHEN outcome IN ('made', 'updated', 'updating') THEN 'kept' ELSE outcome END
			WHERE import = $1 AND line = $2`, id, n); err != nil {
			return err
		}
	}
	return nil
}
