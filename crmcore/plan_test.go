package crmcore

import (
	"strings"
	"testing"

	"frontdesk/crmcore/record"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// The tasks of a client are looked for on its timeline, also by a PostgreSQL whose statistics are from before anything
// waited: through the indexes over all that waits, each card would read every open task of the house.
func TestTasksAreReadFromTheTimeline(t *testing.T) {
	o := newOffice(t, storetest.Postgres(t), Hooks{})
	one := record.Contact.Ref(o.contact("Ana").ID)
	_, err := o.AddNote(o.ctx, o.root, one, "old")
	o.must(err)
	for _, statement := range []string{
		`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999) INSERT INTO activity (id, kind, channel, dedupe, phase, incoming, at, seconds,
			outcome, title, body, address, line, user_id, due_at, verified, waiting, several, source)
			SELECT a.id || i, kind, channel, dedupe, phase, incoming, at, seconds, outcome, title, body, address, line, user_id, due_at, verified, waiting, several, source FROM activity a, n`,
		`INSERT INTO activity_entity (entity_kind, entity_id, at, activity) SELECT 'contact', id, at, id FROM activity WHERE id NOT IN (SELECT activity FROM activity_entity)`,
		`ANALYZE`} {
		_, err := o.db.Exec(o.ctx, statement)
		o.must(err)
	}
	q := query.New("SELECT a.id FROM ")
	tasksOf(q, CardView{Ref: one})
	if plan := storetest.Plan(t, o.db, q.String(), q.Args...); strings.Contains(plan, "activity_waiting") ||
		!strings.Contains(plan, "activity_entity") {
		t.Errorf("plan:\n%s", plan)
	}
}
