package api

import (
	"context"
	"time"

	"frontdesk/crmcore"
	"frontdesk/store"
)

// OwnSession is a log-in of the user, in some browser.
type OwnSession struct {
	ID      string    `json:"id"`
	Current bool      `json:"current" doc:"The one that asks"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	IP      string    `json:"ip"`
	Agent   string    `json:"agent" doc:"The browser, as it names itself"`
}

// shownID is how much of a session's id is told: enough to name it.
const shownID = 32

// Of lists a user's sessions that still count, the latest used first.
func (s sessions) Of(ctx context.Context, user, current string) ([]OwnSession, error) {
	now := s.Now()
	return QueryAll(ctx, s.db, func(rows store.Row) (o OwnSession, err error) {
		var created, seen int64
		err = rows.Scan(&o.ID, &created, &seen, &o.IP, &o.Agent)
		o.Created, o.Seen, o.Current = store.Time(created), store.Time(seen), o.ID == current
		o.ID = o.ID[:min(shownID, len(o.ID))]
		return o, err
	}, `SELECT id, created_at, seen_at, ip, agent FROM session WHERE user_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id`,
		user, store.Micros(now), store.Micros(now.Add(-SessionIdle)))
}

// Whole is the id of a user's session by what was shown of it; crmcore.ErrNotFound.
func (s sessions) Whole(ctx context.Context, user, shown string) (string, error) {
	ids, err := QueryAll(ctx, s.db, func(rows store.Row) (id string, err error) { return id, rows.Scan(&id) },
		`SELECT id FROM session WHERE user_id = $1 AND substr(id, 1, $3) = $2`, user, shown, shownID)
	if err == nil && len(ids) != 1 {
		err = crmcore.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	return ids[0], nil
}
