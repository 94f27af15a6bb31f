package toll

import (
	"context"
	"errors"
	"time"

	"github.com/nyaruka/phonenumbers"

	"frontdesk/store"
)

// Charge is a call outside that is made.
type Charge struct{ id string }

// Begin counts a call of a payer to a number in E.164 over a trunk, or says why it is not to be made; call is its
// record. Calls of a payer are counted one after the other, on whichever node. Where the company itself sends calls
// out, by the settings of a number, the payer is "": only the trunk's limits count.
func (t *Tolls) Begin(ctx context.Context, call, payer, trunk, number string) (c *Charge, why Reason, err error) {
	one := charge{call: call, payer: payer, trunk: trunk, number: number, abroad: t.abroad(number)}
	err = t.db.Tx(ctx, func(tx *store.Tx) error {
		c, why = nil, ""
		id := store.NewID()
		if why, err = t.ask(ctx, tx, one, id); err == nil && why == "" {
			c = &Charge{id}
		}
		return err
	})
	if why != "" {
		t.config.Log.Warn("call outside refused by the limits", "call", call, "payer", payer, "trunk", trunk,
			"why", why)
	}
	return c, why, err
}

// ask decides about a call, and writes it down.
func (t *Tolls) ask(ctx context.Context, tx *store.Tx, c charge, id string) (why Reason, err error) {
	var stopped int64
	err = tx.QueryRow(ctx, `INSERT INTO toll_payer (id, turn, stopped_at, why) VALUES ($1, 1, 0, '')
		ON CONFLICT (id) DO UPDATE SET turn = toll_payer.turn + 1 RETURNING stopped_at`, c.payer).Scan(&stopped)
	if err != nil {
		return "", err
	}
	if err := tx.Later(ctx, store.Statement{Query: `INSERT INTO toll_payer (id, turn, stopped_at, why) VALUES ($1, 1, 0, '')
		ON CONFLICT (id) DO UPDATE SET turn = toll_payer.turn + 1`, Args: []any{c.trunk}}); err != nil {
		return "", err
	}
	if stopped > 0 {
		return Stopped, t.write(ctx, tx, c, id, Stopped)
	}
	rules, used, w, err := t.count(ctx, tx, c)
	if err != nil {
		return "", err
	}
	if c.payer == "" {
		rules = rules.ofTrunks()
	}
	c.price = int64(rules.price(c.number) * cents)
	why, of := rules.refuses(c, used[0], used[1], w.now)
	if of != c.payer && why != "" { // those of the trunk are nobody's fault
		return why, t.write(ctx, tx, c, id, why)
	}
	alarm, err := rules.Alarm.alarms(c, used[0], why, func() (most int64, err error) {
		text, args := w.busiest(c.payer)
		return most, tx.QueryRow(ctx, text, args...).Scan(&most)
	})
	if err == nil && alarm != "" {
		why = Stopped
		err = t.stop(ctx, tx, c.payer, alarm)
	}
	return why, errors.Join(err, t.write(ctx, tx, c, id, why))
}

// count reads what the payer's and the trunk's calls came to so far.
func (t *Tolls) count(ctx context.Context, tx *store.Tx, c charge) (r Rules, used [2]usage, w window, err error) {
	if r, err = rulesOf(ctx, tx); err != nil {
		return r, used, w, err
	}
	w = t.window(&r, time.Now())
	return r, used, w, tx.ReadAll(ctx, w.counted("payer", c.payer, &used[0]), w.counted("trunk", c.trunk, &used[1]))
}

func (t *Tolls) window(r *Rules, now time.Time) window {
	now = now.In(t.config.Zone)
	year, month, day := now.Date()
	w := window{now: now, day: time.Date(year, month, day, 0, 0, 0, 0, t.config.Zone), night: now}
	if began := r.Night.began(now); !began.IsZero() {
		w.night = began
	}
	return w
}

func (t *Tolls) write(ctx context.Context, tx *store.Tx, c charge, id string, why Reason) error {
	now := store.Micros(time.Now())
	ended := int64(0)
	if why != "" {
		ended = now
	}
	return tx.Later(ctx, store.Statement{Query: `INSERT INTO toll_call (id, call, payer, trunk, number, abroad, price,
		begun_at, answered_at, ended_at, refused) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)`,
		Args: []any{id, c.call, c.payer, c.trunk, c.number, c.abroad, c.price, now, ended, string(why)}})
}

// abroad tells whether a number is one of another country.
func (t *Tolls) abroad(number string) bool {
	parsed, err := phonenumbers.Parse(number, "")
	return err != nil || phonenumbers.GetRegionCodeForNumber(parsed) != t.config.Region
}

// Answered notes that a call is paid from now on; the first time counts.
func (t *Tolls) Answered(ctx context.Context, c *Charge) {
	t.note(ctx, c, `answered_at = CASE WHEN answered_at = 0 THEN $2 ELSE answered_at END`, store.Micros(time.Now()))
}

// Ended notes that a call is paid no more. Should that fail, the end of its record counts.
func (t *Tolls) Ended(ctx context.Context, c *Charge) {
	t.note(ctx, c, `ended_at = $2`, store.Micros(time.Now()))
}

// Moved notes that a call goes on in another one, by its record.
func (t *Tolls) Moved(ctx context.Context, c *Charge, call string) { t.note(ctx, c, `call = $2`, call) }

func (t *Tolls) note(ctx context.Context, c *Charge, what string, value any) {
	if _, err := t.db.Exec(ctx, `UPDATE toll_call SET `+what+` WHERE id = $1`, c.id, value); err != nil {
		t.config.Log.Error("what a call outside costs is not noted", "charge", c.id, "err", err)
	}
}
