package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"frontdesk/store"
)

// message is what is sent of an event.
type message struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Event     int64           `json:"event,omitempty"` // its number
	Data      json.RawMessage `json:"data"`
}

// take makes deliveries of the events that a webhook wants. It is told as much of each as an admin whom it is not for.
func (w *Webhooks) take(ctx context.Context, tx *store.Tx, cursor string, batch []store.Told) error {
	h, err := hookOf(ctx, tx, strings.TrimPrefix(cursor, cursors))
	if errors.Is(err, store.ErrNotFound) {
		return store.EndCursor(ctx, tx, cursor)
	}
	if err != nil {
		return err
	}
	var add []store.Statement
	for _, e := range batch {
		if to := addressed(e); to != h.ID && (to != "" || !h.wants(e.Type)) {
			continue
		}
		d, err := newDelivery(h.ID, message{e.Type, e.At, e.Seq, e.Rest})
		if err != nil {
			return err
		}
		add = append(add, d.insert())
	}
	if len(add) == 0 {
		return nil
	}
	n, err := waiting(ctx, tx, h.ID)
	if err == nil && n+int64(len(add)) > int64(w.config.Most) {
		err = store.ErrNotNow
	}
	if err == nil {
		err = tx.ExecAll(ctx, add)
	}
	if err != nil {
		return err
	}
	return enqueue(ctx, tx, h.ID, time.Time{})
}

// Addressed is the type of the events that are for one webhook, whatever types it wants: their data names it.
const Addressed = "automation.webhook"

// addressed is the webhook that an event is for alone; "" for all others.
func addressed(e store.Told) string {
	if e.Type != Addressed {
		return ""
	}
	var to struct {
		Webhook string `json:"webhook"`
	}
	if json.Unmarshal(e.Data, &to) != nil || to.Webhook == "" {
		return "nobody"
	}
	return to.Webhook
}

func newDelivery(hook string, m message) (Delivery, error) {
	body, err := json.Marshal(m)
	now := store.Now()
	return Delivery{ID: store.NewID(), Webhook: hook, Event: m.Event, Type: m.Type, State: Waiting, Created: now,
		Next: now, since: now, body: string(body)}, err
}

func (d Delivery) insert() store.Statement {
	return store.Statement{Query: `INSERT INTO webhook_delivery (` + deliveryColumns + `, claim, claimed_until)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '', '', 0, $7, $7, $7, 0, '', 0)`,
		Args: []any{d.ID, d.Webhook, d.Event, d.Type, d.body, string(d.State), store.Micros(d.Created)}}
}
