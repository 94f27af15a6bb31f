package crmcore

import (
	"strings"
	"testing"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// marked fails where an entry of a timeline does not say what its activity says.
func (o *office) marked(when string) {
	o.Helper()
	wrong, err := query.All(o.ctx, o.db, query.Text, query.New(
		"SELECT a.kind FROM activity_entity e JOIN activity a ON a.id = e.activity WHERE e.waiting <> a.waiting"))
	o.must(err)
	if len(wrong) > 0 {
		o.Errorf("%s: entries that do not say whether they wait: %q", when, wrong)
	}
}

// Whatever makes something wait, or ends it, marks the entries on all timelines.
func TestEntriesSayWhatWaits(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contact("Ana", "ana@firm.ro", number(1))
		o.deal("Boat", ana)
		o.receive(o.mail("1", "ana@firm.ro"))
		o.receive(o.call("c1", number(1)).ended("missed", 0))
		o.marked("a mail and a missed call")
		o.receive(o.mail("2", "new@example.ro"))
		o.receive(o.call("c2", number(2)).ended("missed", 0))
		o.marked("strangers")
		leads, err := o.Leads(o.ctx, o.root, record.Filter{})
		o.must(err)
		for _, lead := range leads.Items {
			_, err := o.ConvertLead(o.ctx, o.root, lead.ID, Conversion{})
			o.must(err)
		}
		o.marked("leads that became contacts")
		task, err := o.AddTask(o.ctx, o.root, record.Contact.Ref(ana.ID), timeline.NewTask{Title: "Write"})
		o.must(err)
		o.marked("a task")
		for _, done := range []bool{true, false} {
			_, err = o.SetDone(o.ctx, o.root, task.ID, done)
			o.must(err)
			o.marked("a task that was done, or opened again")
		}
		answer := o.mail("3", "ana@firm.ro")
		answer.Incoming = false
		o.receive(answer)
		o.receive(o.call("c3", number(1)).ended("answered", 5))
		o.marked("answers")
		for _, a := range o.timeline(record.Contact.Ref(ana.ID), "mail") {
			_, err := o.Choose(o.ctx, o.root, a.ID, record.Contact.Ref(o.contact("Another").ID))
			o.must(err)
		}
		o.marked("entries that were moved")
	})
}

// What a client's next mail settles is read from what waits on its timeline, however long that is.
func TestSettlingReadsWhatWaits(t *testing.T) {
	each(t, func(o *office) {
		o.contact("Ana", "ana@firm.ro")
		o.receive(o.mail("1", "ana@firm.ro"))
		for _, statement := range []string{
			`INSERT INTO activity (id, kind, channel, dedupe, phase, incoming, at, seconds, outcome, title, body, address, line,
				user_id, due_at, verified, waiting, several, source)
				WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)
				SELECT a.id || i, kind, channel, a.id || i, phase, incoming, at, seconds, outcome, title, body, address, line,
				user_id, due_at, verified, FALSE, several, source FROM activity a, n`,
			`INSERT INTO activity_entity (entity_kind, entity_id, at, activity) SELECT 'contact', '1', at, id FROM activity
				WHERE id NOT IN (SELECT activity FROM activity_entity)`} {
			_, err := o.db.Exec(o.ctx, statement)
			o.must(err)
		}
		if o.db.Dialect() == store.PostgreSQL {
			_, err := o.db.Exec(o.ctx, "ANALYZE")
			o.must(err)
		}
		q := query.New("SELECT a.id FROM ").With(timeline.WaitingOn(record.Contact, "1")).Add(" AND a.kind = 'mail'")
		o.planned(q, "activity_entity_waiting", "activity_entity_waiting (entity_kind=? AND entity_id=?")
		q = query.New("SELECT a.id FROM ")
		tasksOf(q, CardView{Ref: record.Contact.Ref("1")})
		o.planned(q, "activity_entity_waiting", "activity_entity_waiting (entity_kind=? AND entity_id=?")
	})
}

// Entries that an older version wrote beside this one are marked, now and once more, not for ever.
func TestEntriesOfAnOlderVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Hooks{})
		o.contact("Ana", "ana@firm.ro")
		o.receive(o.mail("1", "ana@firm.ro"))
		_, err := db.Exec(o.ctx, "UPDATE activity_entity SET waiting = FALSE")
		o.must(err)
		o.must(o.FillWaiting(o.ctx, store.Job{Payload: []byte(`{"again":true}`)}))
		o.marked("after the job")
		next, err := query.One(o.ctx, db, query.Text,
			query.New("SELECT payload FROM job WHERE kind = ?", timeline.WaitingJob))
		if o.must(err); next != "{}" {
			t.Errorf("the next job: %s", next)
		}
		o.must(o.FillWaiting(o.ctx, store.Job{Payload: []byte(next)}))
		if n, err := query.All(o.ctx, db, query.Text,
			query.New("SELECT id FROM job WHERE kind = ?", timeline.WaitingJob)); err != nil ||
			len(n) != 1 {
			t.Errorf("%d jobs, %v", len(n), err)
		}
	})
}

// planned fails where a query does not use an index.
func (o *office) planned(q *query.Builder, postgres, sqlite string) {
	o.Helper()
	want := map[store.Dialect]string{store.PostgreSQL: postgres, store.SQLite: sqlite}[o.db.Dialect()]
	if plan := storetest.Plan(o.T, o.db, q.String(), q.Args...); !strings.Contains(plan, want) {
		o.Errorf("%s\nis planned so, not by %s:\n%s", q.String(), want, plan)
	}
}
