package directory

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"frontdesk/store"
)

// toQueue is the kind of a destination that is a queue.
const toQueue = "queue"

const queueColumns = `id, name, strategy, agents, seconds, wrap_up, priority, max_waiting, max_wait, leads`

func scanQueue(row store.Row) (q Queue, err error) {
	var agents, leads string
	if err = row.Scan(&q.ID, &q.Name, &q.Strategy, &agents, &q.Seconds, &q.WrapUp, &q.Priority, &q.MaxWaiting, &q.MaxWait,
		&leads); err != nil {
		return q, err
	}
	return q, errors.Join(json.Unmarshal([]byte(agents), &q.Agents), json.Unmarshal([]byte(leads), &q.Leads))
}

// Queues lists the queues, by name.
func (d *Directory) Queues(ctx context.Context) ([]Queue, error) { return queuesOf(ctx, d.db) }

func queuesOf(ctx context.Context, q store.Queries) ([]Queue, error) {
	rows, err := q.Query(ctx, `SELECT `+queueColumns+` FROM queue ORDER BY name, id`)
	return store.Collect(rows, err, scanQueue)
}

// SaveQueue creates a queue (ID empty: it gets one) or changes it. Errors: *Invalid, ErrNotFound.
func (d *Directory) SaveQueue(ctx context.Context, q *Queue) error {
	if err := q.check(); err != nil {
		return err
	}
	if err := d.checkLeads(ctx, q); err != nil {
		return err
	}
	statement := `UPDATE queue SET name = $2, strategy = $3, agents = $4, seconds = $5, wrap_up = $6, priority = $7,
		max_waiting = $8, max_wait = $9, leads = $10 WHERE id = $1`
	if q.ID == "" {
		q.ID = store.NewID()
		statement = `INSERT INTO queue (` + queueColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	}
	err := d.write(ctx, statement, q.ID, q.Name, string(q.Strategy), asJSON(q.Agents), q.Seconds, q.WrapUp, q.Priority,
		q.MaxWaiting, q.MaxWait, asJSON(q.Leads))
	if store.IsUnique(err) {
		return invalid("name", "there is a queue called %q already", q.Name)
	}
	return err
}

func (q *Queue) check() error {
	q.Name = strings.TrimSpace(q.Name)
	switch {
	case q.Name == "" || len(q.Name) > 100:
		return invalid("name", "give the queue a name of at most 100 characters")
	case !slices.Contains(strategies[:], q.Strategy):
		return invalid("strategy", "must be together, in_order, round_robin, longest_idle or random")
	case len(q.Agents) == 0 || len(q.Agents) > 200:
		return invalid("agents", "choose 1 to 200 people")
	case q.Seconds < 5 || q.Seconds > 120:
		return invalid("seconds", "an agent is rung 5 to 120 seconds")
	case q.WrapUp < 0 || q.WrapUp > 3600:
		return invalid("wrap_up", "an agent has at most 3600 seconds after a call")
	case q.Priority < 0 || q.Priority > 10:
		return invalid("priority", "must be 0 to 10")
	case q.MaxWaiting < 0 || q.MaxWaiting > 1000:
		return invalid("max_waiting", "at most 1000 callers; 0 sets no limit")
	case q.MaxWait < 10 || q.MaxWait > 7200:
		return invalid("max_wait", "a caller waits 10 to 7200 seconds")
	}
	for i, user := range q.Agents {
		if slices.Contains(q.Agents[:i], user) {
			return invalid("agents", "somebody is there twice")
		}
	}
	return nil
}

func (d *Directory) checkLeads(ctx context.Context, q *Queue) error {
	for name, at := range q.Leads.all() {
		to := *at
		if to == nil {
			continue
		}
		field := "leads." + name
		if to.Kind == toQueue && to.Queue == q.ID && q.ID != "" {
			return invalid(field+".queue", "that leads back to this queue: choose something else")
		}
		if err := d.checkOnward(ctx, field, to); err != nil {
			return err
		}
	}
	return nil
}

// checkQueue fails where there is no such queue.
func (d *Directory) checkQueue(ctx context.Context, field, id string) error {
	queues, err := d.Queues(ctx)
	if err == nil && !slices.ContainsFunc(queues, func(q Queue) bool { return q.ID == id }) {
		err = invalid(field+".queue", "no such queue")
	}
	return err
}

// DeleteQueue removes a queue; ErrNotFound, and ErrInUse while something leads there. Who waits in it goes on waiting
// for nobody, until he has waited too long.
func (d *Directory) DeleteQueue(ctx context.Context, id string) error {
	return d.deleteUnused(ctx, func(to Destination) bool { return to.Kind == toQueue && to.Queue == id },
		`DELETE FROM queue WHERE id = $1`, id)
}

// rings tells whether a queue rings a user, or leads on to him.
func (q Queue) rings(user string) bool {
	for _, to := range q.Leads.all() {
		if *to != nil && (*to).rings(user) {
			return true
		}
	}
	return slices.Contains(q.Agents, user)
}

// giveQueues takes a user out of the queues; where one leads on to him, it leads to the heir.
func giveQueues(ctx context.Context, tx *store.Tx, user, heir string) error {
	queues, err := queuesOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, q := range queues {
		if !q.rings(user) {
			continue
		}
		q.Agents = slices.DeleteFunc(q.Agents, func(agent string) bool { return agent == user })
		if len(q.Agents) == 0 {
			q.Agents = []string{heir}
		}
		for _, to := range q.Leads.all() {
			if *to != nil {
				(*to).give(user, heir)
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE queue SET agents = $1, leads = $2 WHERE id = $3`, asJSON(q.Agents), asJSON(q.Leads),
			q.ID); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM agent WHERE user_id = $1`, user)
	return err
}
