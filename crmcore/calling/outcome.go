package calling

import (
	"context"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Outcome is what came of a client that one had.
type Outcome struct {
	Is  string    `json:"is" enum:"done,again,no_answer,never,skip" doc:"again: at a time; no_answer: later, as often as the list says; never: asked not to be called; skip: after all others"`
	At  time.Time `json:"at,omitzero" doc:"again: when"`
	Why string    `json:"why,omitempty" maxLength:"500" doc:"never: what was said"`
}

const furthest = 366 * 24 * time.Hour

// Say says what came of a client that the actor has, and lets go of it. store.ErrNotFound: he has it no more.
func (c *Lists) Say(ctx context.Context, actor people.User, id string, o Outcome) error {
	now := time.Now()
	if o.Is == "again" && (o.At.Before(now.Add(-time.Minute)) || o.At.After(now.Add(furthest))) {
		return input.Refuse("at", "is a time to come, within a year")
	}
	item, err := c.item(ctx, actor, id)
	if err != nil {
		return err
	}
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		if o.Is == "never" {
			for _, n := range item.Numbers {
				if err := c.bar(ctx, tx, actor.ID, n.Value, o.Why); err != nil {
					return err
				}
			}
		}
		set, args := o.becomes(actor.ID, now)
		n, err := query.Exec(ctx, tx, `UPDATE calling_item SET `+set+`, agent = '', lease = 0, call = '', answered = FALSE,
			changed_at = $3 WHERE id = $1 AND agent = $2`, append([]any{id, actor.ID, store.Micros(now)}, args...)...)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

// becomes is what an outcome makes of a client: $4 and so on are args.
func (o Outcome) becomes(user string, now time.Time) (set string, args []any) {
	const counted = `(CASE WHEN call = '' THEN tries + 1 ELSE tries END)` // called by other means
	switch o.Is {
	case "done":
		return `state = 'done', promised = '', reached = TRUE`, nil
	case "never":
		return `state = 'never', promised = '', reached = TRUE`, nil
	case "again":
		return `due = $4, promised = $5, reached = TRUE, tries = 0`, []any{store.Micros(o.At), user}
	case "skip":
		return `position = $4`, []any{store.Micros(now)}
	}
	return `tries = ` + counted + `, promised = '',
		state = CASE WHEN ` + counted + ` >= (SELECT l.tries FROM calling_list l WHERE l.id = list) THEN 'failed' ELSE 'open' END,
		due = $4 + 60000000 * (SELECT l.minutes FROM calling_list l WHERE l.id = list)`, []any{store.Micros(now)}
}

// Call is one that our people make, as the lists are told of it.
type Call struct {
	ID       string
	Users    []string // who call
	Number   string   // in E.164
	Ended    bool
	Answered bool
}

// Told notes that a call is made or has ended: where somebody who makes it has a client with that number, the call is
// to him. It may be told again, and the beginning may never be.
func (c *Lists) Told(ctx context.Context, call Call) error {
	if call.Number == "" || len(call.Users) == 0 {
		return nil
	}
	now := time.Now()
	lease := now.Add(speaks)
	if call.Ended {
		lease = now.Add(says)
	}
	set := query.New(`UPDATE calling_item SET tries = CASE WHEN call = ? THEN tries ELSE tries + 1 END, call = ?,
		answered = ?, reached = (reached OR ?), lease = ?, changed_at = ? WHERE state = 'open' AND agent`, call.ID, call.ID,
		call.Answered, call.Answered, store.Micros(lease), store.Micros(now)).In(call.Users)
	if call.Ended { // of an older call nothing is to be said any more
		set.Add(" AND (call = '' OR call <= ?)", call.ID)
	} else {
		set.Add(" AND call <> ?", call.ID)
	}
	set.Add(` AND EXISTS (SELECT 1 FROM contact_point p JOIN calling_list l ON l.id = calling_item.list
		WHERE p.entity_kind = l.kind AND p.entity_id = calling_item.record AND p.kind = 'phone' AND p.value = ?)`,
		call.Number)
	_, err := c.db.Exec(ctx, set.String(), set.Args...)
	return err
}
