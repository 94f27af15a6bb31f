package bin

import (
	"context"
	"maps"
	"strings"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// shape is the columns of a kind's table, but for folded, which its name makes.
type shape struct{ texts, numbers, flags []string }

func common(texts ...string) []string {
	return append([]string{"id", "name", "comment", "responsible", "department", "fields"}, texts...)
}

func shapeOf(kind record.Kind) shape {
	times := []string{"created_at", "updated_at"}
	switch kind {
	case record.Contact:
		return shape{texts: common("position", "company"), numbers: times}
	case record.Company:
		return shape{texts: common("website"), numbers: times}
	case record.Lead:
		return shape{texts: common("person", "company_name", "source", "line", "stage", "rule", "contact", "deal"),
			numbers: times, flags: []string{"kept"}}
	}
	return shape{texts: common("contact", "company", "pipeline", "stage", "currency"),
		numbers: append(times, "amount", "moved_at")}
}

// row is a line of a record's table.
type row struct {
	Texts   map[string]string `json:"texts"`
	Numbers map[string]int64  `json:"numbers"`
	Flags   map[string]bool   `json:"flags,omitempty"`
}

func readRow(ctx context.Context, db store.Queries, ref record.Ref) (row, error) {
	s := shapeOf(ref.Kind)
	all := strings.Join(append(append(append([]string{}, s.texts...), s.numbers...), s.flags...), ", ")
	return query.One(ctx, db, func(r store.Row) (row, error) {
		texts, numbers, flags := make([]string, len(s.texts)), make([]int64, len(s.numbers)), make([]bool, len(s.flags))
		var into []any
		for i := range texts {
			into = append(into, &texts[i])
		}
		for i := range numbers {
			into = append(into, &numbers[i])
		}
		for i := range flags {
			into = append(into, &flags[i])
		}
		err := r.Scan(into...)
		return row{named(s.texts, texts), named(s.numbers, numbers), named(s.flags, flags)}, err
	}, query.New("SELECT "+all+" FROM "+string(ref.Kind)+" WHERE id = ?", ref.ID))
}

func (w row) copied() row {
	return row{maps.Clone(w.Texts), maps.Clone(w.Numbers), maps.Clone(w.Flags)}
}

func named[T any](names []string, values []T) map[string]T {
	m := map[string]T{}
	for i, name := range names {
		m[name] = values[i]
	}
	return m
}

// inserting writes the line again.
func (w row) inserting(kind record.Kind) store.Statement {
	s := shapeOf(kind)
	names, values := []string{"folded"}, []any{record.SortKey(w.Texts["name"])}
	for _, n := range s.texts {
		names, values = append(names, n), append(values, w.Texts[n])
	}
	for _, n := range s.numbers {
		names, values = append(names, n), append(values, w.Numbers[n])
	}
	for _, n := range s.flags {
		names, values = append(names, n), append(values, w.Flags[n])
	}
	q := query.New("INSERT INTO " + string(kind) + " (" + strings.Join(names, ", ") + ") VALUES ").Values(values...)
	return store.Statement{Query: q.String(), Args: q.Args}
}

// words are the texts that a record is found by.
func (w row) words(kind record.Kind) []string {
	if kind == record.Lead {
		return []string{w.Texts["name"], w.Texts["person"], w.Texts["company_name"]}
	}
	return []string{w.Texts["name"]}
}
