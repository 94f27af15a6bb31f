package crmcore

import (
	"context"
	"math"
	"slices"
	"unicode/utf8"

	"frontdesk/crmcore/address"
	"frontdesk/store"
)

// A search costs about the same however many records there are. Each term is looked up in the index, up to maxListed records. The term that fewest have
// names the candidates, of which the others are asked. Where all are common ("c e"), some of them is soon found in the list itself, which is walked
// from its beginning in the blocks of walk. Where that finds too little ("popescu paul": many of either, few of both), the index names all that have
// the rarest of the terms. Where even that one is too common, the page ends there, and the next one goes on: nothing is left out in any of the ways.
const (
	maxListed = 1000
	chunk     = 1024 // how many records are asked for at once
	minInfix  = 3    // letters that are looked for within words; fewer only at the beginning of one
)

// maxRarest is how often a term may be in the index for all its records to be asked for.
const maxRarest = 100_000

// term is one of the words that a search asks for.
type term struct {
	text   string
	inside bool // it may also stand inside of words
	shared bool // records that others are found by may have it
}

// terms tells which of the texts stand inside of words, and which in words of related records: most do not, and cost less then.
func (rs records[T]) terms(ctx context.Context, db *store.DB, texts []string) ([]term, error) {
	list, reads := make([]term, len(texts)), []store.Read{}
	ask := func(flag *bool, q *query) {
		reads = append(reads, store.Read{Query: q.String(), Args: q.args, Line: func(store.Row) error { *flag = true; return nil }})
	}
	for i, text := range texts {
		low := []byte(text)
		long := utf8.RuneCountInString(text) >= minInfix
		list[i].text, list[i].inside = text, long && isNumber(text)
		if long {
			ask(&list[i].inside, new(query).add("SELECT 1 FROM search_part WHERE part >= ? AND part < ? LIMIT 1", low, after(low)))
		}
		for _, kind := range rs.search {
			for _, q := range lookUp(EntityKind(kind), term{text: text, inside: long}) {
				ask(&list[i].shared, q.add(" LIMIT 1"))
			}
		}
	}
	return list, db.ReadAll(ctx, reads)
}

func isNumber(text string) bool { return address.Digits(text) == text }

// seek is where the first n records of a list stand that have all terms; rest is the cursor where it was given up to find so many.
func (rs records[T]) seek(ctx context.Context, db *store.DB, actor User, f Filter, texts []string, n int) (found []spot, rest string, err error) {
	var rare []string
	var common []term
	exact := false
	list, err := rs.terms(ctx, db, texts)
	if err != nil {
		return nil, "", err
	}
	for _, t := range list {
		ids, whole, err := rs.having(ctx, db, t, maxListed)
		switch {
		case err != nil:
			return nil, "", err
		case !whole:
			common = append(common, t)
		case !exact:
			rare, exact = ids, true
		default:
			rare = both(rare, ids)
		}
	}
	if !exact {
		return rs.seekCommon(ctx, db, actor, f, common, n)
	}
	found, err = rs.pick(ctx, db, actor, f, common, rare, n)
	return found, "", err
}

// How many records of a list are walked at first, and at most.
const (
	firstWalk = 512
	maxWalk   = 16_384
)

// seekCommon is seek for terms that many records have.
func (rs records[T]) seekCommon(ctx context.Context, db *store.DB, actor User, f Filter, terms []term, n int) (found []spot, rest string, err error) {
	for walked, block := 0, firstWalk; ; {
		spots, whole, err := rs.next(ctx, db, actor, f, block)
		if err != nil {
			return nil, "", err
		}
		hits, err := rs.that(ctx, db, spots, terms)
		if found = append(found, hits...); err != nil || whole || len(found) >= n {
			return found[:min(len(found), n)], "", err
		}
		f.Cursor = cursorAt(f.Order, spots[len(spots)-1])
		walked += len(spots)
		if block = stillToWalk(walked, len(found), n); walked+block > maxWalk {
			break
		}
	}
	rarest, few, err := rs.rarest(ctx, db, terms)
	if err != nil || !few {
		return found, f.Cursor, err
	}
	ids, _, err := rs.having(ctx, db, rarest, math.MaxInt32)
	if err != nil {
		return nil, "", err
	}
	others := slices.DeleteFunc(slices.Clone(terms), func(t term) bool { return t == rarest })
	more, err := rs.pick(ctx, db, actor, f, others, ids, n-len(found))
	return append(found, more...), "", err
}

// stillToWalk is how much further a walk leads, for all n to be found as those that were.
func stillToWalk(walked, found, n int) int {
	switch {
	case found > 0:
		return max(firstWalk, (n-found)*walked/found*5/4)
	case walked < 2*firstWalk:
		return 3 * walked
	}
	return maxWalk
}

// pick is where the first n of the records stand that belong to a list and have all terms. The ids are in their order.
func (rs records[T]) pick(ctx context.Context, db *store.DB, actor User, f Filter, terms []term, ids []string, n int) (found []spot, err error) {
	after, _, err := readCursor(f.Order, f.Cursor)
	if err != nil {
		return nil, err
	}
	slices.Reverse(ids)
	if f.Order != ByName && after != "" {
		ids = slices.DeleteFunc(ids, func(id string) bool { return id >= after })
	}
	for some := range slices.Chunk(ids, chunk) {
		spots, err := rs.pickOf(ctx, db, actor, f, terms, some)
		if found = append(found, spots...); err != nil || f.Order != ByName && len(found) >= n {
			return topOf(f.Order, found, n), err
		}
	}
	return topOf(f.Order, found, n), nil
}

// pickOf are those of a few records. What their own words tell is asked first: rows are further apart.
func (rs records[T]) pickOf(ctx context.Context, db *store.DB, actor User, f Filter, terms []term, ids []string) ([]spot, error) {
	bare := make([]spot, len(ids))
	for i, id := range ids {
		bare[i].id = id
	}
	bare, err := rs.that(ctx, db, bare, slices.DeleteFunc(slices.Clone(terms), func(t term) bool { return t.shared }))
	if err != nil || len(bare) == 0 {
		return nil, err
	}
	spots, err := rs.among(ctx, db, actor, f, spotIDs(bare))
	if err != nil {
		return nil, err
	}
	return rs.that(ctx, db, spots, slices.DeleteFunc(slices.Clone(terms), func(t term) bool { return !t.shared }))
}

// that keeps the records which have all terms, in words of their own or of the records they are found by.
func (rs records[T]) that(ctx context.Context, db *store.DB, spots []spot, terms []term) (kept []spot, err error) {
	for _, t := range terms {
		kept = nil
		for some := range slices.Chunk(spots, chunk) {
			have, err := rs.havingOf(ctx, db, some, t)
			if err != nil {
				return nil, err
			}
			for _, s := range some {
				if have[s.id] || slices.ContainsFunc(s.others, func(id string) bool { return have[id] }) {
					kept = append(kept, s)
				}
			}
		}
		spots = kept
	}
	return spots, nil
}

// havingOf are those of the records, and of the records that they are found by, that have a term.
func (rs records[T]) havingOf(ctx context.Context, db *store.DB, spots []spot, t term) (map[string]bool, error) {
	ids := map[string]bool{}
	for _, s := range spots {
		ids[s.id] = true
		for _, other := range s.others {
			ids[other] = true
		}
	}
	delete(ids, "")
	have, err := all(ctx, db, text, wordsOf(db.Dialect(), keysOf(ids), t))
	return setOf(have), err
}

// wordsOf asks which of the records have a term.
func wordsOf(d store.Dialect, ids []string, t term) *query {
	q := new(query).add("SELECT entity_id FROM search_word WHERE entity_id").in(ids)
	low := []byte(t.text)
	if t.inside {
		return q.add(" AND "+d.Position("word", "?")+" > 0", low)
	}
	return q.add(" AND word >= ? AND word < ?", low, after(low))
}

// having are the records that have a term, in words of their own or of the records they are found by; not whole where an index has more than limit.
func (rs records[T]) having(ctx context.Context, db *store.DB, t term, limit int) (ids []string, whole bool, err error) {
	ids, whole, err = listed(ctx, db, rs.kind, t, limit)
	for _, column := range rs.search {
		if err != nil || !whole {
			return ids, whole, err
		}
		var others, more []string
		if others, whole, err = listed(ctx, db, EntityKind(column), t, limit); err != nil || !whole {
			return ids, whole, err
		}
		more, err = rs.foundBy(ctx, db, column, others, limit)
		ids, whole = append(ids, more...), len(more) <= limit
	}
	slices.Sort(ids)
	return slices.Compact(ids), whole, err
}

// listed are the records of a kind that have a term in words of their own.
func listed(ctx context.Context, db *store.DB, kind EntityKind, t term, limit int) (ids []string, whole bool, err error) {
	whole = true
	var reads []store.Read
	lists := make([][]string, 3)
	for i, q := range lookUp(kind, t) {
		reads = append(reads, readInto(text, q.add(" LIMIT ?", limit+1), &lists[i]))
	}
	err = db.ReadAll(ctx, reads)
	for _, list := range lists {
		ids, whole = append(ids, list...), whole && len(list) <= limit
	}
	return ids, whole, err
}

// foundBy are the records that belong to one of others; more than limit where there are.
func (rs records[T]) foundBy(ctx context.Context, db *store.DB, column string, others []string, limit int) (ids []string, err error) {
	for some := range slices.Chunk(others, chunk) {
		q := new(query).add("SELECT t.id FROM " + string(rs.kind) + " t WHERE t." + column).in(some)
		more, err := all(ctx, db, text, q.add(" LIMIT ?", limit+1))
		if ids = append(ids, more...); err != nil || len(ids) > limit {
			return ids, err
		}
	}
	return ids, nil
}

// rarest is the term that is least often in the index, if one is there at most maxRarest times.
func (rs records[T]) rarest(ctx context.Context, db *store.DB, terms []term) (rarest term, few bool, err error) {
	least := maxRarest + 1
	for _, t := range terms {
		n, err := rs.count(ctx, db, t, least)
		if err != nil {
			return term{}, false, err
		}
		if n < least {
			rarest, least, few = t, n, true
		}
	}
	return rarest, few, nil
}

// count tells how often a term is in the indexes; limit or more where it is so often in one.
func (rs records[T]) count(ctx context.Context, db *store.DB, t term, limit int) (n int, err error) {
	var counts []int
	var reads []store.Read
	number := func(r row) (n int, err error) { return n, r.Scan(&n) }
	for _, kind := range append([]string{string(rs.kind)}, rs.search...) {
		for _, q := range lookUp(EntityKind(kind), t) {
			few := new(query).add("SELECT COUNT(*) FROM (" + q.String())
			few.args = q.args
			reads = append(reads, readInto(number, few.add(" LIMIT ?) few", limit), &counts))
		}
	}
	err = db.ReadAll(ctx, reads)
	for _, c := range counts {
		n += c
	}
	return n, err
}

// lookUp asks the indexes for a term: beginnings of words, what stands within them, ends of numbers. The orders are those of the indexes, and
// what no index of them begins with is no plain column, so that they are used however the database guesses.
func lookUp(kind EntityKind, t term) []*query {
	low := []byte(t.text)
	high := after(low)
	asked := []*query{new(query).add(`SELECT entity_id FROM search_word WHERE entity_kind = ? AND word >= ? AND word < ? ORDER BY entity_kind, word, entity_id`, kind, low, high)}
	switch {
	case t.inside && isNumber(t.text):
		end := reversed(Point{Kind: address.Phone, Value: t.text})
		asked = append(asked, new(query).add(`SELECT entity_id FROM contact_point WHERE reversed >= ? AND reversed < ? AND entity_kind || '' = ? ORDER BY reversed`, end, after(end), kind))
		fallthrough
	case t.inside:
		asked = append(asked, new(query).add(`SELECT w.entity_id FROM search_part p CROSS JOIN search_word w WHERE p.part >= ? AND p.part < ? AND w.entity_kind = ? AND w.word = p.word
			ORDER BY p.part, p.word`, low, high, kind))
	}
	return asked
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// both are the ids that stand in two lists, each in order.
func both(a, b []string) []string {
	return slices.DeleteFunc(a, func(id string) bool { _, there := slices.BinarySearch(b, id); return !there })
}

func keysOf(set map[string]bool) []string {
	ids := make([]string, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	return ids
}
