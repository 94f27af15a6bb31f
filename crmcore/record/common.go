package record

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Where all terms of a search are common ("c e"), some records that have them are soon found in the list itself, from
// its beginning. Where that would lead too far ("popescu paul": many have either, few both), the indexes name all
// records that have each of the terms, and those that somebody has who has few; what stands in all these lists is
// found. Two lists in order are put together at a hundredth of what it costs to ask each record of one for the other:
// its words stand elsewhere. Only a list that is far longer than the shortest is not read but asked. Where even the
// shortest is too long, the page ends, and the next one goes on: nothing is left out in any of the ways.
const (
	firstWalk = 512    // records of a list are walked at first,
	maxWalk   = 2048   // and at most
	maxRead   = 60_000 // records stand in a list that is read as a whole
	farLonger = 16     // times as long as the shortest one is a list that is asked
	maxShared = 8192   // others that records are found by are looked up
	maxParts  = 64     // parts of a list that is read as a whole
)

// seekCommon is seek for terms that many records have.
func (rs Table[T]) seekCommon(ctx context.Context, db *store.DB, actor people.User, f Filter, terms []term,
	n int) (found []spot, rest string, err error) {
	long := false // everything is
	for walked, block := 0, firstWalk; walked < maxWalk; {
		spots, whole, err := rs.next(ctx, db, actor, f, terms, block)
		if err != nil {
			return nil, "", err
		}
		found = appendHits(found, spots)
		if whole || len(found) >= n {
			return found[:min(len(found), n)], "", nil
		}
		f.Cursor = cursorAt(f.Order, spots[len(spots)-1])
		walked += len(spots)
		block = stillToWalk(walked, len(found), n)
		if block > 4*firstWalk && !long {
			limit := min(block, maxRead)
			lists, err := rs.lengths(ctx, db, actor, f, terms, limit)
			if err != nil {
				return nil, "", err
			}
			if lists[0].size < limit {
				more, err := rs.read(ctx, db, actor, f, lists, n-len(found))
				return append(found, more...), "", err
			}
			long = limit == maxRead
		}
		block = min(block, max(3*walked, firstWalk), maxWalk)
	}
	return found, f.Cursor, nil
}

// stillToWalk is how much further a walk leads, for all n to be found as those that were.
func stillToWalk(walked, found, n int) int {
	if found == 0 {
		return maxRead + 1
	}
	return max(firstWalk, (n-found)*walked/found*5/4)
}

// lengthy is a list of records, in parts, for a term or, without one, of those that somebody has.
type lengthy struct {
	term  *term
	parts []source // none: it can't be read as a whole
	size  int
	more  bool // it is longer
}

// lengths are the lists for the terms, the shortest first, and how many records are in each as far as that matters: it
// is asked further until the shortest one is known to be shorter than limit, or not to be, and then which of the others
// are not far longer.
func (rs Table[T]) lengths(ctx context.Context, db *store.DB, actor people.User, f Filter, terms []term,
	limit int) (lists []lengthy, err error) {
	own, err := rs.ownParts(ctx, db, actor, f)
	if err != nil {
		return nil, err
	}
	lists = append(lists, lengthy{parts: own})
	for _, t := range terms {
		parts, err := rs.sources(ctx, db, t)
		if err != nil {
			return nil, err
		}
		lists = append(lists, lengthy{term: &t, parts: parts})
	}
	for _, most := range []int{4 * firstWalk, 32 * firstWalk, maxRead} {
		most = min(most, limit)
		if err := countParts(ctx, db, lists, most); err != nil {
			return nil, err
		}
		if !lists[0].more || most == limit {
			break
		}
	}
	return lists, countParts(ctx, db, lists, min(farLonger*lists[0].size+1, maxRead))
}

// countParts counts the lists as far as limit, and sorts them.
func countParts(ctx context.Context, db *store.DB, lists []lengthy, limit int) error {
	var reads []store.Read
	for i := range lists {
		l := &lists[i]
		l.size = limit
		if len(l.parts) > 0 {
			q := query.New("SELECT COUNT(*) FROM (").With(union(l.parts)).Add(" LIMIT ?) few", limit)
			reads = append(reads, store.Read{Query: q.String(), Args: q.Args,
				Line: func(r store.Row) error { return r.Scan(&l.size) }})
		}
	}
	err := db.ReadAll(ctx, reads)
	for i := range lists {
		lists[i].more = lists[i].size >= limit
	}
	slices.SortStableFunc(lists, func(a, b lengthy) int { return cmp.Compare(a.size, b.size) })
	return err
}

// ownParts name the records of a list that is that of few; none where it is not.
func (rs Table[T]) ownParts(ctx context.Context, db *store.DB, actor people.User,
	f Filter) (parts []source, err error) {
	lists, err := listsOf(ctx, db, actor, f)
	if err != nil || len(lists) > maxParts ||
		len(lists) == 1 && !f.narrow() && (actor.SeesAll() || actor.Access == people.AccessDepartment) {
		return nil, err
	}
	for _, condition := range lists {
		parts = append(parts, source{ask: func(q *query.Builder) *query.Builder {
			condition(q.Add("SELECT t.id AS id FROM " + string(rs.Kind) + " t WHERE "))
			rs.narrow(q, actor, f)
			return q
		}})
	}
	return parts, nil
}

// sources name all records that have a term; none where the records they are found by are too many to be named.
func (rs Table[T]) sources(ctx context.Context, db *store.DB, t term) (list []source, err error) {
	list = lookUp(rs.Kind, t)
	if !t.shared {
		return list, nil
	}
	for _, column := range rs.Search {
		others, whole, err := listed(ctx, db, Kind(column), t, maxShared)
		if err != nil || !whole {
			return nil, err
		}
		for some := range slices.Chunk(others, chunk) {
			list = append(list, rs.by(column, some))
		}
	}
	return list, nil
}

// read are the first n records of a list that stand in all lists. By name all of them have to be looked at, which the
// database does by itself.
func (rs Table[T]) read(ctx context.Context, db *store.DB, actor people.User, f Filter, lists []lengthy,
	n int) ([]spot, error) {
	all, asked := together(lists)
	if !f.Order.byID() {
		in := func(q *query.Builder) { q.Add(" IN (").With(all).Add(")") }
		return rs.among(ctx, db, actor, f, asked, in, maxRead, n)
	}
	ids, err := query.All(ctx, db, query.Text, new(query.Builder).With(all))
	if err != nil {
		return nil, err
	}
	return rs.pick(ctx, db, actor, f, asked, slices.Compact(ids), n)
}

// together selects what stands in all lists, the shortest first, but in those that are far longer: they are to be
// asked.
func together(lists []lengthy) (all func(*query.Builder), asked []term) {
	var selects []func(*query.Builder)
	for i, l := range lists {
		switch far := i > 0 && (l.more || l.size > farLonger*lists[0].size); {
		case !far:
			selects = append(selects, union(l.parts))
		case l.term != nil:
			asked = append(asked, *l.term)
		}
	}
	return func(q *query.Builder) {
		for i, one := range selects {
			if i > 0 {
				q.Add(" INTERSECT ")
			}
			q.With(one)
		}
		q.Add(" ORDER BY id") // SQLite goes through all of them at once then
	}, asked
}

// union is what stands in any of the parts.
func union(parts []source) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("SELECT id FROM (")
		for i, p := range parts {
			if i > 0 {
				q.Add(" UNION ALL ")
			}
			p.ask(q)
		}
		q.Add(") u")
	}
}

func appendHits(found, spots []spot) []spot {
	for _, s := range spots {
		if s.hit {
			found = append(found, s)
		}
	}
	return found
}
