// Package match finds out who called or wrote: the records that have an address, or one like it, or that a
// conversation is about, best first, with the reason for each. It writes nothing.
package match

import (
	"context"

	"frontdesk/crmcore/address"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Who finds out who it was, in this order: our own addresses and anonymous callers are nobody; a reply belongs to its
// conversation; then who has exactly this address; then who has one like it, which is never more than a maybe.
func (w Question) Who(ctx context.Context, db store.Queries) (Found, error) {
	var hits []Hit
	if q := w.Having(); q != nil {
		var err error
		if hits, err = query.All(ctx, db, Scan, q); err != nil {
			return Found{Match: None}, err
		}
	}
	return w.Among(ctx, db, hits, nil)
}

// Among is Who where it was read already who has exactly the address (Having), and maybe who has one like it (Like).
func (w Question) Among(ctx context.Context, db store.Queries, hits []Hit, like *[]Hit) (Found, error) {
	f := Found{Match: None}
	if w.Own {
		return f, nil
	}
	thread, err := w.continued(ctx, db)
	if err != nil {
		return f, err
	}
	hits = unclaimed(distinct(hits, w))
	rank(hits, w.Users)
	switch {
	case len(thread) > 0:
		return f.inThread(thread, hits), nil
	case len(hits) == 0:
		f.Hits, err = w.similar(ctx, db, like)
		if len(f.Hits) > 0 {
			f.Match = Maybe
		}
	default:
		f.Match = Exact
		f.Hits, f.Several, err = companyFirst(ctx, db, hits)
	}
	return f, err
}

// Having selects who has the address, in any form of it; nil where nobody can.
func (w Question) Having() *query.Builder {
	a := w.Client
	if a.Value == "" || w.Own {
		return nil
	}
	forms := []string{a.Value}
	if a.Kind == address.Phone {
		forms = address.Forms(a.Value)
	}
	return having(w, func(q *query.Builder) { q.Add("p.value").In(forms).Add(" AND p.kind = ?", a.Kind) })
}
