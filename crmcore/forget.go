package crmcore

import (
	"context"
	"slices"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// ForgottenJob is the kind of the job that follows when a person, a contact or a lead, is deleted: Forgotten. What
// other rooms keep of him, as what he said in calls, goes with it.
const ForgottenJob = "crm.forgotten"

// Forgotten is what was on the timeline of a person who was deleted, and on that of no other.
type Forgotten struct {
	Calls []string `json:"calls"` // ids
}

const forgottenTogether = 500

// forget leaves the job, where there were calls. It comes before the record is taken off its timeline.
func forget(ctx context.Context, tx *store.Tx, ref record.Ref) error {
	if ref.Kind != record.Contact && ref.Kind != record.Lead {
		return nil
	}
	calls, err := query.All(ctx, tx, query.Text, query.New(`SELECT a.source FROM activity_entity e
		JOIN activity a ON a.id = e.activity
		WHERE e.entity_kind = ? AND e.entity_id = ? AND a.kind = 'call' AND a.source <> ''
		AND NOT EXISTS (SELECT 1 FROM activity_entity o WHERE o.activity = a.id AND o.entity_kind IN ('contact', 'lead')
			AND NOT (o.entity_kind = ? AND o.entity_id = ?))`, ref.Kind, ref.ID, ref.Kind, ref.ID))
	if err != nil {
		return err
	}
	for some := range slices.Chunk(calls, forgottenTogether) {
		if err := store.Enqueue(ctx, tx, ForgottenJob, Forgotten{some}, store.JobOptions{}); err != nil {
			return err
		}
	}
	return nil
}
