package timeline

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// attachEntities loads the links of activities.
func attachEntities(ctx context.Context, db store.Queries, activities []Activity) error {
	if len(activities) == 0 {
		return nil
	}
	edges, err := query.All(ctx, db, scanEdge, edgesOf(activities))
	attach(edges, activities)
	return err
}

// Links is a column with the records that activity a, named so or otherwise, is on; see ScanLinks.
func Links(a string) string {
	return `COALESCE((SELECT string_agg(l.entity_kind || ' ' || l.entity_id, ',') FROM activity_entity l WHERE l.activity = ` +
		a + `.id), '')`
}

// ScanLinks scans a line of Columns and Links.
func ScanLinks(r store.Row) (a Activity, err error) {
	var links string
	if a, err = Scan(and{r, &links}); err != nil || links == "" {
		return a, err
	}
	for link := range strings.SplitSeq(links, ",") {
		kind, id, _ := strings.Cut(link, " ")
		a.Entities = append(a.Entities, record.Ref{Kind: record.Kind(kind), ID: id})
	}
	slices.SortFunc(a.Entities, func(x, y record.Ref) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID))
	})
	return a, nil
}

// and scans a line whose last column goes elsewhere.
type and struct {
	store.Row
	last any
}

func (o and) Scan(dest ...any) error { return o.Row.Scan(append(slices.Clone(dest), o.last)...) }

// edge says that an activity is on a record's timeline.
type edge struct {
	activity string
	record.Ref
}

func edgesOf(activities []Activity) *query.Builder {
	ids := make([]string, len(activities))
	for i, a := range activities {
		ids[i] = a.ID
	}
	return query.New("SELECT activity, entity_kind, entity_id FROM activity_entity WHERE activity").In(ids).
		Add(" ORDER BY activity, entity_kind, entity_id")
}

func scanEdge(r store.Row) (e edge, err error) { return e, r.Scan(&e.activity, &e.Kind, &e.ID) }

func attach(edges []edge, activities []Activity) {
	refs := map[string][]record.Ref{}
	for _, e := range edges {
		refs[e.activity] = append(refs[e.activity], e.Ref)
	}
	for i := range activities { // one may be there twice, for two clients
		activities[i].Entities = append(activities[i].Entities, refs[activities[i].ID]...)
	}
}

// Read reads whole activities.
func Read(ctx context.Context, db store.Queries, q *query.Builder) ([]Activity, error) {
	found, err := query.All(ctx, db, Scan, q)
	if err != nil {
		return nil, err
	}
	return found, attachEntities(ctx, db, found)
}

// related are the timelines that something about ref belongs on: a deal's is its client's as well.
func related(ctx context.Context, db store.Queries, ref record.Ref) ([]record.Ref, error) {
	if ref.Kind != record.Deal {
		return []record.Ref{ref}, nil
	}
	q := query.New(`SELECT CASE WHEN contact <> '' THEN 'contact' ELSE 'company' END, CASE WHEN contact <> '' THEN contact ELSE company END
		FROM deal WHERE id = ? AND (contact <> '' OR company <> '')`, ref.ID)
	clients, err := query.All(ctx, db, record.ScanRef, q)
	return append([]record.Ref{ref}, clients...), err
}

// WithDeal are the timelines of what happens with a client: a contact's only open deal goes along, of several none.
func WithDeal(ctx context.Context, db store.Queries, ref record.Ref) ([]record.Ref, error) {
	if ref.Kind != record.Contact {
		return related(ctx, db, ref)
	}
	open, err := query.All(ctx, db, query.Text,
		query.New(`SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage WHERE d.contact = ? AND s.kind = 'open' LIMIT 2`, ref.ID))
	if len(open) == 1 {
		return []record.Ref{ref, record.Deal.Ref(open[0])}, err
	}
	return []record.Ref{ref}, err
}
