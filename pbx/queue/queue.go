// Package queue keeps who waits in which queue, who of the agents is free, and whom of them each caller is offered to:
// for all nodes, in SQL. Callers wait on the node where they arrived; whichever node something happens on finds out who
// comes next.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Queues is what a node knows of them. It is safe for concurrent use.
type Queues struct {
	db    *store.DB
	node  string
	epoch int64
}

// New is that of a life of a node.
func New(db *store.DB, node string, epoch int64) *Queues { return &Queues{db, node, epoch} }

// Caller waits in a queue.
type Caller struct {
	Call     string    `json:"call"`
	Queue    string    `json:"queue"`
	Number   string    `json:"number"`
	Name     string    `json:"name"`
	Since    time.Time `json:"since"`
	Callback bool      `json:"callback" doc:"He has hung up, and is called when it is his turn …"`
	After    time.Time `json:"after" doc:"… but not before"`
	Tries    int       `json:"tries" doc:"So often he was called"`
	Asked    time.Time `json:"-"` // when he asked to be called back; zero: it is not known
	Node     string    `json:"-"`
}

const callerColumns = `c.call, c.queue, c.number, c.name, c.since, c.node, c.callback_at, c.tries, c.asked_at`

func scanCaller(row store.Row) (c Caller, err error) { return scanOffered(row) }

// scanOffered reads a caller, and what the row has after him.
func scanOffered(row store.Row, more ...any) (c Caller, err error) {
	var since, back, asked int64
	err = row.Scan(append([]any{&c.Call, &c.Queue, &c.Number, &c.Name, &since, &c.Node, &back, &c.Tries, &asked},
		more...)...)
	c.Since, c.Callback = store.Time(since), back > 0
	if c.Callback {
		c.After = store.Time(back)
		if asked > 0 {
			c.Asked = store.Time(asked)
		}
	}
	return c, err
}

// Place is whether a caller has come into a queue.
type Place int

const (
	In    Place = iota // he waits
	Full               // too many do already
	Empty              // no agent is logged in
)

// alone runs a transaction that changes the order: such follow each other, over all nodes.
func (q *Queues) alone(ctx context.Context, do func(tx *store.Tx, turn int64) error) error {
	return q.db.Tx(ctx, func(tx *store.Tx) error {
		var turn int64
		if err := tx.QueryRow(ctx, `UPDATE queue_gate SET turn = turn + 1 RETURNING turn`).Scan(&turn); err != nil {
			return err
		}
		return do(tx, turn)
	})
}

// enter has a caller wait, at his place where he was to be called back, if not more than most do (0: whatever their
// number), and one of the agents is logged in.
func (q *Queues) enter(ctx context.Context, tx *store.Tx, c Caller, most int, agents []string) (Place, error) {
	waiting, serving, err := count(ctx, tx, c.Queue, agents)
	switch {
	case err != nil:
		return In, err
	case serving == 0:
		return Empty, nil
	case most > 0 && waiting >= most:
		return Full, nil
	}
	since, err := again(ctx, tx, c.Queue, c.Number)
	if err != nil {
		return In, err
	}
	if !since.IsZero() {
		c.Since = since
	}
	_, err = tx.Exec(ctx, `INSERT INTO queue_caller (call, queue, number, name, since, node, epoch)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (call) DO NOTHING`, c.Call, c.Queue, c.Number, c.Name,
		store.Micros(c.Since), q.node, q.epoch)
	return In, err
}

// again takes out the callback of who calls the queue again, and tells since when he has waited; zero: there is none.
func again(ctx context.Context, tx *store.Tx, queue, number string) (since time.Time, err error) {
	if number == "" {
		return since, nil
	}
	rows, err := tx.Query(ctx, `SELECT call, since FROM queue_caller WHERE queue = $1 AND number = $2 AND callback_at > 0
		ORDER BY since DESC`, queue, number)
	calls, err := store.Collect(rows, err, func(row store.Row) (call string, err error) {
		var at int64
		err = row.Scan(&call, &at)
		since = store.Time(at)
		return call, err
	})
	for _, call := range calls {
		err = errors.Join(err, leave(ctx, tx, call))
	}
	return since, err
}

// count is how many wait in a queue, and how many of its agents are logged in.
func count(ctx context.Context, tx *store.Tx, queue string, agents []string) (waiting, serving int, err error) {
	if err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM queue_caller WHERE queue = $1 AND callback_at = 0`, queue).Scan(&waiting); err != nil {
		return 0, 0, err
	}
	by := query.New(`SELECT COUNT(*) FROM agent WHERE logged_in AND user_id`).In(agents)
	return waiting, serving, tx.QueryRow(ctx, by.String(), by.Args...).Scan(&serving)
}

// leave takes a caller out of his queue. Who was rung for him is free at once.
func leave(ctx context.Context, tx *store.Tx, call string) error {
	return tx.ExecAll(ctx, []store.Statement{
		{Query: `DELETE FROM queue_offer WHERE call = $1`, Args: []any{call}},
		{Query: `DELETE FROM queue_caller WHERE call = $1`, Args: []any{call}}})
}

// taken: an agent has the caller, and wrapUp afterwards.
func (q *Queues) taken(ctx context.Context, tx *store.Tx, call, agent string, wrapUp time.Duration) error {
	waited := store.Statement{Query: `INSERT INTO queue_wait (queue, waited) SELECT queue, $2 - since FROM queue_caller
		WHERE call = $1 ON CONFLICT (queue) DO UPDATE SET waited = (3 * queue_wait.waited + excluded.waited) / 4`,
		Args: []any{call, store.Micros(time.Now())}}
	return errors.Join(tx.ExecAll(ctx, []store.Statement{waited}), leave(ctx, tx, call),
		tx.ExecAll(ctx, []store.Statement{q.talks(call, agent, wrapUp)}))
}

// talks notes that an agent is in a call out of a queue, and has wrapUp afterwards.
func (q *Queues) talks(call, agent string, wrapUp time.Duration) store.Statement {
	return store.Statement{
		Query: `UPDATE agent SET talks = $2, wrap_up = $3, node = $4, epoch = $5, missed = 0 WHERE user_id = $1`,
		Args:  []any{agent, call, int64(wrapUp / time.Second), q.node, q.epoch}}
}

// maxMissed calls in a row are not taken before an agent is paused: who has gone for lunch holds nobody up.
const maxMissed = 3

// back: whom a caller was offered to did not take him; he goes on waiting where he was. The agents rest for a while;
// missed: they were rung, and did not answer.
func back(ctx context.Context, tx *store.Tx, call string, rest time.Duration, missed bool) error {
	now := time.Now()
	more := 0
	if missed {
		more = 1
	}
	return tx.ExecAll(ctx, []store.Statement{
		{Query: `UPDATE agent SET free_at = $2, missed = missed + $3, paused = paused OR missed + $3 >= $4,
			since = CASE WHEN missed + $3 >= $4 AND NOT paused THEN $5 ELSE since END
			WHERE user_id IN (SELECT agent FROM queue_offer WHERE call = $1)`,
			Args: []any{call, store.Micros(now.Add(rest)), more, maxMissed, store.Micros(now)}},
		{Query: `UPDATE queue_caller SET node = '', epoch = 0 WHERE call = $1 AND callback_at > 0`, Args: []any{call}},
		{Query: `DELETE FROM queue_offer WHERE call = $1`, Args: []any{call}}})
}

// freed: the call that an agent took out of a queue is over for him; he is free then.
func freed(ctx context.Context, tx *store.Tx, agent string) (free time.Time, err error) {
	now := store.Micros(time.Now())
	err = tx.QueryRow(ctx, `UPDATE agent SET talks = '', free_at = $2 + wrap_up * 1000000 WHERE user_id = $1 AND talks <> ''
		RETURNING free_at`, agent, now).Scan(&now)
	if errors.Is(err, sql.ErrNoRows) { // an agent no more
		err = nil
	}
	return store.Time(now), err
}

// Recover takes out who waited on a node that is dead, and frees those who talked there. Whom it was to call back
// others call.
func (q *Queues) Recover(ctx context.Context, node string, epoch int64) error {
	return q.alone(ctx, func(tx *store.Tx, _ int64) error {
		return tx.ExecAll(ctx, []store.Statement{
			{Query: `DELETE FROM queue_offer WHERE call IN (SELECT call FROM queue_caller WHERE node = $1 AND epoch = $2)`,
				Args: []any{node, epoch}},
			{Query: `DELETE FROM queue_caller WHERE node = $1 AND epoch = $2 AND callback_at = 0`, Args: []any{node, epoch}},
			{Query: `UPDATE queue_caller SET node = '', epoch = 0 WHERE node = $1 AND epoch = $2`, Args: []any{node, epoch}},
			{Query: `UPDATE agent SET talks = '' WHERE node = $1 AND epoch = $2`, Args: []any{node, epoch}}})
	})
}
