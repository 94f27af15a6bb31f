package webhook

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Listing says which deliveries are asked for.
type Listing struct {
	Webhook string
	State   State  // "": any
	After   string // id; those before it
	Limit   int
}

// Deliveries of a webhook, the latest first. store.ErrNotFound.
func (w *Webhooks) Deliveries(ctx context.Context, l Listing) ([]Delivery, error) {
	if _, err := hookOf(ctx, w.db, l.Webhook); err != nil {
		return nil, err
	}
	q := query.New(`SELECT `+deliveryColumns+` FROM webhook_delivery WHERE webhook = ?`, l.Webhook)
	if l.State != "" {
		q.Add(` AND state = ?`, string(l.State))
	}
	if l.After != "" {
		q.Add(` AND id < ?`, l.After)
	}
	return query.All(ctx, w.db, scanDelivery, q.Add(` ORDER BY id DESC LIMIT ?`, l.Limit))
}

// Delivery is one of a webhook, with what is sent. store.ErrNotFound.
func (w *Webhooks) Delivery(ctx context.Context, hook, id string) (d Delivery, body json.RawMessage, err error) {
	d, err = w.find(ctx, w.db, hook, id)
	return d, json.RawMessage(d.body), err
}

func (w *Webhooks) find(ctx context.Context, q store.Queries, hook, id string) (Delivery, error) {
	d, err := scanDelivery(q.QueryRow(ctx, `SELECT `+deliveryColumns+` FROM webhook_delivery WHERE webhook = $1 AND id = $2`,
		hook, id))
	return d, store.Found(err)
}

// Resend has a delivery tried again, under the same id, for as long as a new one. store.ErrNotFound.
func (w *Webhooks) Resend(ctx context.Context, hook, id string) (d Delivery, err error) {
	err = w.db.Tx(ctx, func(tx *store.Tx) error {
		now := store.Micros(time.Now())
		d, err = scanDelivery(tx.QueryRow(ctx, `UPDATE webhook_delivery SET state = 'waiting', next_at = $3, since = $3
			WHERE webhook = $1 AND id = $2 AND seq > 0 RETURNING `+deliveryColumns, hook, id, now))
		if err = store.Found(err); err != nil {
			return err
		}
		return enqueue(ctx, tx, hook, time.Time{})
	})
	return d, err
}

// Test sends a webhook something at once, whether it is active or not, and tells what came of it. store.ErrNotFound.
func (w *Webhooks) Test(ctx context.Context, hook string) (Delivery, error) {
	h, err := hookOf(ctx, w.db, hook)
	if err != nil {
		return Delivery{}, err
	}
	d, err := newDelivery(hook, message{Type: "webhook.test", Timestamp: store.Now(), Data: json.RawMessage(`{}`)})
	if err != nil {
		return d, err
	}
	d.State = Failed // until it has arrived: no job tries it
	if err := w.db.Tx(ctx,
		func(tx *store.Tx) error { return tx.ExecAll(ctx, []store.Statement{d.insert()}) }); err != nil {
		return d, err
	}
	ctx = context.WithoutCancel(ctx) // who asked may go: it was sent
	if err := w.settle(ctx, "", d, w.attempt(ctx, h, d)); err != nil {
		return d, err
	}
	return w.find(ctx, w.db, hook, d.ID)
}

// Prune forgets deliveries that are older than so many days and wait no more.
func (w *Webhooks) Prune(ctx context.Context, days int) error {
	_, err := w.db.Exec(ctx, `DELETE FROM webhook_delivery WHERE created_at < $1 AND state <> 'waiting'`,
		store.Micros(time.Now().AddDate(0, 0, -days)))
	return err
}

// Forget deletes what was sent, or is to be, that has one of the texts: a person's name, number or address.
func (w *Webhooks) Forget(ctx context.Context, texts []string) error {
	for _, t := range texts {
		like := "%" + query.EscapeLike(t) + "%"
		if _, err := w.db.Exec(ctx, `DELETE FROM webhook_delivery WHERE body LIKE $1 ESCAPE '\' OR answer LIKE $1 ESCAPE '\'`,
			like); err != nil {
			return err
		}
	}
	return nil
}
