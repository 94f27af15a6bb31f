package timeline

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// attachEntities loads the links of activities.
func attachEntities(ctx context.Context, db store.Queries, activities []Activity) error {
	if len(activities) == 0 {
		return nil
	}
	edges, err := query.All(ctx, db, ScanEdge, EdgesOf(activities))
	Attach(edges, activities)
	return err
}

// Edge says that an activity is on a record's timeline.
type Edge struct {
	activity string
	record.Ref
}

func EdgesOf(activities []Activity) *query.Builder {
	ids := make([]string, len(activities))
	for i, a := range activities {
		ids[i] = a.ID
	}
	return query.New("SELECT activity, entity_kind, entity_id FROM activity_entity WHERE activity").In(ids).
		Add(" ORDER BY activity, entity_kind, entity_id")
}

func ScanEdge(r store.Row) (e Edge, err error) { return e, r.Scan(&e.activity, &e.Kind, &e.ID) }

func Attach(edges []Edge, activities []Activity) {
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
		query.New("SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage WHERE d.contact = ? AND s.kind = 'open' LIMIT 2", ref.ID))
	if len(open) == 1 {
		return []record.Ref{ref, record.Deal.Ref(open[0])}, err
	}
	return []record.Ref{ref}, err
}
