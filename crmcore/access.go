package crmcore

import (
	"context"
	"time"

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

// seesAll tells whether no record is hidden from a user.
func (u User) seesAll() bool { return u.Role == Admin || u.Access == AccessAll }

// readable is the predicate for the records of table t that the actor may see and change: all; or those of the people
// of his department and the ones below; or his own. A record nobody is responsible for counts as its department's, for
// everyone in it.
func readable(actor User, t string) func(*query.Builder) {
	return func(q *query.Builder) {
		switch {
		case actor.seesAll():
			q.Add("TRUE")
		case actor.Access == AccessDepartment && actor.Department != "":
			q.Add("("+t+".responsible = ? OR "+t+".responsible IN (SELECT id FROM app_user WHERE department IN (",
				actor.ID).With(below(actor.Department))
			q.Add(")) OR (" + t + ".responsible = '' AND " + t + ".department IN (").
				With(below(actor.Department)).Add(")))")
		case actor.Department != "":
			q.Add("("+t+".responsible = ? OR ("+t+".responsible = '' AND "+t+".department = ?))", actor.ID,
				actor.Department)
		default:
			q.Add(t+".responsible = ?", actor.ID)
		}
	}
}

// below selects a department and all those under it. UNION, not UNION ALL: a cycle ends.
func below(department string) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add(`WITH RECURSIVE tree (id) AS (SELECT ? UNION SELECT d.id FROM department d JOIN tree ON d.parent = tree.id)
			SELECT id FROM tree`, department)
	}
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
func headOf(ctx context.Context, db store.Queries, actor User, ref Ref) (head, error) {
	table, err := tableOf(ref.Kind)
	if err != nil {
		return head{}, err
	}
	q := query.New("SELECT t.name, t.responsible, t.department, t.updated_at, CASE WHEN ").With(readable(actor, "t"))
	q.Add(" THEN 1 ELSE 0 END FROM "+table+" t WHERE t.id = ?", ref.ID)
	return query.One(ctx, db, func(r store.Row) (h head, err error) {
		var updated, readable int64
		err = r.Scan(&h.name, &h.responsible, &h.department, &updated, &readable)
		h.updated, h.readable = store.Time(updated), readable == 1
		return h, err
	}, q)
}

// permit is headOf for what only those may do who see the record: ErrNotFound, ErrForbidden.
func permit(ctx context.Context, db store.Queries, actor User, ref Ref) (head, error) {
	h, err := headOf(ctx, db, actor, ref)
	if err == nil && !h.readable {
		err = ErrForbidden
	}
	return h, err
}

func admins(actor User) error {
	if actor.Role != Admin {
		return ErrForbidden
	}
	return nil
}

// Named is a record with its name.
type Named struct {
	Ref
	Name string `json:"name"`
}

// Readable names those of the records that the actor may see, in the order given.
func (c *Core) Readable(ctx context.Context, actor User, refs []Ref) ([]Named, error) {
	var reads []store.Read
	var found []Named
	for _, kind := range []EntityKind{KindContact, KindCompany, KindLead, KindDeal} {
		if ids := idsIn(refs, kind); len(ids) > 0 {
			q := query.New("SELECT t.id, t.name FROM " + string(kind) + " t WHERE ").With(readable(actor, "t")).
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
