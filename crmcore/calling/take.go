package calling

import (
	"context"
	"errors"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Next is the client of a list that the actor is to call now: the one he has, or one that nobody has, whose time has
// come, who may be called and whom he may see. He has no more than one, of whichever list. store.ErrNotFound: there is
// none now.
func (c *Lists) Next(ctx context.Context, actor people.User, list string) (item Item, err error) {
	l, err := c.One(ctx, actor, list)
	if err != nil {
		return item, err
	}
	if !l.Works {
		return item, people.ErrForbidden
	}
	for {
		id, err := c.take(ctx, actor, l)
		switch {
		case store.IsUnique(err): // another tab of his took one in the same moment
			continue
		case err != nil:
			return item, err
		case id == "":
			continue // a colleague was faster
		}
		item, err := c.item(ctx, actor, id)
		if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, people.ErrForbidden) {
			return item, err
		}
		if err := c.db.Tx(ctx, func(tx *store.Tx) error { return settle(ctx, tx, "id = $1", id) }); err != nil {
			return item, err // of a client who is deleted, or another's now, nothing is to be done
		}
	}
}

// take tries to make a client the actor's; "" where a colleague took it in the same moment.
func (c *Lists) take(ctx context.Context, actor people.User, l List) (id string, err error) {
	err = c.db.Tx(ctx, func(tx *store.Tx) error {
		now := time.Now()
		id, err = holds(ctx, tx, actor.ID, l.ID)
		if err != nil {
			return err
		}
		if id != "" {
			return renew(ctx, tx, id, now)
		}
		if l.Paused {
			return store.ErrNotFound
		}
		if err := settle(ctx, tx, "list = $1 AND agent <> '' AND lease < $2", l.ID, store.Micros(now)); err != nil {
			return err
		}
		if err := settle(ctx, tx, "agent = $1", actor.ID); err != nil {
			return err
		}
		next, err := query.One(ctx, tx, query.Text, candidates(actor, l, now))
		if err != nil {
			return err
		}
		n, err := query.Exec(ctx, tx, `UPDATE calling_item SET agent = $2, lease = $3, call = '', answered = FALSE
			WHERE id = $1 AND state = 'open' AND agent = ''`, next, actor.ID, store.Micros(now.Add(looksAt)))
		if n > 0 {
			id = next
		}
		return err
	})
	return id, err
}

// holds is the client of a list that a user has; also one that lapsed, as long as nobody else has taken it.
func holds(ctx context.Context, db store.Queries, user, list string) (id string, err error) {
	ids, err := query.All(ctx, db, query.Text,
		query.New("SELECT id FROM calling_item WHERE agent = ? AND list = ?", user, list))
	if len(ids) > 0 {
		id = ids[0]
	}
	return id, err
}

// renew holds on to a client; nothing shortens a lease.
func renew(ctx context.Context, db store.Queries, id string, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE calling_item SET lease = $2 WHERE id = $1 AND lease < $2`, id,
		store.Micros(now.Add(looksAt)))
	return err
}

// settle lets go of clients whom somebody had and said nothing of: who answered is done, who did not is called later,
// and whom nobody called is free.
func settle(ctx context.Context, tx *store.Tx, which string, args ...any) error {
	_, err := tx.Exec(ctx, `UPDATE calling_item SET
		state = CASE WHEN answered THEN 'done'
			WHEN call <> '' AND tries >= (SELECT l.tries FROM calling_list l WHERE l.id = list) THEN 'failed' ELSE state END,
		due = CASE WHEN call <> '' AND NOT answered
			THEN changed_at + 60000000 * (SELECT l.minutes FROM calling_list l WHERE l.id = list) ELSE due END,
		promised = CASE WHEN call <> '' THEN '' ELSE promised END,
		agent = '', lease = 0, call = '', answered = FALSE WHERE `+which, args...)
	return err
}

// candidates asks for whom the actor may call now, the first first: those who wait for a call at a time, then in order.
func candidates(actor people.User, l List, now time.Time) *query.Builder {
	q := query.New("SELECT i.id FROM calling_item i JOIN calling_list l ON l.id = i.list JOIN "+string(l.Kind)+
		" t ON t.id = i.record WHERE i.list = ? AND i.state = 'open' AND i.agent = '' AND i.due <= ?", l.ID,
		store.Micros(now))
	q.Add(" AND (i.promised = '' OR i.promised = ? OR i.due < ?) AND ", actor.ID, store.Micros(now.Add(-keepsWord)))
	return q.With(people.Readable(actor, "t")).Add(" AND " + callable +
		" ORDER BY CASE WHEN i.due = 0 THEN 1 ELSE 0 END, i.due, i.position LIMIT 1")
}

// Mine is the client of a list that the actor has; store.ErrNotFound.
func (c *Lists) Mine(ctx context.Context, actor people.User, list string) (item Item, err error) {
	id, err := holds(ctx, c.db, actor.ID, list)
	if err != nil || id == "" {
		return item, orNone(err)
	}
	return c.item(ctx, actor, id)
}

// Hold keeps a client that the actor has for longer; store.ErrNotFound: he has it no more.
func (c *Lists) Hold(ctx context.Context, actor people.User, id string) (Item, error) {
	item, err := c.item(ctx, actor, id)
	if err == nil {
		err = renew(ctx, c.db, id, time.Now())
	}
	return item, err
}

// item reads a client that the actor has.
func (c *Lists) item(ctx context.Context, actor people.User, id string) (item Item, err error) {
	var kind record.Kind
	item, err = query.One(ctx, c.db, func(r store.Row) (i Item, err error) {
		var promised string
		var until int64
		err = r.Scan(&i.ID, &i.List, &kind, &i.Of.ID, &i.Tries, &promised, &i.Call, &i.Answered, &until)
		i.Promised, i.Until = promised == actor.ID, store.Time(until)
		return i, err
	}, query.New(`SELECT i.id, i.list, l.kind, i.record, i.tries, i.promised, i.call, i.answered, i.lease
		FROM calling_item i JOIN calling_list l ON l.id = i.list WHERE i.id = ? AND i.agent = ?`, id, actor.ID))
	if err != nil {
		return item, err
	}
	item.Of.Kind = kind
	head, err := record.Permit(ctx, c.db, actor, item.Of)
	if err != nil {
		return item, err
	}
	item.Name = head.Name
	item.Numbers, err = query.All(ctx, c.db, func(r store.Row) (n Phone, err error) {
		return n, r.Scan(&n.Value, &n.Label, &n.Never)
	}, query.New(`SELECT p.value, p.label, n.number IS NOT NULL FROM contact_point p
		LEFT JOIN do_not_call n ON n.number = p.value
		WHERE p.entity_kind = ? AND p.entity_id = ? AND p.kind = 'phone' AND p.value <> ''
		ORDER BY CASE WHEN n.number IS NULL THEN 0 ELSE 1 END, p.position`, kind, item.Of.ID))
	return item, err
}
