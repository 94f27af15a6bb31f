package queue

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Agent is a user as the queues know him.
type Agent struct {
	User     string    `json:"user"`
	LoggedIn bool      `json:"logged_in"`
	Paused   bool      `json:"paused"`
	Since    time.Time `json:"since" doc:"When one of the two changed last"`
	FreeAt   time.Time `json:"free_at" doc:"No call is offered sooner: there is a time after each call"`
	Missed   int       `json:"missed" doc:"So many calls in a row were not taken"`
	Rung     string    `json:"rung,omitempty" doc:"Id of the call that the agent is rung for now …"`
	Talks    string    `json:"talks,omitempty" doc:"… or is in, out of a queue"`
}

// Set logs an agent in or out of all his queues, and pauses him or no longer: nil leaves it as it is.
func (q *Queues) Set(ctx context.Context, user string, loggedIn, paused *bool) error {
	now := store.Micros(time.Now())
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		statements := []store.Statement{{Query: `INSERT INTO agent (user_id, logged_in, paused, since, free_at, offered_at, missed,
			talks, wrap_up, node, epoch) VALUES ($1, $2, $2, $3, $3, 0, 0, '', 0, '', 0) ON CONFLICT (user_id) DO NOTHING`,
			Args: []any{user, false, now}}}
		if loggedIn != nil { // who comes is not paused
			statements = append(statements, store.Statement{Query: `UPDATE agent SET logged_in = $2, paused = $3, missed = 0, since = $4
				WHERE user_id = $1 AND logged_in <> $2`, Args: []any{user, *loggedIn, false, now}})
		}
		if paused != nil {
			statements = append(statements, store.Statement{Query: `UPDATE agent SET paused = $2, missed = 0, since = $3
				WHERE user_id = $1 AND paused <> $2`, Args: []any{user, *paused, now}})
		}
		if paused != nil && !*paused { // who wants calls again has had rest enough
			statements = append(statements, store.Statement{Query: `UPDATE agent SET free_at = $2 WHERE user_id = $1 AND free_at > $2`,
				Args: []any{user, now}})
		}
		return tx.ExecAll(ctx, statements)
	})
}

// Standing is how far a caller is.
type Standing struct {
	Place int           // 1: he is the next; 0: he waits no more
	Left  time.Duration // that he may have to wait yet, by those before him; 0: not known
}

// Standing tells how far a caller is.
func (q *Queues) Standing(ctx context.Context, call string) (s Standing, err error) {
	var since, waited int64
	err = q.db.QueryRow(ctx, `SELECT c.since, coalesce(w.waited, 0), (SELECT COUNT(*) FROM queue_caller o
		WHERE o.queue = c.queue AND o.callback_at <= $2 AND (o.since < c.since OR o.since = c.since AND o.call <= c.call))
		FROM queue_caller c LEFT JOIN queue_wait w ON w.queue = c.queue WHERE c.call = $1`, call, store.Micros(time.Now())).Scan(&since, &waited, &s.Place)
	if errors.Is(err, sql.ErrNoRows) {
		return Standing{}, nil
	}
	if waited > 0 {
		s.Left = max(0, time.Until(store.Time(since+waited)))
	}
	return s, err
}

// Agents are users as the queues know them; who never logged in is none of them.
func (q *Queues) Agents(ctx context.Context, users []string) ([]Agent, error) {
	by := query.New(`SELECT a.user_id, a.logged_in, a.paused, a.since, a.free_at, a.missed, coalesce(o.call, ''), a.talks
		FROM agent a LEFT JOIN queue_offer o ON o.agent = a.user_id WHERE a.user_id`).In(users).Add(` ORDER BY a.user_id`)
	return query.All(ctx, q.db, func(row store.Row) (a Agent, err error) {
		var since, free int64
		err = row.Scan(&a.User, &a.LoggedIn, &a.Paused, &since, &free, &a.Missed, &a.Rung, &a.Talks)
		a.Since, a.FreeAt = store.Time(since), store.Time(free)
		return a, err
	}, by)
}

// Waiting are the callers of queues, who has waited longest first; of each queue so many at most, and how many all are.
func (q *Queues) Waiting(ctx context.Context, queue string, limit int) (first []Caller, all int, err error) {
	if err := q.db.QueryRow(ctx, `SELECT COUNT(*) FROM queue_caller WHERE queue = $1`, queue).Scan(&all); err != nil {
		return nil, 0, err
	}
	by := query.New(`SELECT `+callerColumns+` FROM queue_caller c WHERE c.queue = ? ORDER BY c.since, c.call LIMIT ?`, queue, limit)
	first, err = query.All(ctx, q.db, scanCaller, by)
	return first, all, err
}
