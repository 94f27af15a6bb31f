package record

import (
	"frontdesk/crmcore/address"
	"frontdesk/store"
	"frontdesk/store/query"
)

// term is one of the words that a search asks for.
type term struct {
	text   string
	inside bool // it may also stand inside of words
	shared bool // records that others are found by may have it
}

func isNumber(text string) bool { return address.Digits(text) == text }

// having appends that a record of a table has all terms, in words of its own or of the records it is found by: what
// lookUp finds. A question that ends at its first line is put to each record by itself, whatever the databases may
// guess.
func (rs Table[T]) having(q *query.Builder, d store.Dialect, table string, terms []term) {
	for _, t := range terms {
		low := []byte(t.text)
		high := After(low)
		rs.whose(q.Add(" AND ((SELECT 1 FROM search_word w WHERE w.entity_id"), table, t)
		switch {
		case !t.inside:
			q.Add(" AND w.word >= ? AND w.word < ?", low, high)
		case !isNumber(t.text):
			q.Add(" AND "+d.Position("w.word", "?")+" > 0", low)
		default: // not within numbers, which have no parts
			q.Add(" AND (w.word >= ? AND w.word < ? OR "+d.Position("w.word", "?")+
				" > 0 AND (length(w.word) <= ? OR length(ltrim(w.word, ?)) > 0))",
				low, high, low, maxBare, []byte("0123456789"))
			end := endOf(t)
			rs.whose(q.Add(" LIMIT 1) = 1 OR (SELECT 1 FROM contact_point p WHERE p.entity_kind").
				In(append([]string{string(rs.Kind)}, rs.Search...)).Add(" AND p.entity_id"), table, t)
			q.Add(" AND p.reversed >= ? AND p.reversed < ?", end, After(end))
		}
		q.Add(" LIMIT 1) = 1)")
	}
}

// whose appends the ids of the records whose words count.
func (rs Table[T]) whose(q *query.Builder, table string, t term) {
	if !t.shared {
		q.Add(" = " + table + ".id")
		return
	}
	q.Add(" IN (" + table + ".id")
	for _, column := range rs.Search {
		q.Add(", " + table + "." + column)
	}
	q.Add(")")
}

// endOf is what the reversed digits of a number begin with that ends with the term.
func endOf(t term) []byte { return Reversed(Point{Kind: address.Phone, Value: t.text}) }
