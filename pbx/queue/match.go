package queue

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Offer is agents who are to be rung for a caller.
type Offer struct {
	Caller
	Agents []string
	Turn   int64 // grows: the same offer may be told twice
}

// free is an agent who can take a call.
type free struct {
	user    string
	since   int64 // that he is free
	offered int64 // when a call was offered last
}

// match offers callers to agents who are free, and writes that down. Queues are all, with the agents who may be rung;
// busy says who has a call of another kind. With backs, this node calls those back whose turn it is.
func (q *Queues) match(ctx context.Context, tx *store.Tx, turn int64, queues []dialplan.Queue,
	busy func(user string) bool, backs bool) (offers []Offer, err error) {
	agents, err := idle(ctx, tx)
	agents = slices.DeleteFunc(agents, func(a free) bool { return busy(a.user) })
	if err != nil || len(agents) == 0 {
		return nil, err
	}
	var callers []Caller
	for _, queue := range queues {
		if !slices.ContainsFunc(agents, func(a free) bool { return slices.Contains(queue.Agents, a.user) }) {
			continue
		}
		first, err := heads(ctx, tx, queue.ID, len(agents), backs)
		if err != nil {
			return nil, err
		}
		callers = append(callers, first...)
	}
	offers = pair(queues, callers, agents, rand.Uint64())
	if err := q.claim(ctx, tx, offers); err != nil {
		return nil, err
	}
	return offers, write(ctx, tx, offers, turn)
}

// idle are the agents who wait for a call.
func idle(ctx context.Context, tx *store.Tx) ([]free, error) {
	rows, err := tx.Query(ctx, `SELECT user_id, free_at, offered_at FROM agent WHERE logged_in AND NOT paused AND talks = ''
		AND free_at <= $1 AND user_id NOT IN (SELECT agent FROM queue_offer) ORDER BY user_id`, store.Micros(time.Now()))
	return store.Collect(rows, err, func(row store.Row) (a free, err error) {
		return a, row.Scan(&a.user, &a.since, &a.offered)
	})
}

// heads are the first callers of a queue whom nobody is rung for; with backs also those who are to be called back now.
func heads(ctx context.Context, tx *store.Tx, queue string, limit int, backs bool) ([]Caller, error) {
	until := store.Micros(time.Now())
	if !backs {
		until = 0
	}
	rows, err := tx.Query(ctx, `SELECT `+callerColumns+` FROM queue_caller c WHERE c.queue = $1
		AND (c.callback_at = 0 OR c.callback_at <= $3 AND c.node = '')
		AND NOT EXISTS (SELECT 1 FROM queue_offer o WHERE o.call = c.call) ORDER BY c.since, c.call LIMIT $2`, queue, limit,
		until)
	return store.Collect(rows, err, scanCaller)
}

// pair gives callers to agents: those of the highest priority first, then who has waited longest. It is pure.
func pair(queues []dialplan.Queue, callers []Caller, agents []free, chance uint64) (offers []Offer) {
	of := map[string]dialplan.Queue{}
	for _, q := range queues {
		of[q.ID] = q
	}
	slices.SortStableFunc(callers, func(a, b Caller) int {
		return cmp.Or(-cmp.Compare(of[a.Queue].Priority, of[b.Queue].Priority), a.Since.Compare(b.Since),
			strings.Compare(a.Call, b.Call))
	})
	agents = slices.Clone(agents)
	for _, c := range callers {
		users := choose(of[c.Queue], agents, chance)
		if len(users) == 0 {
			continue
		}
		agents = slices.DeleteFunc(agents, func(a free) bool { return slices.Contains(users, a.user) })
		offers = append(offers, Offer{Caller: c, Agents: users})
	}
	return offers
}

// choose picks whom of the free agents of a queue is rung for its next caller.
func choose(q dialplan.Queue, agents []free, chance uint64) []string {
	at := map[string]free{}
	for _, a := range agents {
		at[a.user] = a
	}
	users := slices.DeleteFunc(slices.Clone(q.Agents), func(user string) bool { _, is := at[user]; return !is })
	turn := dialplan.Turn{Talked: map[string]time.Time{}, Chance: chance}
	strategy := q.Strategy
	for user, a := range at {
		turn.Talked[user] = store.Time(a.since)
		if strategy == dialplan.RoundRobin { // whom no call was offered for longest
			turn.Talked[user] = store.Time(a.offered)
		}
	}
	if strategy == dialplan.RoundRobin {
		strategy = dialplan.LongestIdle
	}
	if rounds := dialplan.Arrange(strategy, users, turn); len(rounds) > 0 {
		return rounds[0]
	}
	return nil
}

func write(ctx context.Context, tx *store.Tx, offers []Offer, turn int64) error {
	if len(offers) == 0 {
		return nil
	}
	now := store.Micros(time.Now())
	lines := query.New(`INSERT INTO queue_offer (agent, call, turn, offered_at) VALUES `)
	var agents []string
	for _, o := range offers {
		for _, agent := range o.Agents {
			lines.Values(agent, o.Call, turn, now)
			agents = append(agents, agent)
		}
	}
	rung := query.New(`UPDATE agent SET offered_at = ? WHERE user_id`, now).In(agents)
	return tx.ExecAll(ctx, []store.Statement{{Query: lines.String(), Args: lines.Args},
		{Query: rung.String(), Args: rung.Args}})
}

// mine are the callers of this node who are offered now.
func (q *Queues) mine(ctx context.Context, by store.Queries) (offers []Offer, err error) {
	rows, err := by.Query(ctx, `SELECT `+callerColumns+`, o.agent, o.turn FROM queue_offer o JOIN queue_caller c ON c.call = o.call
		WHERE c.node = $1 AND c.epoch = $2 ORDER BY o.call, o.agent`, q.node, q.epoch)
	_, err = store.Collect(rows, err, func(row store.Row) (none struct{}, err error) {
		var agent string
		var turn int64
		caller, err := scanOffered(row, &agent, &turn)
		if err != nil {
			return none, err
		}
		if n := len(offers); n == 0 || offers[n-1].Call != caller.Call {
			offers = append(offers, Offer{Caller: caller, Turn: turn})
		}
		o := &offers[len(offers)-1]
		o.Agents = append(o.Agents, agent)
		return none, nil
	})
	return offers, err
}

// claim makes the callers whom this node has to call its own.
func (q *Queues) claim(ctx context.Context, tx *store.Tx, offers []Offer) error {
	var calls []string
	for _, o := range offers {
		if o.Caller.Callback {
			calls = append(calls, o.Caller.Call)
		}
	}
	if len(calls) == 0 {
		return nil
	}
	by := query.New(`UPDATE queue_caller SET node = ?, epoch = ? WHERE call`, q.node, q.epoch).In(calls)
	_, err := tx.Exec(ctx, by.String(), by.Args...)
	return err
}
