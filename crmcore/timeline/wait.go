package timeline

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// WaitingOn are the activities a that wait on the timelines e of records of a kind.
func WaitingOn(kind record.Kind, ids ...string) func(*query.Builder) {
	return func(q *query.Builder) {
		// The entry says so, and its activity. The second is written so that it hides the indexes over all that waits
		// in the house: PostgreSQL takes them while its statistics know of nothing that waits, and goes on so when
		// there are thousands.
		q.Add("activity_entity e JOIN activity a ON a.id = e.activity WHERE e.entity_kind = ? AND e.entity_id", kind).
			In(ids).Add(" AND e.waiting AND CASE WHEN a.waiting THEN TRUE ELSE FALSE END")
	}
}

// SetWaiting says of activities, and of their entries on timelines, whether they wait. More columns of the activities
// are set by also.
func SetWaiting(ctx context.Context, tx *store.Tx, ids []string, on bool, also string) error {
	if len(ids) == 0 {
		return nil
	}
	var both []store.Statement
	for _, q := range []*query.Builder{
		query.New("UPDATE activity SET waiting = ?"+also+" WHERE id", on).In(ids),
		query.New("UPDATE activity_entity SET waiting = ? WHERE activity", on).In(ids)} {
		both = append(both, store.Statement{Query: q.String(), Args: q.Args})
	}
	return tx.Later(ctx, both...)
}

// Waiting is something that waits because of an address, or on a timeline.
type Waiting struct {
	Activity string
	Address  string     // or
	On       record.Ref // the timeline
}

// WaitingFor are the activities a, such as so says, that wait because of one of the addresses, or on one of the
// timelines.
func WaitingFor(ctx context.Context, tx *store.Tx, so func(*query.Builder), addresses []string,
	on []record.Ref) (found []Waiting, err error) {
	slices.Sort(addresses)
	addresses = slices.DeleteFunc(slices.Compact(addresses), func(a string) bool { return a == "" })
	scan := func(r store.Row) (w Waiting, err error) { return w, r.Scan(&w.Activity, &w.Address) }
	reads := []store.Read{query.Into(scan,
		query.New("SELECT a.id, a.address FROM activity a WHERE a.waiting AND a.address").In(addresses).
			With(so), &found)}
	ids := map[record.Kind][]string{}
	for _, ref := range record.Distinct(on) {
		ids[ref.Kind] = append(ids[ref.Kind], ref.ID)
	}
	for _, kind := range slices.Sorted(maps.Keys(ids)) {
		scan := func(r store.Row) (w Waiting, err error) {
			w.On.Kind = kind
			return w, r.Scan(&w.Activity, &w.On.ID)
		}
		reads = append(reads, query.Into(scan, query.New("SELECT a.id, e.entity_id FROM ").
			With(WaitingOn(kind, ids[kind]...)).With(so), &found))
	}
	return found, tx.ReadAll(ctx, reads...)
}

// WaitingJob is the kind of the job that marks entries which a version before does not know to mark.
const WaitingJob = "crm.waiting"

// FillWaiting does it, and once more an hour later: an older version may run beside this one.
func (t *Timelines) FillWaiting(ctx context.Context, job store.Job) error {
	var todo struct {
		Again bool `json:"again,omitempty"`
	}
	if err := json.Unmarshal(job.Payload, &todo); err != nil {
		return err
	}
	_, err := t.db.Exec(store.As(ctx, store.Reports, ""), "UPDATE activity_entity SET waiting = TRUE"+
		" WHERE NOT waiting AND activity IN (SELECT id FROM activity WHERE waiting)")
	if err != nil || !todo.Again {
		return err
	}
	return store.Enqueue(ctx, t.db, WaitingJob, struct{}{},
		store.JobOptions{Dedupe: "next", At: time.Now().Add(time.Hour)})
}
