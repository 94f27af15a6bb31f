package record

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// List reads one page.
func (rs Table[T]) List(ctx context.Context, db *store.DB, actor people.User, f Filter) (List[T], error) {
	limit := PageLimit(f.Limit)
	spots, rest, err := rs.spots(ctx, db, actor, f, limit+1)
	if err != nil {
		return List[T]{}, err
	}
	page := List[T]{Next: rest}
	if len(spots) > limit {
		spots = spots[:limit]
		page.Next = cursorAt(f.Order, spots[limit-1])
	}
	page.Items, err = rs.at(ctx, db, spots)
	return page, err
}

// spots are the first n records of a list; rest is the cursor where there may be more though there are fewer than n,
// see seek.
func (rs Table[T]) spots(ctx context.Context, db *store.DB, actor people.User, f Filter,
	n int) (found []spot, rest string, err error) {
	wanted := terms(f.Query)
	switch {
	case len(wanted) > 0:
		return rs.seek(ctx, db, actor, f, wanted, n)
	case strings.TrimSpace(f.Query) != "": // only punctuation: nothing begins so
		_, _, err := readCursor(f.Order, f.Cursor)
		return nil, "", err
	}
	found, _, err = rs.next(ctx, db, actor, f, nil, n)
	return found[:min(len(found), n)], "", err
}

// at reads the records in their order. One that went meanwhile is left out.
func (rs Table[T]) at(ctx context.Context, db *store.DB, spots []spot) ([]T, error) {
	place := map[string]int{}
	for i, s := range spots {
		place[s.id] = i
	}
	items, err := rs.Some(ctx, db, spotIDs(spots))
	if items == nil {
		items = []T{}
	}
	at := func(item T) int { id, _, _ := rs.Self(&item); return place[id] }
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

// seek is where the first n records of a list stand that have all terms; rest is the cursor where it was given up to
// find so many.
func (rs Table[T]) seek(ctx context.Context, db *store.DB, actor people.User, f Filter, texts []string,
	n int) (found []spot, rest string, err error) {
	var rare []string
	var common []term
	exact := false
	list, err := rs.terms(ctx, db, texts)
	if err != nil {
		return nil, "", err
	}
	for _, t := range list {
		ids, whole, err := rs.found(ctx, db, t, maxListed)
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

// Extent is the FROM and WHERE of all pages of a list, as table t; of a search the first maxListed.
func (rs Table[T]) Extent(ctx context.Context, db *store.DB, actor people.User,
	f Filter) (func(*query.Builder), error) {
	from := func(q *query.Builder) { q.Add(string(rs.Kind) + " t") }
	if strings.TrimSpace(f.Query) != "" {
		found, _, err := rs.spots(ctx, db, actor, f, maxListed)
		if err != nil {
			return nil, err
		}
		from = these(rs.Kind, OneOf(spotIDs(found)), len(found))
	}
	return func(q *query.Builder) {
		q.Add(" FROM ").With(from).Add(" WHERE ").With(people.Readable(actor, "t"))
		rs.narrow(q, actor, f)
	}, nil
}
