package crmcore

import (
	"context"
	"strings"
	"unicode/utf8"

	"frontdesk/store"
)

// A search costs the same however many records there are. Each term is looked up in the index, up to maxListed records. The term that fewest have
// names the candidates, of which the others are asked. Where all are common ("c e"), the list is walked from its beginning, for maxWalked records at
// most, until the page is full; records that have them further on are then taken from the index again, as far as that was read.
const (
	maxListed = 1000
	maxWalked = 1500
	firstWalk = 200 // enough where every fourth record has what is looked for
	minInfix  = 3   // letters that are looked for within words; fewer only at the beginning of one
)

// seek is where the first n records of a list stand that have all terms.
func (rs records[T]) seek(ctx context.Context, db *store.DB, actor User, f Filter, terms []string, n int) ([]spot, error) {
	var rare map[string]bool
	var common, listed []string
	for _, term := range terms {
		ids, whole, err := having(ctx, db, rs.kind, rs.search, term)
		switch {
		case err != nil:
			return nil, err
		case !whole:
			common, listed = append(common, term), ids
		case rare == nil:
			rare = setOf(ids)
		default:
			rare = both(rare, ids)
		}
	}
	if rare == nil {
		return rs.seekCommon(ctx, db, actor, f, common, listed, n)
	}
	found, err := rs.among(ctx, db, actor, f, keysOf(rare))
	if err == nil {
		found, err = rs.that(ctx, db, found, common)
	}
	return topOf(f.Order, found, n), err
}

// seekCommon is seek for terms that more records have than the index is asked for; listed are some that have one of them.
func (rs records[T]) seekCommon(ctx context.Context, db *store.DB, actor User, f Filter, terms, listed []string, n int) ([]spot, error) {
	var found []spot
	for _, walk := range []int{firstWalk, maxWalked} {
		walked, err := rs.first(ctx, db, actor, f, walk)
		if err == nil {
			found, err = rs.that(ctx, db, walked, terms)
		}
		if err != nil || len(found) >= n || len(walked) < walk {
			return topOf(f.Order, found, n), err
		}
	}
	more, err := rs.among(ctx, db, actor, f, listed)
	if err == nil {
		more, err = rs.that(ctx, db, more, terms)
	}
	return topOf(f.Order, append(found, more...), n), err
}

// that keeps the records which have all terms, in words of their own or of the records they are found by.
func (rs records[T]) that(ctx context.Context, db *store.DB, spots []spot, terms []string) (kept []spot, err error) {
	if len(terms) == 0 {
		return spots, nil
	}
	for len(spots) > 0 {
		some := spots[:min(len(spots), chunk)]
		spots = spots[len(some):]
		words, err := rs.wordsOf(ctx, db, some)
		if err != nil {
			return nil, err
		}
		for _, s := range some {
			if s.has(words, terms) {
				kept = append(kept, s)
			}
		}
	}
	return kept, nil
}

// chunk is how many records are asked for at once.
const chunk = 256

// wordsOf are the words of records and of those they are found by, by id.
func (rs records[T]) wordsOf(ctx context.Context, db *store.DB, spots []spot) (map[string][]string, error) {
	ids := make([][]string, 1+len(rs.search))
	for _, s := range spots {
		ids[0] = append(ids[0], s.id)
		for i, other := range s.others {
			if other != "" {
				ids[i+1] = append(ids[i+1], other)
			}
		}
	}
	words := map[string][]string{}
	var reads []store.Read
	for _, ids := range ids {
		if len(ids) == 0 {
			continue
		}
		q := new(query).add("SELECT entity_id, word FROM search_word WHERE entity_id").in(keysOf(setOf(ids)))
		reads = append(reads, store.Read{Query: q.String(), Args: q.args, Line: func(r store.Row) error {
			var id string
			var word []byte
			err := r.Scan(&id, &word)
			words[id] = append(words[id], string(word))
			return err
		}})
	}
	return words, db.ReadAll(ctx, reads)
}

func (s spot) has(words map[string][]string, terms []string) bool {
	for _, term := range terms {
		found := anyWord(words[s.id], term)
		for _, other := range s.others {
			found = found || anyWord(words[other], term)
		}
		if !found {
			return false
		}
	}
	return true
}

func anyWord(words []string, term string) bool {
	for _, w := range words {
		if strings.HasPrefix(w, term) || within(term) && strings.Contains(w, term) {
			return true
		}
	}
	return false
}

// within tells whether a term is also looked for inside of words.
func within(term string) bool { return utf8.RuneCountInString(term) >= minInfix }

// having are the records of a kind that have a term, in words of their own or of the records they are found by; not whole where there are more.
func having(ctx context.Context, db *store.DB, kind EntityKind, related []string, term string) (ids []string, whole bool, err error) {
	reads, lists := lookUp(kind, term)
	if err := db.ReadAll(ctx, reads); err != nil {
		return nil, false, err
	}
	whole = true
	for _, list := range lists {
		whole = whole && len(*list) <= maxListed
		ids = append(ids, *list...)
	}
	for _, column := range related {
		others, all, err := having(ctx, db, EntityKind(column), nil, term)
		if err != nil {
			return nil, false, err
		}
		more, err := foundBy(ctx, db, kind, column, others)
		if err != nil {
			return nil, false, err
		}
		whole = whole && all && len(more) <= maxListed
		ids = append(ids, more...)
	}
	return keysOf(setOf(ids)), whole, nil
}

// foundBy are the records that belong to one of others.
func foundBy(ctx context.Context, db *store.DB, kind EntityKind, column string, others []string) ([]string, error) {
	if len(others) == 0 {
		return nil, nil
	}
	q := new(query).add("SELECT t.id FROM " + string(kind) + " t WHERE t." + column).in(others[:min(len(others), maxListed)])
	return all(ctx, db, text, q.add(" LIMIT ?", maxListed+1))
}

// lookUp asks the indexes for a term: beginnings of words, what stands within them, ends of numbers. The orders are those of the indexes, and
// what no index of them begins with is no plain column, so that they are used however the database guesses.
func lookUp(kind EntityKind, term string) (reads []store.Read, lists []*[]string) {
	low := []byte(term)
	ask := func(q *query) {
		list := new([]string)
		reads, lists = append(reads, readInto(text, q.add(" LIMIT ?", maxListed+1), list)), append(lists, list)
	}
	ask(new(query).add(`SELECT entity_id FROM search_word WHERE entity_kind = ? AND word >= ? AND word < ? ORDER BY entity_kind, word, entity_id`, kind, low, after(low)))
	if !within(term) {
		return reads, lists
	}
	ask(new(query).add(`SELECT w.entity_id FROM search_part p CROSS JOIN search_word w WHERE p.part >= ? AND p.part < ? AND w.entity_kind = ? AND w.word = p.word
		ORDER BY p.part, p.word`, low, after(low), kind))
	if end := reversed(Point{Kind: Phone, Value: term}); len(digits(term)) == len(term) {
		ask(new(query).add(`SELECT entity_id FROM contact_point WHERE reversed >= ? AND reversed < ? AND entity_kind || '' = ? ORDER BY reversed`, end, after(end), kind))
	}
	return reads, lists
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func both(set map[string]bool, ids []string) map[string]bool {
	common := map[string]bool{}
	for _, id := range ids {
		if set[id] {
			common[id] = true
		}
	}
	return common
}

func keysOf(set map[string]bool) []string {
	ids := make([]string, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	return ids
}
