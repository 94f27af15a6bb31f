package match

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Ties are colleagues whom something ties to a client, besides who is responsible for him; all are active users.
type Ties struct {
	Spoke  string // who last spoke with him on the phone
	Deal   string // who is responsible for his newest open deal
	Missed string // source of the newest call with him, where that was his and nobody took it
}

// lastCalls are looked at for who spoke: before those nobody remembers.
const lastCalls = 50

// Ties are those of whom the touch is surely with. Of several clients with one address the newest counts.
func (f Found) Ties(ctx context.Context, db store.Queries) (t Ties, err error) {
	refs, err := f.Links(ctx, db)
	if err != nil || len(refs) == 0 {
		return t, err
	}
	calls, err := lastOf(ctx, db, refs)
	if err != nil {
		return t, err
	}
	if len(calls) > 0 && calls[0].incoming && calls[0].outcome != answered {
		t.Missed = calls[0].source
	}
	for _, c := range calls {
		if c.outcome == answered && c.here {
			t.Spoke = c.user
			break
		}
	}
	t.Deal, err = openDeal(ctx, db, refs)
	return t, err
}

const answered = "answered" // the outcome of a call

// past is a call that is over.
type past struct {
	user, outcome, source string
	incoming, here        bool // here: the user is active
}

// lastOf are the newest calls on some timelines, the newest first.
func lastOf(ctx context.Context, db store.Queries, refs []record.Ref) ([]past, error) {
	q := query.New(`SELECT DISTINCT a.at, a.id, a.user_id, a.outcome, a.source, a.incoming, u.id IS NOT NULL FROM activity a
		LEFT JOIN app_user u ON u.id = a.user_id AND u.active WHERE a.id IN (`)
	for i, ref := range refs {
		if i > 0 {
			q.Add(` UNION ALL `)
		}
		q.Add(`SELECT activity FROM (SELECT e.activity FROM activity_entity e
			JOIN activity c ON c.id = e.activity AND c.kind = 'call' AND c.phase = 'ended'
			WHERE e.entity_kind = ? AND e.entity_id = ? ORDER BY e.at DESC LIMIT ?) AS newest`, ref.Kind, ref.ID, lastCalls)
	}
	q.Add(`) ORDER BY a.at DESC, a.id DESC LIMIT ?`, lastCalls)
	return query.All(ctx, db, func(row store.Row) (p past, err error) {
		var at int64
		var id string
		err = row.Scan(&at, &id, &p.user, &p.outcome, &p.source, &p.incoming, &p.here)
		return p, err
	}, q)
}

// openDeal is who is responsible for the newest open deal of some records; "" where there is none, or he is gone.
func openDeal(ctx context.Context, db store.Queries, refs []record.Ref) (string, error) {
	var contacts, companies, deals []string
	for _, ref := range refs {
		switch ref.Kind {
		case record.Contact:
			contacts = append(contacts, ref.ID)
		case record.Company:
			companies = append(companies, ref.ID)
		case record.Deal:
			deals = append(deals, ref.ID)
		}
	}
	q := query.New(`SELECT d.responsible FROM deal d JOIN stage s ON s.id = d.stage AND s.kind = 'open'
		JOIN app_user u ON u.id = d.responsible AND u.active WHERE (d.contact`).In(contacts)
	q.Add(` OR d.company`).In(companies).Add(` OR d.id`).In(deals)
	found, err := query.All(ctx, db, query.Text, q.Add(`) ORDER BY d.id DESC LIMIT 1`))
	if len(found) == 0 {
		return "", err
	}
	return found[0], err
}
