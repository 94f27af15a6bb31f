package crmcore

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// settle ends the waiting of what waits because of this client: by address, or on the same timelines. More columns are
// set by also.
func settle(ctx context.Context, tx *store.Tx, t Touch, w *written, what, also string) error {
	var waiting []string
	var reads []store.Read
	look := func(q *query.Builder) { reads = append(reads, query.Into(query.Text, q.Add(" AND "+what), &waiting)) }
	if key := t.Client.Key(); key != "" {
		look(query.New("SELECT a.id FROM activity a WHERE a.waiting AND a.address = ?", key))
	}
	if !w.several && !w.f.newcomer { // he settles what he wrote himself
		for _, ref := range w.links {
			look(query.New("SELECT a.id FROM ").With(timeline.WaitingOn(ref)))
		}
	}
	if err := tx.ReadAll(ctx, reads...); err != nil {
		return err
	}
	return timeline.SetWaiting(ctx, tx, waiting, false, also)
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
