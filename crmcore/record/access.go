package record

import (
	"context"
	"errors"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// ErrConflict: it was changed by someone else since it was read; read it again.
var ErrConflict = errors.New("changed by someone else meanwhile: load it again")

// Head is what all records have in common.
type Head struct {
	Name        string
	Responsible string
	Department  string
	Updated     time.Time
	Readable    bool
}

// HeadOf reads the head of a record and whether the actor may see it; Moved when it was merged into another.
func HeadOf(ctx context.Context, db store.Queries, actor people.User, ref Ref) (Head, error) {
	h, err := head(ctx, db, actor, ref)
	if errors.Is(err, store.ErrNotFound) {
		err = moved(ctx, db, actor, ref)
	}
	return h, err
}

func head(ctx context.Context, db store.Queries, actor people.User, ref Ref) (Head, error) {
	table, err := tableOf(ref.Kind)
	if err != nil {
		return Head{}, err
	}
	q := query.New("SELECT t.name, t.responsible, t.department, t.updated_at, CASE WHEN ").
		With(people.Readable(actor, "t"))
	q.Add(" THEN 1 ELSE 0 END FROM "+table+" t WHERE t.id = ?", ref.ID)
	return query.One(ctx, db, func(r store.Row) (h Head, err error) {
		var updated, readable int64
		err = r.Scan(&h.Name, &h.Responsible, &h.Department, &updated, &readable)
		h.Updated, h.Readable = store.Time(updated), readable == 1
		return h, err
	}, q)
}

// moved is the answer about a record that is not there.
func moved(ctx context.Context, db store.Queries, actor people.User, ref Ref) error {
	to, err := Follow(ctx, db, ref.ID)
	if err != nil {
		return err
	}
	if to == ref.ID {
		return store.ErrNotFound
	}
	m := &Moved{From: ref, To: ref.Kind.Ref(to)}
	if h, err := head(ctx, db, actor, m.To); err != nil || !h.Readable {
		return store.ErrNotFound
	}
	return m
}

// Permit is headOf for what only those may do who see the record: store.ErrNotFound, ErrForbidden.
func Permit(ctx context.Context, db store.Queries, actor people.User, ref Ref) (Head, error) {
	h, err := HeadOf(ctx, db, actor, ref)
	if err == nil && !h.Readable {
		err = people.ErrForbidden
	}
	return h, err
}

// Visible names those of the records that the actor may see, in the order given.
func Visible(ctx context.Context, db *store.DB, actor people.User, refs []Ref) ([]Named, error) {
	var reads []store.Read
	var found []Named
	for _, kind := range []Kind{Contact, Company, Lead, Deal} {
		if ids := idsIn(refs, kind); len(ids) > 0 {
			q := query.New("SELECT t.id, t.name FROM " + string(kind) + " t WHERE ").With(people.Readable(actor, "t")).
				Add(" AND t.id").In(ids)
			reads = append(reads, query.Into(func(r store.Row) (n Named, err error) {
				n.Kind = kind
				return n, r.Scan(&n.ID, &n.Name)
			}, q, &found))
		}
	}
	if err := db.ReadAll(ctx, reads); err != nil {
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
func idsIn(refs []Ref, kind Kind) (ids []string) {
	for _, ref := range refs {
		if ref.Kind == kind {
			ids = append(ids, ref.ID)
		}
	}
	return ids
}

// Hold keeps a record that the actor may change, and that is still as he saw it, from being changed by others until the
// transaction ends.
func Hold(ctx context.Context, tx *store.Tx, actor people.User, ref Ref, seen time.Time) (Head, error) {
	old, err := Permit(ctx, tx, actor, ref)
	if err != nil {
		return old, err
	}
	if !seen.IsZero() && !seen.Equal(old.Updated) {
		return old, ErrConflict
	}
	stamp := max(store.Micros(time.Now()), store.Micros(old.Updated)+1)
	n, err := query.Exec(ctx, tx,
		"UPDATE "+string(ref.Kind)+" SET updated_at = $1 WHERE id = $2 AND updated_at = $3",
		stamp, ref.ID, store.Micros(old.Updated))
	if err == nil && n == 0 {
		err = ErrConflict
	}
	return old, err
}
