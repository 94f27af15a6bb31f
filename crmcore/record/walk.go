package record

import (
	"context"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// next are about the first n records of a list, whatever they are called, or all of them: whole. Those of several
// people are read person by person: each has its place in an index, all together have none. Of each a part is read, and
// what may stand behind others that were not read is left out. Which of them have all terms is marked.
func (rs Table[T]) next(ctx context.Context, db *store.DB, actor people.User, f Filter, terms []term,
	n int) (spots []spot, whole bool, err error) {
	conditions, err := listsOf(ctx, db, actor, f)
	if err != nil {
		return nil, false, err
	}
	each := min(n, max(PageLimit(f.Limit)+1, 2*n/len(conditions)))
	lists, reads := make([][]spot, len(conditions)), []store.Read{}
	for i, condition := range conditions {
		q, err := rs.spotsWhere(db.Dialect(), actor, f, condition, terms, each)
		if err != nil {
			return nil, false, err
		}
		reads = append(reads, query.Into(scanSpot, q, &lists[i]))
	}
	err = db.ReadAll(ctx, reads)
	spots, whole = merged(f.Order, lists, each)
	return spots, whole, err
}

// listsOf are the conditions of the parts that a list is read in: one by one they have an index.
func listsOf(ctx context.Context, db *store.DB, actor people.User,
	f Filter) (conditions []func(*query.Builder), err error) {
	holders, err := holdersOf(ctx, db, actor, f)
	for _, o := range holders {
		conditions = append(conditions, o.owns)
	}
	if len(holders) == 0 {
		conditions = append(conditions, people.Readable(actor, "t"))
	}
	return conditions, err
}

// merged are the spots of lists up to the nearest end of one that goes on, as those do that have each spots; whole
// where none does.
func merged(o Order, lists [][]spot, each int) (spots []spot, whole bool) {
	var end *spot
	for _, list := range lists {
		spots = append(spots, list...)
		if last := len(list) - 1; len(list) == each && (end == nil || o.compare(list[last], *end) < 0) {
			end = &list[last]
		}
	}
	spots = topOf(o, spots, len(spots))
	if end == nil {
		return spots, true
	}
	at, _ := slices.BinarySearchFunc(spots, *end, o.compare)
	return spots[:at+1], false
}

// among are the first n of the records that belong to a list and have all terms; ids names them (" IN …"), at most so
// many.
func (rs Table[T]) among(ctx context.Context, db *store.DB, actor people.User, f Filter, terms []term,
	ids func(*query.Builder), most, n int) ([]spot, error) {
	q, err := rs.spotsAmong(db.Dialect(), actor, f, terms, ids, most, n)
	if err != nil {
		return nil, err
	}
	return query.All(ctx, db, scanSpot, q)
}

// spotsAmong asks for those.
func (rs Table[T]) spotsAmong(d store.Dialect, actor people.User, f Filter, terms []term, ids func(*query.Builder),
	most, n int) (*query.Builder, error) {
	q := query.New("SELECT t.id, t.folded, " + f.Order.rank() + ", TRUE FROM ").With(these(rs.Kind, ids, most)).
		Add(" WHERE ").
		With(people.Readable(actor, "t"))
	rs.narrow(q, actor, f)
	rs.having(q, d, "t", terms)
	err := f.beyond(q)
	return q.Add(f.Order.clause()+" LIMIT ?", n), err
}

// these are the records that ids names as table t, at most so many. LIMIT has the databases take them by their ids
// first, whatever else they may guess.
func these(kind Kind, ids func(*query.Builder), most int) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("(SELECT * FROM "+string(kind)+" WHERE id").With(ids).Add(" LIMIT ?) t", most)
	}
}

// spotsWhere asks for n records of a list that satisfy the condition, from its cursor on and in its order, and which of
// them have all terms.
func (rs Table[T]) spotsWhere(d store.Dialect, actor people.User, f Filter, condition func(q *query.Builder),
	terms []term, n int) (*query.Builder, error) {
	q := query.New("SELECT t.id, t.folded, t.rank, CASE WHEN TRUE")
	rs.having(q, d, "t", terms)
	q.Add(" THEN TRUE ELSE FALSE END FROM (SELECT t.id, t.folded, " + f.Order.rank() + " AS rank")
	for _, column := range rs.Search {
		q.Add(", t." + column)
	}
	condition(q.Add(" FROM " + string(rs.Kind) + " t WHERE "))
	rs.narrow(q, actor, f)
	err := f.beyond(q)
	return q.Add(f.Order.clause()+" LIMIT ?) t", n), err
}

func scanSpot(r store.Row) (s spot, err error) { return s, r.Scan(&s.id, &s.folded, &s.rank, &s.hit) }

// topOf are the first n, in order, each once.
func topOf(o Order, spots []spot, n int) []spot {
	slices.SortFunc(spots, o.compare)
	spots = slices.CompactFunc(spots, func(a, b spot) bool { return a.id == b.id })
	return spots[:min(len(spots), n)]
}

// holder is a user, or a department whose records nobody is responsible for.
type holder struct{ user, department string }

// maxHolders are read one by one; who may read the records of more, reads a good part of all.
const maxHolders = 300

// holdersOf are those whose records an actor may read; none where a list is better read as a whole.
func holdersOf(ctx context.Context, db *store.DB, actor people.User, f Filter) ([]holder, error) {
	if actor.SeesAll() || f.narrow() {
		return nil, nil
	}
	holders := []holder{{user: actor.ID}}
	switch {
	case actor.Access == people.AccessDepartment && actor.Department != "":
		q := query.New("SELECT id, '' FROM app_user WHERE id <> ? AND department IN (",
			actor.ID).With(people.Below(actor.Department))
		q.Add(") UNION ALL SELECT '', id FROM (").With(people.Below(actor.Department)).Add(") d LIMIT ?", maxHolders)
		more, err := query.All(ctx, db, func(r store.Row) (o holder, err error) {
			return o, r.Scan(&o.user, &o.department)
		}, q)
		if err != nil || len(more) == maxHolders {
			return nil, err
		}
		holders = append(holders, more...)
	case actor.Department != "":
		holders = append(holders, holder{department: actor.Department})
	}
	return holders, nil
}

// owns is the predicate for the records of table t that are his.
func (o holder) owns(q *query.Builder) {
	if o.user != "" {
		q.Add("t.responsible = ?", o.user)
		return
	}
	q.Add("t.responsible = '' AND t.department = ?", o.department)
}
