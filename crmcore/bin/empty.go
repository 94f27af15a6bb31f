package bin

import (
	"context"
	"slices"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// ForgottenJob is the kind of the job that follows when a person, a contact or a lead, is deleted for good: Forgotten.
// What other rooms keep of him, as what he said in calls, goes with it.
const ForgottenJob = "crm.forgotten"

// Forgotten is what was on the timeline of a person who was deleted, and on that of no other.
type Forgotten struct {
	Calls []string `json:"calls"` // ids
}

// Job is the kind of the job that empties the bin of what is in it for long enough, every hour.
const Job = "crm.bin"

const (
	every      = time.Hour
	atOnce     = 500
	maxSources = 500 // calls that are forgotten together
)

// Config says for how long what was deleted can be brought back.
type Config struct {
	Days int `yaml:"bin_days"`
}

// Handle has jobs empty the bin of what is in it for longer.
func (c Config) Handle(jobs *store.Jobs, db *store.DB) {
	jobs.Handle(Job, 1, func(ctx context.Context, _ store.Job) error {
		ctx = store.As(ctx, store.Reports, "")
		if err := Empty(ctx, db, time.Now().AddDate(0, 0, -c.Days)); err != nil {
			return err
		}
		return Begin(ctx, db, time.Now().Add(every))
	})
}

// Begin has the bin looked after from a time on.
func Begin(ctx context.Context, db *store.DB, at time.Time) error {
	return store.Enqueue(ctx, db, Job, struct{}{}, store.JobOptions{At: at, Dedupe: "next"})
}

// Empty deletes for good what was put into the bin before a time.
func Empty(ctx context.Context, db *store.DB, before time.Time) error {
	for {
		items, err := query.All(ctx, db, scanDeleted,
			query.New(columns+"t.at < ? ORDER BY t.at, t.id LIMIT ?", store.Micros(before), atOnce))
		if err != nil || len(items) == 0 {
			return err
		}
		for _, item := range items {
			if err := db.Tx(ctx, func(tx *store.Tx) error { return Erase(ctx, tx, item.Ref) }); err != nil {
				return err
			}
		}
	}
}

// Remove deletes a record in the bin for good, at once. Admins only: store.ErrNotFound, ErrForbidden.
func Remove(ctx context.Context, tx *store.Tx, actor people.User, id string) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	item, err := find(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	return Erase(ctx, tx, item.Ref)
}

// Erase deletes a record in the bin for good.
func Erase(ctx context.Context, tx *store.Tx, ref record.Ref) error {
	k, err := read(ctx, tx, ref.ID)
	if err != nil {
		return store.Found(err)
	}
	if ref.Kind == record.Contact || ref.Kind == record.Lead {
		if err := k.forget(ctx, tx); err != nil {
			return err
		}
	}
	if err := k.forgetChanges(ctx, tx); err != nil {
		return err
	}
	if ref.Kind == record.Deal {
		if err := forgetOffers(ctx, tx, ref.ID); err != nil {
			return err
		}
	}
	// what brings a merge back goes with the first record that is gone for good
	for _, s := range []string{`DELETE FROM record_merge WHERE id = (SELECT cause_id FROM bin WHERE id = $1 AND cause = 'merge')`,
		"DELETE FROM notice WHERE record = $1", "DELETE FROM automation_run WHERE record = $1",
		"DELETE FROM bin WHERE id = $1"} {
		if _, err := tx.Exec(ctx, s, ref.ID); err != nil {
			return err
		}
	}
	return nil
}

// forgetChanges deletes what was said of changes on no timeline but this one.
func (k kept) forgetChanges(ctx context.Context, tx *store.Tx) error {
	for some := range slices.Chunk(k.Entries, maxSources) {
		ids := make([]string, len(some))
		for i, e := range some {
			ids[i] = e.Activity
		}
		q := query.New("DELETE FROM activity WHERE id").In(ids).Add(` AND kind IN ('change', 'automation') AND NOT EXISTS (
			SELECT 1 FROM activity_entity o WHERE o.activity = activity.id)`)
		if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
			return err
		}
	}
	return nil
}

// forgetOffers deletes the offers of a deal, and its invoices that were never issued: one with a number has to be kept.
func forgetOffers(ctx context.Context, tx *store.Tx, deal string) error {
	const of = ` IN (SELECT id FROM offer WHERE deal = $1 AND NOT (kind = 'invoice' AND number <> ''))`
	for _, from := range []string{"offer_line WHERE offer", "offer_letter WHERE offer", "offer WHERE id"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+from+of, deal); err != nil {
			return err
		}
	}
	return nil
}

// forget leaves the job for the calls that are on no person's timeline any more.
func (k kept) forget(ctx context.Context, tx *store.Tx) error {
	for some := range slices.Chunk(k.Entries, maxSources) {
		ids := make([]string, len(some))
		for i, e := range some {
			ids[i] = e.Activity
		}
		calls, err := query.All(ctx, tx, query.Text, query.New("SELECT a.source FROM activity a WHERE a.id").In(ids).
			Add(` AND a.kind = 'call' AND a.source <> '' AND NOT EXISTS (SELECT 1 FROM activity_entity o
				WHERE o.activity = a.id AND o.entity_kind IN ('contact', 'lead')) ORDER BY a.id`))
		if err != nil {
			return err
		}
		if len(calls) > 0 {
			if err := store.Enqueue(ctx, tx, ForgottenJob, Forgotten{calls}, store.JobOptions{}); err != nil {
				return err
			}
		}
	}
	return nil
}
