package calling

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Barred is a number whose people asked not to be called. It is the number that is kept, on no card: who deletes,
// merges or imports clients changes nothing.
type Barred struct {
	Number string    `json:"number"`
	At     time.Time `json:"at"`
	User   string    `json:"user" doc:"Id of who said so"`
	Why    string    `json:"why,omitempty"`
}

func scanBarred(r store.Row) (b Barred, err error) {
	var at int64
	err = r.Scan(&b.Number, &at, &b.User, &b.Why)
	b.At = store.Time(at)
	return b, err
}

const barredColumns = "SELECT number, at, user_id, why FROM do_not_call"

// Bar keeps a number as one not to be called. Who did so first, and why, stays.
func (c *Lists) Bar(ctx context.Context, actor people.User, number, why string) (b Barred, err error) {
	if err := input.Texts(input.Bound("why", &why, 0, 500)); err != nil {
		return b, err
	}
	phone, err := address.ParsePhone(number, c.region)
	if err != nil {
		return b, input.Refuse("number", "is no telephone number")
	}
	err = c.db.Tx(ctx, func(tx *store.Tx) error { return c.bar(ctx, tx, actor.ID, phone.Value, why) })
	if err != nil {
		return b, err
	}
	return query.One(ctx, c.db, scanBarred, query.New(barredColumns+" WHERE number = ?", phone.Value))
}

func (c *Lists) bar(ctx context.Context, tx *store.Tx, user, number, why string) error {
	_, err := tx.Exec(ctx, `INSERT INTO do_not_call (number, at, user_id, why) VALUES ($1, $2, $3, $4)
		ON CONFLICT DO NOTHING`, number, store.Micros(time.Now()), user, why)
	return err
}

// Unbar lets a number be called again; store.ErrNotFound. Only who barred it, and administrators, do so.
func (c *Lists) Unbar(ctx context.Context, actor people.User, number string) error {
	b, err := query.One(ctx, c.db, scanBarred, query.New(barredColumns+" WHERE number = ?", number))
	if err != nil {
		return err
	}
	if b.User != actor.ID && actor.Role != people.Admin {
		return people.ErrForbidden
	}
	_, err = c.db.Exec(ctx, "DELETE FROM do_not_call WHERE number = $1", number)
	return err
}

// BarredOf are those of the numbers that asked not to be called.
func (c *Lists) BarredOf(ctx context.Context, numbers []string) ([]Barred, error) {
	return query.All(ctx, c.db, scanBarred,
		query.New(barredColumns+" WHERE number").In(numbers).Add(" ORDER BY number"))
}

// AllBarred is a page of them by number, after one.
func (c *Lists) AllBarred(ctx context.Context, after string, limit int) ([]Barred, error) {
	return query.All(ctx, c.db, scanBarred,
		query.New(barredColumns+" WHERE number > ? ORDER BY number LIMIT ?", after, limit))
}

// ByHand is what becomes of a call to such a number that somebody dials.
type ByHand string

// What may become of it. From a calling list it is never made.
const (
	Asks    ByHand = "ask"    // who dials is asked whether he means it
	Refuses ByHand = "refuse" // it is not made
)

const setting = "crm.do_not_call"

// Dialled is the company's choice.
func (c *Lists) Dialled(ctx context.Context) (by ByHand, err error) {
	var kept struct{ ByHand ByHand }
	var text string
	err = c.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, setting).Scan(&text)
	if errors.Is(store.Found(err), store.ErrNotFound) {
		return Asks, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &kept)
	}
	return kept.ByHand, err
}

// Dial changes the company's choice.
func (c *Lists) Dial(ctx context.Context, by ByHand) error {
	text, err := json.Marshal(struct{ ByHand ByHand }{by})
	if err != nil {
		return err
	}
	_, err = c.db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, setting, string(text))
	return err
}

// Stands tells whether a call of a user to a number in E.164 may be made: "" it may; else what the company chose, and
// since when it has asked not to be called. Who has the number's client from a calling list never calls it.
func (c *Lists) Stands(ctx context.Context, user, number string) (by ByHand, since time.Time, err error) {
	barred, err := c.BarredOf(ctx, []string{number})
	if err != nil || len(barred) == 0 {
		return "", since, err
	}
	since = barred[0].At
	var listed int
	if err := c.db.QueryRow(ctx, `SELECT COUNT(*) FROM calling_item i JOIN calling_list l ON l.id = i.list
		JOIN contact_point p ON p.entity_kind = l.kind AND p.entity_id = i.record AND p.kind = 'phone'
		WHERE i.agent = $1 AND p.value = $2`, user, number).Scan(&listed); err != nil {
		return "", since, err
	}
	if listed > 0 {
		return Refuses, since, nil
	}
	by, err = c.Dialled(ctx)
	return by, since, err
}

// Leave hands over, in a transaction, what somebody has who goes: his lists to an heir, his clients to colleagues.
func (c *Lists) Leave(ctx context.Context, tx *store.Tx, user, heir string) error {
	return query.Steps(
		func() error { return settle(ctx, tx, "agent = $1", user) },
		func() error {
			_, err := tx.Exec(ctx, "UPDATE calling_item SET promised = '' WHERE promised = $1", user)
			return err
		},
		func() error {
			_, err := tx.Exec(ctx, "DELETE FROM calling_agent WHERE user_id = $1", user)
			return err
		},
		func() error {
			_, err := tx.Exec(ctx, "UPDATE calling_list SET owner = $2 WHERE owner = $1", user, heir)
			return err
		})
}
