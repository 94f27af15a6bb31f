package field

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Asked is a condition: what a list asks of a field, or of what all records of a kind have: responsible, created,
// updated; leads also came_by and stage; deals also stage, pipeline, amount, currency and moved.
type Asked struct {
	Field  string   `json:"field" minLength:"1" maxLength:"100"`
	Op     string   `json:"op" enum:"is,not,starts,from,to,empty,filled" doc:"is, not: one of the values; from, to: of numbers, amounts and dates, both included; starts: of texts"`
	Values []string `json:"values,omitempty" maxItems:"100" doc:"A user may be me; a day may be so many from today on, as -7 or +30"`
}

// MaxConditions are in one list.
const MaxConditions = 20

// fewest is how many records are better named by the index of values than asked one by one.
const fewest = 5000

// Asker knows what conditions mean to whom.
type Asker struct {
	DB    *store.DB
	Actor people.User
	Zone  *time.Location
	Now   time.Time
}

// Where narrows a filter to the records of a kind that satisfy all conditions. Errors: Invalid.
func (a Asker) Where(ctx context.Context, kind record.Kind, conditions []Asked, f *record.Filter) error {
	if len(conditions) == 0 {
		return nil
	}
	fields, err := of(ctx, a.DB, kind)
	if err != nil {
		return err
	}
	var clauses []func(*query.Builder)
	for i, c := range conditions {
		asked, err := a.read(kind, fields, c)
		if err != nil {
			return input.Refuse(fmt.Sprintf("where[%d]", i), err.Error())
		}
		few, err := asked.few(ctx, a.DB)
		if err != nil {
			return err
		}
		f.Few = f.Few || few
		clauses = append(clauses, asked.clause(few))
	}
	f.Where = func(q *query.Builder) {
		for _, clause := range clauses {
			clause(q.Add(" AND "))
		}
	}
	return nil
}

// question is a condition as SQL: either of the row itself, or of its values.
type question struct {
	row    func(*query.Builder) // of table t; nil: of the values
	values func(*query.Builder) // " AND …" of table v
	field  string
	kind   record.Kind
	none   bool // there must be no such value
}

func (q question) ids(b *query.Builder) *query.Builder {
	return b.Add(`SELECT v.entity_id FROM field_value v WHERE v.field = ? AND v.kind = ?`, q.field, q.kind).With(q.values)
}

// few tells whether so few records satisfy it that their ids are the shortest way.
func (q question) few(ctx context.Context, db *store.DB) (bool, error) {
	if q.row != nil || q.none {
		return false, nil
	}
	n, err := query.One(ctx, db, func(r store.Row) (n int, err error) { return n, r.Scan(&n) },
		query.New("SELECT COUNT(*) FROM (").With(func(b *query.Builder) { q.ids(b) }).Add(" LIMIT ?) few", fewest+1))
	return n <= fewest, err
}

func (q question) clause(few bool) func(*query.Builder) {
	switch {
	case q.row != nil:
		return q.row
	case few:
		return func(b *query.Builder) { q.ids(b.Add("t.id IN (")).Add(")") }
	}
	return func(b *query.Builder) {
		if q.none {
			b.Add("NOT ")
		}
		// by the record, in whose few values the field is looked for: SQLite would go through all values of the field
		b.Add("EXISTS (SELECT 1 FROM field_value v WHERE v.entity_id = t.id AND v.field || '' = ?", q.field).
			With(q.values).Add(")")
	}
}

type problem string

func (p problem) Error() string { return string(p) }

func (a Asker) read(kind record.Kind, fields map[string]Field, c Asked) (question, error) {
	if len(c.Values) == 0 && c.Op != "empty" && c.Op != "filled" {
		return question{}, problem(c.Field + " needs a value")
	}
	if col, ok := columnsOf(kind)[c.Field]; ok {
		row, err := a.column(col, c)
		return question{row: row}, err
	}
	f, ok := fields[c.Field]
	if !ok {
		return question{}, problem("there is no field " + c.Field)
	}
	values, err := a.valued(f, c)
	return question{field: f.ID, kind: kind, values: values, none: c.Op == "not" || c.Op == "empty"}, err
}

// valued is the condition on the values of a field.
func (a Asker) valued(f Field, c Asked) (func(*query.Builder), error) {
	switch {
	case c.Op == "empty" || c.Op == "filled":
		return func(*query.Builder) {}, nil
	case c.Op == "is" || c.Op == "not":
		keys := make([][]byte, len(c.Values))
		for i, v := range c.Values {
			keys[i] = f.Type.key(a.meant(f.Type, v))
		}
		return func(q *query.Builder) { q.Add(" AND v.value").InBytes(keys) }, nil
	case c.Op == "starts" && (f.Type == Text || f.Type == Tags):
		low := f.Type.key(c.Values[0])
		return func(q *query.Builder) { q.Add(" AND v.value >= ? AND v.value < ?", low, record.After(low)) }, nil
	case (c.Op == "from" || c.Op == "to") && f.Type.ranked():
		rank, err := a.rank(f.Type, c.Values[0])
		sign := map[string]string{"from": ">=", "to": "<="}[c.Op]
		return func(q *query.Builder) { q.Add(" AND v.rank "+sign+" ?", rank) }, err
	}
	return nil, problem(f.Name + " can't be asked so")
}

// meant is a value that may have been said otherwise.
func (a Asker) meant(t Type, v string) string {
	if t == User && v == "me" {
		return a.Actor.ID
	}
	if t == Date {
		if day, err := a.day(v); err == nil {
			return day.Format(time.DateOnly)
		}
	}
	return v
}

func (a Asker) rank(t Type, v string) (int64, error) {
	switch t {
	case Date:
		day, err := a.day(v)
		return t.rank(day.Format(time.DateOnly)), err
	case Money:
		v, _, _ = strings.Cut(v, " ")
		v += " EUR" // of whatever currency
	}
	number, _, _ := strings.Cut(v, " ")
	if _, err := strconv.ParseFloat(number, 64); err != nil {
		return 0, problem(v + " is not a number")
	}
	return t.rank(v), nil
}

// day is the beginning of a day, or of one so many days from today.
func (a Asker) day(v string) (time.Time, error) {
	if strings.HasPrefix(v, "-") || strings.HasPrefix(v, "+") {
		if n, err := strconv.Atoi(v); err == nil && n > -100_000 && n < 100_000 {
			y, m, d := a.Now.In(a.Zone).Date()
			return time.Date(y, m, d+n, 0, 0, 0, 0, a.Zone), nil
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, v, a.Zone)
	if err != nil {
		return day, problem(v + " is not a date such as 2026-11-30")
	}
	return day, nil
}

// column is what all records of a kind have.
type column struct {
	name string
	as   string // text, user, amount, time, id: when it was made
}

func columnsOf(kind record.Kind) map[string]column {
	all := map[string]column{"responsible": {"t.responsible", "user"}, "created": {"t.id", "id"},
		"updated": {"t.updated_at", "time"}}
	switch kind {
	case record.Lead:
		all["came_by"], all["stage"] = column{"t.source", "text"}, column{"t.stage", "text"}
	case record.Deal:
		all["stage"], all["pipeline"] = column{"t.stage", "text"}, column{"t.pipeline", "text"}
		all["amount"], all["currency"] = column{"t.amount", "amount"}, column{"t.currency", "text"}
		all["moved"] = column{"t.moved_at", "time"}
	}
	return all
}

func (a Asker) column(col column, c Asked) (func(*query.Builder), error) {
	switch {
	case (c.Op == "is" || c.Op == "not") && (col.as == "text" || col.as == "user"):
		values := slices.Clone(c.Values)
		for i, v := range values {
			if v == "me" && col.as == "user" {
				values[i] = a.Actor.ID
			}
		}
		not := map[string]string{"not": " NOT"}[c.Op]
		return func(q *query.Builder) { q.Add(col.name + not).In(values) }, nil
	case (c.Op == "empty" || c.Op == "filled") && (col.as == "text" || col.as == "user"):
		sign := map[string]string{"empty": "=", "filled": "<>"}[c.Op]
		return func(q *query.Builder) { q.Add(col.name+" "+sign+" ?", "") }, nil
	case c.Op == "from" || c.Op == "to":
		return a.bounded(col, c)
	}
	return nil, problem(c.Field + " can't be asked so")
}

// bounded is the condition from a value on, or to its end.
func (a Asker) bounded(col column, c Asked) (func(*query.Builder), error) {
	sign := map[string]string{"from": ">=", "to": "<"}[c.Op]
	if col.as == "amount" {
		cents, err := a.rank(Money, c.Values[0])
		if c.Op == "to" {
			cents++
		}
		return func(q *query.Builder) { q.Add(col.name+" "+sign+" ?", cents) }, err
	}
	if col.as != "time" && col.as != "id" {
		return nil, problem(c.Field + " can't be asked so")
	}
	day, err := a.day(c.Values[0])
	if c.Op == "to" {
		day = day.AddDate(0, 0, 1)
	}
	if col.as == "id" { // ids are UUIDv7, whose order is that of creation
		ms := max(day.UnixMilli(), 0)
		first := fmt.Sprintf("%08x-%04x", ms>>16, ms&0xffff)
		return func(q *query.Builder) { q.Add(col.name+" "+sign+" ?", first) }, err
	}
	return func(q *query.Builder) { q.Add(col.name+" "+sign+" ?", store.Micros(day)) }, err
}
