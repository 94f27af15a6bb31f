package crmcore

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// waitingOn are the activities that wait on a record's timeline.
func waitingOn(ref record.Ref) func(*query.Builder) {
	return func(q *query.Builder) {
		// The entry says so, and its activity. The second is written so that it hides the indexes over all that waits in
		// the house: PostgreSQL takes them while its statistics know of nothing that waits, and goes on so when there are
		// thousands.
		q.Add("activity_entity e JOIN activity a ON a.id = e.activity WHERE e.entity_kind = ? AND e.entity_id = ?"+
			" AND e.waiting AND CASE WHEN a.waiting THEN TRUE ELSE FALSE END", ref.Kind, ref.ID)
	}
}

// settle ends the waiting of what waits because of this client: by address, or on the same timelines. More columns are
// set by also.
func settle(ctx context.Context, tx *store.Tx, t Touch, w *written, what, also string) error {
	var waiting []string
	if key := t.Client.Key(); key != "" {
		found, err := query.All(ctx, tx, query.Text,
			query.New("SELECT a.id FROM activity a WHERE a.waiting AND a.address = ? AND "+what, key))
		if err != nil {
			return err
		}
		waiting = found
	}
	for _, ref := range w.links {
		if w.several || w.f.newcomer { // he settles what he wrote himself
			break
		}
		q := query.New("SELECT a.id FROM ").With(waitingOn(ref)).Add(" AND " + what)
		found, err := query.All(ctx, tx, query.Text, q)
		if err != nil {
			return err
		}
		waiting = append(waiting, found...)
	}
	return setWaiting(ctx, tx, waiting, false, also)
}

// WaitingJob is the kind of the job that marks entries which a version before does not know to mark.
const WaitingJob = "crm.waiting"

// FillWaiting does it, and once more an hour later: an older version may run beside this one.
func (c *Core) FillWaiting(ctx context.Context, job store.Job) error {
	var todo struct {
		Again bool `json:"again,omitempty"`
	}
	if err := json.Unmarshal(job.Payload, &todo); err != nil {
		return err
	}
	_, err := c.db.Exec(store.As(ctx, store.Reports, ""), "UPDATE activity_entity SET waiting = TRUE"+
		" WHERE NOT waiting AND activity IN (SELECT id FROM activity WHERE waiting)")
	if err != nil || !todo.Again {
		return err
	}
	return store.Enqueue(ctx, c.db, WaitingJob, struct{}{},
		store.JobOptions{Dedupe: "next", At: time.Now().Add(time.Hour)})
}
