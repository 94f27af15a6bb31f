package record

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// A search costs about the same however many records there are. Each term is looked up in the index, up to maxListed
// records. The term that fewest have names the candidates, of which the others are asked. For terms that are all common
// see common.go.
const (
	maxListed = 1000
	chunk     = 1024 // how many records are asked for at once
)

// terms tells which of the texts stand inside of words, and which in words of related records: most do not, and cost
// less then.
func (rs Table[T]) terms(ctx context.Context, db *store.DB, texts []string) ([]term, error) {
	list, reads := make([]term, len(texts)), []store.Read{}
	ask := func(flag *bool, q *query.Builder) {
		reads = append(reads, store.Read{Query: q.String(), Args: q.Args,
			Line: func(store.Row) error { *flag = true; return nil }})
	}
	for i, text := range texts {
		low := []byte(text)
		long := utf8.RuneCountInString(text) >= minInfix
		list[i].text, list[i].inside = text, long && isNumber(text)
		if long {
			ask(&list[i].inside, query.New("SELECT 1 FROM search_part WHERE part >= ? AND part < ? LIMIT 1", low,
				After(low)))
		}
		for _, kind := range rs.Search {
			for _, look := range lookUp(Kind(kind), term{text: text, inside: long}) {
				ask(&list[i].shared, look.query().Add(" LIMIT 1"))
			}
		}
	}
	return list, db.ReadAll(ctx, reads)
}

// pick is where the first n of the records stand that belong to a list and have all terms. The ids are in their order.
func (rs Table[T]) pick(ctx context.Context, db *store.DB, actor people.User, f Filter, terms []term, ids []string,
	n int) (found []spot, err error) {
	after, _, err := readCursor(f.Order, f.Cursor)
	if err != nil {
		return nil, err
	}
	slices.Reverse(ids)
	if f.Order.byID() && after != "" {
		ids = slices.DeleteFunc(ids, func(id string) bool { return id >= after })
	}
	for some := range slices.Chunk(ids, chunk) {
		spots, err := rs.among(ctx, db, actor, f, terms, OneOf(some), len(some), n)
		if found = append(found, spots...); err != nil || f.Order.byID() && len(found) >= n {
			return topOf(f.Order, found, n), err
		}
	}
	return topOf(f.Order, found, n), nil
}

// found are the records that have a term, in words of their own or of the records they are found by; not whole where an
// index has more than limit.
func (rs Table[T]) found(ctx context.Context, db *store.DB, t term, limit int) (ids []string, whole bool, err error) {
	ids, whole, err = listed(ctx, db, rs.Kind, t, limit)
	for _, column := range rs.Search {
		if err != nil || !whole {
			return ids, whole, err
		}
		var others, more []string
		if others, whole, err = listed(ctx, db, Kind(column), t, limit); err != nil || !whole {
			return ids, whole, err
		}
		more, err = rs.foundBy(ctx, db, column, others, limit)
		ids, whole = append(ids, more...), len(more) <= limit
	}
	slices.Sort(ids)
	return slices.Compact(ids), whole, err
}

// listed are the records of a kind that have a term in words of their own.
func listed(ctx context.Context, db *store.DB, kind Kind, t term,
	limit int) (ids []string, whole bool, err error) {
	whole = true
	var reads []store.Read
	sources := lookUp(kind, t)
	lists := make([][]string, len(sources))
	for i, s := range sources {
		reads = append(reads, query.Into(query.Text, s.query().Add(" LIMIT ?", limit+1), &lists[i]))
	}
	err = db.ReadAll(ctx, reads)
	for _, list := range lists {
		ids, whole = append(ids, list...), whole && len(list) <= limit
	}
	return ids, whole, err
}

// foundBy are the records that belong to one of others; more than limit where there are.
func (rs Table[T]) foundBy(ctx context.Context, db *store.DB, column string, others []string,
	limit int) (ids []string, err error) {
	for some := range slices.Chunk(others, chunk) {
		more, err := query.All(ctx, db, query.Text, rs.by(column, some).query().Add(" LIMIT ?", limit+1))
		if ids = append(ids, more...); err != nil || len(ids) > limit {
			return ids, err
		}
	}
	return ids, nil
}

// source is a question for the ids of records, and the order of the index that answers it.
type source struct {
	ask   func(q *query.Builder) *query.Builder
	order string
}

func (s source) query() *query.Builder { return s.ask(new(query.Builder)).Add(s.order) }

// by asks for the records that belong to one of others.
func (rs Table[T]) by(column string, others []string) source {
	return source{ask: func(q *query.Builder) *query.Builder {
		return q.Add("SELECT t.id AS id FROM " + string(rs.Kind) + " t WHERE t." + column).In(others)
	}}
}

// lookUp asks the indexes for a term: beginnings of words, what stands within them, ends of numbers. The orders are
// those of the indexes, and what no index of them begins with is no plain column, so that they are used however the
// database guesses.
func lookUp(kind Kind, t term) (asked []source) {
	look := func(order, text string, args ...any) {
		asked = append(asked, source{func(q *query.Builder) *query.Builder { return q.Add(text, args...) }, order})
	}
	low := []byte(t.text)
	high := After(low)
	const words = ` ORDER BY entity_kind, word, entity_id`
	look(words, `SELECT entity_id AS id FROM search_word WHERE entity_kind = ? AND word = ?`, kind, low)
	for _, r := range beginnings(t.text) {
		look(words, `SELECT entity_id AS id FROM search_word WHERE entity_kind = ? AND word >= ? AND word < ?`, kind,
			r.low, r.high)
	}
	if t.inside && isNumber(t.text) {
		end := endOf(t)
		look(` ORDER BY reversed`,
			`SELECT entity_id AS id FROM contact_point WHERE reversed >= ? AND reversed < ? AND entity_kind || '' = ?`,
			end, After(end), kind)
	}
	if t.inside {
		look("", `SELECT id FROM (SELECT w.entity_id AS id FROM search_part p CROSS JOIN search_word w WHERE p.part >= ? AND p.part < ? AND w.entity_kind = ?
			AND w.word = p.word ORDER BY p.part, p.word LIMIT ?) i`, low, high, kind, maxInside)
	}
	return asked
}

// maxInside is more than are read; that there is an end has the databases go by the parts, in their order.
const maxInside = 10_000_000

// span is a range of words.
type span struct{ low, high []byte }

// beginnings are the ranges of the longer words that begin with a text. A whole mailbox that does is left out, unless a
// mailbox is looked for: its first part is a word, too.
func beginnings(text string) []span {
	with := func(next string) []byte { return []byte(text + next) }
	if strings.Contains(text, "@") {
		return []span{{with("\x00"), After([]byte(text))}}
	}
	return []span{{with("0"), with(":")}, {with("a"), After([]byte(text))}}
}

// both are the ids that stand in two lists, each in order.
func both(a, b []string) []string {
	return slices.DeleteFunc(a, func(id string) bool { _, there := slices.BinarySearch(b, id); return !there })
}
