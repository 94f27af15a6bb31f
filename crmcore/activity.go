package crmcore

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// entry is an activity with what only the database knows of it.
type entry struct {
	Activity
	channel string // with dedupe: at most one entry
	dedupe  string // "": any number
	phase   Phase
	waiting bool   // an unanswered mail or an open task
	message string // Message-ID of a mail
}

const activityColumns = `a.id, a.kind, a.incoming, a.at, a.seconds, a.outcome, a.title, a.body, a.address, a.line, a.user_id,
	a.due_at, a.verified, a.several, a.newcomer, a.source, a.made`

func scanActivity(r store.Row) (a Activity, err error) {
	var at, due int64
	var made string
	err = r.Scan(&a.ID, &a.Kind, &a.Incoming, &at, &a.Seconds, &a.Outcome, &a.Title, &a.Body, &a.Address, &a.Line,
		&a.User,
		&due, &a.Verified, &a.Several, &a.Newcomer, &a.Source, &made)
	if err == nil && made != "" {
		err = json.Unmarshal([]byte(made), &a.Made)
	}
	a.At, a.Entities = store.Time(at), []record.Ref{}
	if due != 0 {
		t := store.Time(due)
		a.Due = &t
	}
	return a, err
}

// insert writes an entry and its links; false when one with the same dedupe key is there already.
func (e *entry) insert(ctx context.Context, tx *store.Tx) (bool, error) {
	var dedupe any
	if e.dedupe != "" {
		dedupe = e.dedupe
	}
	var due int64
	if e.Due != nil {
		due = store.Micros(*e.Due)
	}
	made := ""
	if e.Made != nil {
		text, err := json.Marshal(e.Made)
		if err != nil {
			return false, err
		}
		made, e.Title = string(text), e.Made.title()
	}
	n, err := query.Exec(ctx, tx, `INSERT INTO activity (id, kind, channel, dedupe, phase, incoming, at, seconds, outcome, title, body, address,
		line, user_id, due_at, verified, waiting, several, newcomer, source, message_id, made)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) ON CONFLICT DO NOTHING`,
		e.ID, e.Kind, e.channel, dedupe, e.phase, e.Incoming, store.Micros(e.At), e.Seconds, e.Outcome, e.Title, e.Body,
		e.Address,
		e.Line, e.User, due, e.Verified, e.waiting, e.Several, e.Newcomer, e.Source, e.message, made)
	if err != nil || n == 0 {
		return false, err
	}
	return true, link(ctx, tx, e.ID, e.At, e.Entities)
}

// link puts an activity on timelines.
func link(ctx context.Context, tx *store.Tx, activity string, at time.Time, refs []record.Ref) error {
	if len(refs) == 0 {
		return nil
	}
	q := query.New("INSERT INTO activity_entity (entity_kind, entity_id, at, activity, waiting)")
	for i, ref := range refs {
		if i > 0 {
			q.Add(" UNION ALL")
		}
		q.Add(" SELECT CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), id, waiting FROM activity WHERE id = ?",
			ref.Kind, ref.ID, store.Micros(at), activity)
	}
	_, err := tx.Exec(ctx, q.String()+" ON CONFLICT DO NOTHING", q.Args...)
	return err
}

// attachEntities loads the links of activities.
func attachEntities(ctx context.Context, db store.Queries, activities []Activity) error {
	if len(activities) == 0 {
		return nil
	}
	edges, err := query.All(ctx, db, scanEdge, edgesOf(activities))
	attach(edges, activities)
	return err
}

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

// activities reads whole activities.
func activities(ctx context.Context, db store.Queries, q *query.Builder) ([]Activity, error) {
	found, err := query.All(ctx, db, scanActivity, q)
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

// logChange writes that a field of a record changed.
func logChange(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, made Made) error {
	refs, err := related(ctx, tx, ref)
	if err != nil {
		return err
	}
	e := entry{Activity: Activity{ID: store.NewID(), Kind: "change", At: store.Now(), User: actor.ID, Entities: refs,
		Made: &made}}
	_, err = e.insert(ctx, tx)
	return err
}

// setWaiting says of activities, and of their entries on timelines, whether they wait. More columns of the activities
// are set by also.
func setWaiting(ctx context.Context, tx *store.Tx, ids []string, on bool, also string) error {
	if len(ids) == 0 {
		return nil
	}
	var both []store.Statement
	for _, q := range []*query.Builder{
		query.New("UPDATE activity SET waiting = ?"+also+" WHERE id", on).In(ids),
		query.New("UPDATE activity_entity SET waiting = ? WHERE activity", on).In(ids)} {
		both = append(both, store.Statement{Query: q.String(), Args: q.Args})
	}
	return tx.ExecAll(ctx, both)
}
