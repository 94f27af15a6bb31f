package crmcore

import (
	"context"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// tableOf names the table of a kind of record; an unknown kind is ErrNotFound, since kinds come in URLs.
func tableOf(kind EntityKind) (string, error) {
	switch kind {
	case KindContact, KindCompany, KindLead, KindDeal:
		return string(kind), nil
	}
	return "", ErrNotFound
}

// head is what all records have in common.
type head struct {
	name        string
	responsible string
	department  string
	updated     time.Time
	readable    bool
}

// headOf reads the head of a record and whether the actor may see it.
func headOf(ctx context.Context, db store.Queries, actor people.User, ref Ref) (head, error) {
	table, err := tableOf(ref.Kind)
	if err != nil {
		return head{}, err
	}
	q := query.New("SELECT t.name, t.responsible, t.department, t.updated_at, CASE WHEN ").
		With(people.Readable(actor, "t"))
	q.Add(" THEN 1 ELSE 0 END FROM "+table+" t WHERE t.id = ?", ref.ID)
	return query.One(ctx, db, func(r store.Row) (h head, err error) {
		var updated, readable int64
		err = r.Scan(&h.name, &h.responsible, &h.department, &updated, &readable)
		h.updated, h.readable = store.Time(updated), readable == 1
		return h, err
	}, q)
}

// permit is headOf for what only those may do who see the record: ErrNotFound, ErrForbidden.
func permit(ctx context.Context, db store.Queries, actor people.User, ref Ref) (head, error) {
	h, err := headOf(ctx, db, actor, ref)
	if err == nil && !h.readable {
		err = people.ErrForbidden
	}
	return h, err
}

// Named is a record with its name.
type Named struct {
	Ref
	Name string `json:"name"`
}

// Readable names those of the records that the actor may see, in the order given.
func (c *Core) Readable(ctx context.Context, actor people.User, refs []Ref) ([]Named, error) {
	var reads []store.Read
	var found []Named
	for _, kind := range []EntityKind{KindContact, KindCompany, KindLead, KindDeal} {
		if ids := idsIn(refs, kind); len(ids) > 0 {
			q := query.New("SELECT t.id, t.name FROM " + string(kind) + " t WHERE ").With(people.Readable(actor, "t")).
				Add(" AND t.id").In(ids)
			reads = append(reads, query.Into(func(r store.Row) (n Named, err error) {
				n.Kind = kind
				return n, r.Scan(&n.ID, &n.Name)
			}, q, &found))
		}
	}
	if err := c.db.ReadAll(ctx, reads); err != nil {
		return nil, err
	}
	names := map[Ref]string{}
	for _, n := range found {
		names[n.Ref] = n.Name
	}
	out := []Named{}
	for _, ref := range refs {
		if name, ok := names[ref]; ok {
			out = append(out, Named{ref, name})
		}
	}
	return out, nil
}

// idsIn are the ids of the records of a kind.
func idsIn(refs []Ref, kind EntityKind) (ids []string) {
	for _, ref := range refs {
		if ref.Kind == kind {
			ids = append(ids, ref.ID)
		}
	}
	return ids
}
