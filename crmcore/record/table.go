package record

import (
	"context"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Table tells how a kind of record is read: the one place for getting and listing all four.
type Table[T any] struct {
	Kind   Kind
	From   string // SELECT … FROM table t …
	Scan   func(store.Row) (T, error)
	Self   func(*T) (id, name string, points *[]Point) // points nil: it has none
	Search []string                                    // further records it is found by: columns named like their kind
}

// Get reads one record, whoever asks.
func (rs Table[T]) Get(ctx context.Context, db store.Queries, id string) (T, error) {
	item, err := query.One(ctx, db, rs.Scan, query.New(rs.From+" WHERE t.id = ?", id))
	if err != nil {
		return item, err
	}
	items := []T{item}
	err = rs.attach(ctx, db, items)
	return items[0], err
}

// Some reads records by id, in no order, whoever asks.
func (rs Table[T]) Some(ctx context.Context, db *store.DB, ids []string) ([]T, error) {
	l := rs.Lot(ids, OneOf(ids))
	err := db.ReadAll(ctx, l.Reads())
	return l.Whole(), err
}

// Lot is records that are read together with others: first its reads, then whole.
type Lot[T any] struct {
	Table[T]
	of     []string             // nothing is read when it is empty
	ids    func(*query.Builder) // " IN …"
	items  []T
	points []OwnPoint
}

func (rs Table[T]) Lot(of []string, ids func(*query.Builder)) *Lot[T] {
	return &Lot[T]{Table: rs, of: of, ids: ids}
}

func (l *Lot[T]) Reads() []store.Read {
	if len(l.of) == 0 {
		return nil
	}
	reads := []store.Read{query.Into(l.Scan, query.New(l.From+" WHERE t.id").With(l.ids), &l.items)}
	if l.pointed() {
		reads = append(reads, query.Into(ScanPoint, PointsOf(l.Kind, l.ids), &l.points))
	}
	return reads
}

// Heads are its reads without points.
func (l *Lot[T]) Heads() []store.Read { return l.Reads()[:min(len(l.of), 1)] }

// Whole are the records that were read, with their points.
func (l *Lot[T]) Whole() []T {
	l.hand(l.points, l.items)
	return l.items
}

// attach loads the points of all items at once.
func (rs Table[T]) attach(ctx context.Context, db store.Queries, items []T) error {
	if len(items) == 0 || !rs.pointed() {
		return nil
	}
	ids := make([]string, len(items))
	for i := range items {
		ids[i], _, _ = rs.Self(&items[i])
	}
	found, err := query.All(ctx, db, ScanPoint, PointsOf(rs.Kind, OneOf(ids)))
	rs.hand(found, items)
	return err
}

// pointed tells whether this kind of record has points.
func (rs Table[T]) pointed() bool {
	_, _, points := rs.Self(new(T))
	return points != nil
}

// hand gives each item its points.
func (rs Table[T]) hand(found []OwnPoint, items []T) {
	if !rs.pointed() {
		return
	}
	for i := range items {
		id, _, points := rs.Self(&items[i])
		*points = []Point{}
		for _, o := range found {
			if o.owner == id {
				*points = append(*points, o.Point)
			}
		}
	}
}

// Permitted reads one record for an actor.
func (rs Table[T]) Permitted(ctx context.Context, db store.Queries, actor people.User, id string) (T, error) {
	if _, err := Permit(ctx, db, actor, rs.Kind.Ref(id)); err != nil {
		var none T
		return none, err
	}
	return rs.Get(ctx, db, id)
}

// narrow appends the conditions of a filter that this kind has.
func (rs Table[T]) narrow(q *query.Builder, actor people.User, f Filter) {
	if f.Responsible != "" {
		q.Add(" AND t.responsible = ?", f.Responsible)
	}
	if f.Mine {
		q.Add(" AND t.responsible = ?", actor.ID)
	}
	if f.Company != "" && (rs.Kind == Contact || rs.Kind == Deal) {
		q.Add(" AND t.company = ?", f.Company)
	}
	if f.Contact != "" && rs.Kind == Deal {
		q.Add(" AND t.contact = ?", f.Contact)
	}
	if f.Pipeline != "" && rs.Kind == Deal {
		q.Add(" AND t.pipeline = ?", f.Pipeline)
	}
	if f.Stage != "" {
		rs.inStage(q, f.Stage)
	}
	if f.Where != nil {
		f.Where(q)
	}
}

func (rs Table[T]) inStage(q *query.Builder, stage string) {
	switch {
	case rs.Kind == Lead && stage == "open":
		q.Add(" AND t.stage IN ('new', 'in_progress')")
	case rs.Kind == Deal && (stage == "open" || stage == "won" || stage == "lost"):
		q.Add(" AND t.stage IN (SELECT id FROM stage WHERE kind = ?)", stage)
	case rs.Kind == Lead || rs.Kind == Deal:
		q.Add(" AND t.stage = ?", stage)
	}
}
