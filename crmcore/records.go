package crmcore

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// records tells how a kind of record is read: the one place for getting and listing all four.
type records[T any] struct {
	kind   EntityKind
	from   string // SELECT … FROM table t …
	scan   func(store.Row) (T, error)
	self   func(*T) (id, name string, points *[]Point) // points nil: it has none
	search []string                                    // further records it is found by: columns named like their kind
}

// get reads one record, whoever asks.
func (rs records[T]) get(ctx context.Context, db store.Queries, id string) (T, error) {
	item, err := query.One(ctx, db, rs.scan, query.New(rs.from+" WHERE t.id = ?", id))
	if err != nil {
		return item, err
	}
	items := []T{item}
	err = rs.attach(ctx, db, items)
	return items[0], err
}

// some reads records by id, in no order, whoever asks.
func (rs records[T]) some(ctx context.Context, db *store.DB, ids []string) ([]T, error) {
	l := rs.lot(ids, oneOf(ids))
	err := db.ReadAll(ctx, l.reads())
	return l.whole(), err
}

// lot is records that are read together with others: first its reads, then whole.
type lot[T any] struct {
	records[T]
	of     []string             // nothing is read when it is empty
	ids    func(*query.Builder) // " IN …"
	items  []T
	points []ownPoint
}

func (rs records[T]) lot(of []string, ids func(*query.Builder)) *lot[T] {
	return &lot[T]{records: rs, of: of, ids: ids}
}

func (l *lot[T]) reads() []store.Read {
	if len(l.of) == 0 {
		return nil
	}
	reads := []store.Read{query.Into(l.scan, query.New(l.from+" WHERE t.id").With(l.ids), &l.items)}
	if l.pointed() {
		reads = append(reads, query.Into(scanPoint, pointsOf(l.kind, l.ids), &l.points))
	}
	return reads
}

// whole are the records that were read, with their points.
func (l *lot[T]) whole() []T {
	l.hand(l.points, l.items)
	return l.items
}

// attach loads the points of all items at once.
func (rs records[T]) attach(ctx context.Context, db store.Queries, items []T) error {
	if len(items) == 0 || !rs.pointed() {
		return nil
	}
	ids := make([]string, len(items))
	for i := range items {
		ids[i], _, _ = rs.self(&items[i])
	}
	found, err := query.All(ctx, db, scanPoint, pointsOf(rs.kind, oneOf(ids)))
	rs.hand(found, items)
	return err
}

// pointed tells whether this kind of record has points.
func (rs records[T]) pointed() bool {
	_, _, points := rs.self(new(T))
	return points != nil
}

// hand gives each item its points.
func (rs records[T]) hand(found []ownPoint, items []T) {
	if !rs.pointed() {
		return
	}
	for i := range items {
		id, _, points := rs.self(&items[i])
		*points = []Point{}
		for _, o := range found {
			if o.owner == id {
				*points = append(*points, o.Point)
			}
		}
	}
}

// permitted reads one record for an actor.
func (rs records[T]) permitted(ctx context.Context, db store.Queries, actor people.User, id string) (T, error) {
	if _, err := permit(ctx, db, actor, rs.kind.Ref(id)); err != nil {
		var none T
		return none, err
	}
	return rs.get(ctx, db, id)
}

// narrow appends the conditions of a filter that this kind has.
func (rs records[T]) narrow(q *query.Builder, actor people.User, f Filter) {
	if f.Responsible != "" {
		q.Add(" AND t.responsible = ?", f.Responsible)
	}
	if f.Mine {
		q.Add(" AND t.responsible = ?", actor.ID)
	}
	if f.Company != "" && (rs.kind == KindContact || rs.kind == KindDeal) {
		q.Add(" AND t.company = ?", f.Company)
	}
	if f.Contact != "" && rs.kind == KindDeal {
		q.Add(" AND t.contact = ?", f.Contact)
	}
	if f.Pipeline != "" && rs.kind == KindDeal {
		q.Add(" AND t.pipeline = ?", f.Pipeline)
	}
	if f.Stage != "" {
		rs.inStage(q, f.Stage)
	}
}

func (rs records[T]) inStage(q *query.Builder, stage string) {
	switch {
	case rs.kind == KindLead && stage == "open":
		q.Add(" AND t.stage IN ('new', 'in_progress')")
	case rs.kind == KindDeal && (stage == "open" || stage == "won" || stage == "lost"):
		q.Add(" AND t.stage IN (SELECT id FROM stage WHERE kind = ?)", stage)
	case rs.kind == KindLead || rs.kind == KindDeal:
		q.Add(" AND t.stage = ?", stage)
	}
}

// after is the first text of bytes beyond all those that begin with prefix. 0xff is in no UTF-8 text.
func after(prefix []byte) []byte { return append(append([]byte{}, prefix...), 0xff) }

// beyond appends the start of the page. Ids are UUIDv7: their order is that of creation.
func (f Filter) beyond(q *query.Builder) error {
	id, name, err := readCursor(f.Order, f.Cursor)
	switch {
	case err != nil || f.Cursor == "":
	case f.Order == ByName:
		q.Add(" AND (t.folded, t.id) > (?, ?)", []byte(name), id)
	default:
		q.Add(" AND t.id < ?", id)
	}
	return err
}

// clause is the order of a list of table t.
func (o Order) clause() string {
	if o == ByName {
		return " ORDER BY t.folded, t.id"
	}
	return " ORDER BY t.id DESC"
}

// sortKey is a name as lists order it.
func sortKey(name string) []byte { return []byte(fold.Clip(fold.Text(name), 200)) }

func cursorAt(o Order, s spot) string {
	if o != ByName {
		s.folded = nil
	}
	return base64.RawURLEncoding.EncodeToString([]byte(s.id + "\n" + string(s.folded)))
}

func readCursor(o Order, cursor string) (id, name string, err error) {
	if cursor == "" {
		return "", "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	id, name, found := strings.Cut(string(raw), "\n")
	if err != nil || !found || len(cursor) > 1000 {
		return "", "", input.Refuse("cursor", "is not one of ours; start from the first page")
	}
	return id, name, nil
}

func pageLimit(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 200)
}

// change runs fn on a record that the actor may change and that is still as he saw it (a zero time: as it is now).
// What fn returns of ErrConflict and others undoes everything; after the commit the change is told.
func (c *Core) change(ctx context.Context, actor people.User, ref Ref, seen time.Time,
	fn func(tx *store.Tx, old head) error) error {
	return c.alter(ctx, actor, ref, seen, func(tx *store.Tx, old head) error {
		return query.Steps(func() error { return fn(tx, old) },
			func() error { return tellRecord(ctx, tx, ref, recordChanged, "") })
	})
}

// alter is change without the event.
func (c *Core) alter(ctx context.Context, actor people.User, ref Ref, seen time.Time,
	fn func(tx *store.Tx, old head) error) error {
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		old, err := permit(ctx, tx, actor, ref)
		if err != nil {
			return err
		}
		if !seen.IsZero() && !seen.Equal(old.updated) {
			return ErrConflict
		}
		stamp := max(store.Micros(time.Now()), store.Micros(old.updated)+1)
		n, err := query.Exec(ctx, tx,
			"UPDATE "+string(ref.Kind)+" SET updated_at = $1 WHERE id = $2 AND updated_at = $3",
			stamp, ref.ID, store.Micros(old.updated))
		if err == nil && n == 0 {
			err = ErrConflict
		}
		if err != nil {
			return err
		}
		return fn(tx, old)
	})
	if err == nil {
		c.hooks.Changed(ctx, ref)
	}
	return err
}

// Delete removes a record of any kind. Its calls and mails stay in the log; deals and contacts of a deleted client
// stay.
func (c *Core) Delete(ctx context.Context, actor people.User, ref Ref) error {
	return c.alter(ctx, actor, ref, time.Time{}, func(tx *store.Tx, old head) error {
		if err := unindex(ctx, tx, ref); err != nil {
			return err
		}
		for _, statement := range append(detach(ref.Kind),
			"DELETE FROM "+string(ref.Kind)+" WHERE id = $1",
			"DELETE FROM activity_entity WHERE entity_id = $1 AND entity_kind = '"+string(ref.Kind)+"'") {
			if _, err := tx.Exec(ctx, statement, ref.ID); err != nil {
				return err
			}
		}
		return tellRecord(ctx, tx, ref, recordDeleted, old.responsible)
	})
}

// detach are the statements that forget a record elsewhere.
func detach(kind EntityKind) []string {
	switch kind {
	case KindContact:
		return []string{"UPDATE deal SET contact = '' WHERE contact = $1",
			"UPDATE lead SET contact = '' WHERE contact = $1"}
	case KindCompany:
		return []string{"UPDATE contact SET company = '' WHERE company = $1",
			"UPDATE deal SET company = '' WHERE company = $1"}
	case KindLead:
		return []string{"DELETE FROM lead_address WHERE lead = $1"}
	}
	return []string{"UPDATE lead SET deal = '' WHERE deal = $1"}
}

// Assign makes an active user responsible. The predecessor's open tasks and unanswered mails on the record go along.
func (c *Core) Assign(ctx context.Context, actor people.User, ref Ref, user string) error {
	return c.change(ctx, actor, ref, time.Time{}, func(tx *store.Tx, old head) error {
		return c.handOver(ctx, tx, actor, ref, old, user)
	})
}

// handOver is Assign inside a running change; it does nothing when the responsible user stays.
func (c *Core) handOver(ctx context.Context, tx *store.Tx, actor people.User, ref Ref, old head, user string) error {
	if user == old.responsible {
		return nil
	}
	if err := people.CheckUser(ctx, tx, "responsible", user); err != nil {
		return err
	}
	chosen := ""
	if ref.Kind == KindLead {
		chosen = ", kept = FALSE"
	}
	if _, err := tx.Exec(ctx, "UPDATE "+string(ref.Kind)+" SET responsible = $1"+chosen+" WHERE id = $2", user,
		ref.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE activity SET user_id = $1 WHERE user_id = $2 AND waiting
		AND id IN (SELECT activity FROM activity_entity WHERE entity_kind = $3 AND entity_id = $4)`, user, old.responsible, ref.Kind, ref.ID); err != nil {
		return err
	}
	names, err := people.Names(ctx, tx, old.responsible, user)
	if err != nil {
		return err
	}
	return logChange(ctx, tx, actor, ref, Made{What: "responsible", From: names[old.responsible], To: names[user]})
}
