package calling

import (
	"context"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// phones is the predicate of a client, t of the list's kind, who has a number; callable, that may be called.
const (
	phones = `EXISTS (SELECT 1 FROM contact_point p WHERE p.entity_kind = l.kind AND p.entity_id = i.record
		AND p.kind = 'phone' AND p.value <> '')`
	callable = `EXISTS (SELECT 1 FROM contact_point p WHERE p.entity_kind = l.kind AND p.entity_id = i.record
		AND p.kind = 'phone' AND p.value <> '' AND NOT EXISTS (SELECT 1 FROM do_not_call n WHERE n.number = p.value))`
)

// progress counts the clients of a list. Whether one may be called is asked now: who asked not to be called, and then
// takes that back, is on the list again.
func (c *Lists) progress(ctx context.Context, l List) (p Progress, err error) {
	now := store.Micros(time.Now())
	sum := func(what string) string { return ", COALESCE(SUM(CASE WHEN " + what + " THEN 1 ELSE 0 END), 0)" }
	q := query.New("SELECT COUNT(*)" + sum("s.state = 'open' AND s.may"))
	q.Add(sum("s.state = 'open' AND s.may AND s.due > ?"), now)
	q.Add(sum("s.state = 'open' AND s.agent <> '' AND s.lease >= ?"), now)
	q.Add(sum("s.state = 'done'") + sum("s.reached") + sum("s.state = 'failed'") +
		sum("s.state = 'never' OR s.state = 'open' AND s.has AND NOT s.may") +
		sum("s.state = 'open' AND NOT s.has"))
	q.Add(` FROM (SELECT i.state, i.due, i.agent, i.lease, i.reached, `+callable+` AS may, `+phones+` AS has
		FROM calling_item i JOIN calling_list l ON l.id = i.list WHERE l.id = ?) s`, l.ID)
	return query.One(ctx, c.db, func(r store.Row) (p Progress, err error) {
		return p, r.Scan(&p.Total, &p.Left, &p.Later, &p.Taken, &p.Done, &p.Reached, &p.Failed, &p.Refused, &p.NoPhone)
	}, q)
}
