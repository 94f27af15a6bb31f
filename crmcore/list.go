package crmcore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"frontdesk/store"
)

// spot is where a record stands in a list.
type spot struct {
	id     string
	folded []byte
	others []string // the records it is found by, in the order of records.search
}

// list reads one page. Of a search with common words it is a page of what was looked at, see seek.
func (rs records[T]) list(ctx context.Context, db *store.DB, actor User, f Filter) (List[T], error) {
	limit := pageLimit(f.Limit)
	spots, err := rs.spots(ctx, db, actor, f, limit+1)
	if err != nil {
		return List[T]{}, err
	}
	page := List[T]{}
	if len(spots) > limit {
		spots = spots[:limit]
		last := spots[limit-1]
		page.Next = cursorAt(f.Order, last.id, last.folded)
	}
	page.Items, err = rs.at(ctx, db, spots)
	return page, err
}

// spots are the first n records of a list.
func (rs records[T]) spots(ctx context.Context, db *store.DB, actor User, f Filter, n int) ([]spot, error) {
	wanted := terms(f.Query)
	switch {
	case len(wanted) > 0:
		return rs.seek(ctx, db, actor, f, wanted, n)
	case strings.TrimSpace(f.Query) != "": // only punctuation: nothing begins so
		_, _, err := readCursor(f.Order, f.Cursor)
		return nil, err
	}
	return rs.first(ctx, db, actor, f, n)
}

// at reads the records in their order. One that went meanwhile is left out.
func (rs records[T]) at(ctx context.Context, db *store.DB, spots []spot) ([]T, error) {
	place := map[string]int{}
	for i, s := range spots {
		place[s.id] = i
	}
	items, err := rs.some(ctx, db, spotIDs(spots))
	if items == nil {
		items = []T{}
	}
	at := func(item T) int { id, _, _ := rs.self(&item); return place[id] }
	slices.SortFunc(items, func(a, b T) int { return cmp.Compare(at(a), at(b)) })
	return items, err
}

func spotIDs(spots []spot) []string {
	ids := make([]string, len(spots))
	for i, s := range spots {
		ids[i] = s.id
	}
	return ids
}

// first are the first n records of a list, whatever they are called. Those of several people are read person by person: each has its place in an index,
// all together have none. For a walk, which takes more than a page, few of each will do.
func (rs records[T]) first(ctx context.Context, db *store.DB, actor User, f Filter, n int) ([]spot, error) {
	holders, err := holdersOf(ctx, db, actor, f)
	if err != nil {
		return nil, err
	}
	each := n
	if len(holders) > 0 {
		each = min(n, max(pageLimit(f.Limit)+1, 2*n/len(holders)))
	}
	var found []spot
	var reads []store.Read
	for _, o := range holders {
		q, err := rs.spotsWhere(actor, f, func(q *query) { q.owned(o) })
		if err != nil {
			return nil, err
		}
		reads = append(reads, readInto(rs.scanSpot, q.add(" LIMIT ?", each), &found))
	}
	if len(holders) == 0 {
		q, err := rs.spotsWhere(actor, f, func(q *query) { q.readable(actor, "t") })
		if err != nil {
			return nil, err
		}
		reads = append(reads, readInto(rs.scanSpot, q.add(" LIMIT ?", n), &found))
	}
	err = db.ReadAll(ctx, reads)
	return topOf(f.Order, found, n), err
}

// among are those of the records that belong to a list.
func (rs records[T]) among(ctx context.Context, db *store.DB, actor User, f Filter, ids []string) (found []spot, err error) {
	for len(ids) > 0 {
		some := ids[:min(len(ids), chunk)]
		ids = ids[len(some):]
		q, err := rs.spotsWhere(actor, f, func(q *query) { q.readable(actor, "t").add(" AND t.id").in(some) })
		if err != nil {
			return nil, err
		}
		more, err := all(ctx, db, rs.scanSpot, q)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// spotsWhere asks for the records of a list that satisfy the condition, from its cursor on and in its order.
func (rs records[T]) spotsWhere(actor User, f Filter, condition func(q *query)) (*query, error) {
	q := new(query).add("SELECT t.id, t.folded")
	for _, column := range rs.search {
		q.add(", t." + column)
	}
	q.add(" FROM " + string(rs.kind) + " t WHERE ")
	condition(q)
	rs.narrow(q, actor, f)
	return q, keyset(q, f)
}

func (rs records[T]) scanSpot(r row) (s spot, err error) {
	s.others = make([]string, len(rs.search))
	into := []any{&s.id, &s.folded}
	for i := range s.others {
		into = append(into, &s.others[i])
	}
	return s, r.Scan(into...)
}

// topOf are the first n, in order, each once.
func topOf(o Order, spots []spot, n int) []spot {
	slices.SortFunc(spots, func(a, b spot) int {
		if o == ByName {
			return cmp.Or(bytes.Compare(a.folded, b.folded), strings.Compare(a.id, b.id))
		}
		return strings.Compare(b.id, a.id)
	})
	spots = slices.CompactFunc(spots, func(a, b spot) bool { return a.id == b.id })
	return spots[:min(len(spots), n)]
}

// holder is a user, or a department whose records nobody is responsible for.
type holder struct{ user, department string }

// maxHolders are read one by one; who may read the records of more, reads a good part of all.
const maxHolders = 300

// holdersOf are those whose records an actor may read; none where a list is better read as a whole.
func holdersOf(ctx context.Context, db *store.DB, actor User, f Filter) ([]holder, error) {
	if actor.seesAll() || f.Mine || f.Responsible != "" || f.Company != "" || f.Contact != "" {
		return nil, nil
	}
	holders := []holder{{user: actor.ID}}
	switch {
	case actor.Access == AccessDepartment && actor.Department != "":
		q := new(query).add("SELECT id, '' FROM app_user WHERE id <> ? AND department IN (", actor.ID).below(actor.Department)
		q.add(") UNION ALL SELECT '', id FROM (").below(actor.Department).add(") d LIMIT ?", maxHolders)
		more, err := all(ctx, db, func(r row) (o holder, err error) { return o, r.Scan(&o.user, &o.department) }, q)
		if err != nil || len(more) == maxHolders {
			return nil, err
		}
		holders = append(holders, more...)
	case actor.Department != "":
		holders = append(holders, holder{department: actor.Department})
	}
	return holders, nil
}

func (q *query) owned(o holder) *query {
	if o.user != "" {
		return q.add("t.responsible = ?", o.user)
	}
	return q.add("t.responsible = '' AND t.department = ?", o.department)
}
