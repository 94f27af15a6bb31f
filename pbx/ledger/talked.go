package ledger

import (
	"context"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// rested is after how long it does not matter any more when somebody talked last.
const rested = 24 * time.Hour

// Talked tells of users when their last call of the last day ended: now, where it goes on.
func (l *Ledger) Talked(ctx context.Context, users []string) (map[string]time.Time, error) {
	now := time.Now()
	q := query.New(`SELECT u.user_id, MAX(CASE r.ended_at WHEN 0 THEN ? ELSE r.ended_at END) FROM call_user u
		JOIN call_record r ON r.id = u.call WHERE u.role = 'took' AND u.call > ? AND u.user_id`,
		store.Micros(now), store.IDsSince(now.Add(-rested))).In(users).Add(` GROUP BY u.user_id`)
	rows, err := l.db.Query(ctx, q.String(), q.Args...)
	all := map[string]time.Time{}
	_, err = store.Collect(rows, err, func(row store.Row) (none struct{}, err error) {
		var user string
		var at int64
		err = row.Scan(&user, &at)
		all[user] = store.Time(at)
		return none, err
	})
	return all, err
}
