package timeline

import (
	"context"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// WaitingOn are the activities that wait on a record's timeline.
func WaitingOn(ref record.Ref) func(*query.Builder) {
	return func(q *query.Builder) {
		// The entry says so, and its activity. The second is written so that it hides the indexes over all that waits in
		// the house: PostgreSQL takes them while its statistics know of nothing that waits, and goes on so when there are
		// thousands.
		q.Add("activity_entity e JOIN activity a ON a.id = e.activity WHERE e.entity_kind = ? AND e.entity_id = ?"+
			" AND e.waiting AND CASE WHEN a.waiting THEN TRUE ELSE FALSE END", ref.Kind, ref.ID)
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
