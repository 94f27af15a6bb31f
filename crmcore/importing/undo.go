package importing

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// back takes back what some lines did, the last one first; companies that were made besides go at the end, when nobody
// is in them any more.
func (m *Importing) back(ctx context.Context, actor people.User, i Import) error {
	some, err := query.All(ctx, m.db, scanResult, query.New(`SELECT line, kind, outcome, record, stamp, before, problem
		FROM import_result WHERE import = ? AND outcome IN ('made', 'updated')
		ORDER BY CASE WHEN kind = ? THEN 0 ELSE 1 END, line DESC LIMIT ?`, i.ID, i.Kind, m.part))
	if err != nil {
		return err
	}
	if len(some) == 0 {
		return m.end(ctx, i, Undone)
	}
	for n := range some {
		stamp, err := m.takeBack(ctx, actor, i, some[n])
		switch {
		case err == nil:
			some[n].outcome = undone
		case answered(err):
			some[n].outcome, some[n].problem = kept, err.Error()
		default:
			return err
		}
		if err := m.tookBack(ctx, i, some, n, stamp); err != nil {
			return err
		}
	}
	return nil
}

// tookBack writes what became of one line, by itself: after a crash it is not tried again. Lines before it that are
// about the same record find it as they left it.
func (m *Importing) tookBack(ctx context.Context, i Import, some []result, n int, stamp time.Time) error {
	r := some[n]
	if r.outcome == undone && !stamp.IsZero() {
		for k := n + 1; k < len(some); k++ {
			if some[k].kind == r.kind && some[k].record == r.record {
				some[k].stamp = store.Micros(stamp)
			}
		}
	}
	return m.db.Tx(ctx, func(tx *store.Tx) error {
		if err := results(ctx, tx, i.ID, some[n:n+1]); err != nil || r.outcome != undone || stamp.IsZero() {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE import_result SET stamp = $1
			WHERE import = $2 AND kind = $3 AND record = $4 AND line < $5 AND outcome IN ('made', 'updated')`,
			store.Micros(stamp), i.ID, r.kind, r.record, r.line)
		return err
	})
}

func (m *Importing) takeBack(ctx context.Context, actor people.User, i Import, r result) (stamp time.Time,
	err error) {
	if r.outcome == made {
		return stamp, m.core.Discard(ctx, actor, r.kind.Ref(r.record), store.Time(r.stamp), i.ID)
	}
	switch r.kind {
	case record.Contact:
		var x crmcore.Contact
		if err = json.Unmarshal([]byte(r.before), &x); err == nil {
			x.Updated = store.Time(r.stamp)
			x, err = m.core.UpdateContact(ctx, actor, x)
		}
		stamp = x.Updated
	case record.Company:
		var x crmcore.Company
		if err = json.Unmarshal([]byte(r.before), &x); err == nil {
			x.Updated = store.Time(r.stamp)
			x, err = m.core.UpdateCompany(ctx, actor, x)
		}
		stamp = x.Updated
	default:
		var x crmcore.Lead
		if err = json.Unmarshal([]byte(r.before), &x); err == nil {
			x.Updated = store.Time(r.stamp)
			x, err = m.core.UpdateLead(ctx, actor, x)
		}
		stamp = x.Updated
	}
	return stamp, err
}

func (m *Importing) end(ctx context.Context, i Import, s State) error {
	_, err := m.db.Exec(ctx, "UPDATE import SET state = $1 WHERE id = $2", s, i.ID)
	return err
}
