package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/store"
)

// cursors is how the names of the webhooks' cursors in the event log begin; the id follows.
const cursors = "webhook:"

const (
	sendJob = "webhook.send" // tries what waits for one webhook and is due
	workers = 8              // webhooks that are sent to at once
	atOnce  = 4              // deliveries of one webhook
	turn    = 30 * time.Second

	claimTime = 10 * time.Minute
)

type payload struct {
	Webhook string `json:"webhook"`
}

// enqueue has what waits for a webhook tried: at once, or at a time. One job is enough for all that is due then.
func enqueue(ctx context.Context, q store.Queries, hook string, at time.Time) error {
	o := store.JobOptions{At: at, MaxAttempts: 1_000_000, Dedupe: hook}
	if !at.IsZero() {
		o.Dedupe = fmt.Sprint(hook, "@", store.Micros(at))
	}
	return store.Enqueue(ctx, q, sendJob, payload{hook}, o)
}

func hookOf(ctx context.Context, q store.Queries, id string) (Webhook, error) {
	h, err := scanHook(q.QueryRow(ctx, `SELECT `+hookColumns+` FROM webhook WHERE id = $1`, id))
	return h, store.Found(err)
}

// Named is what a webhook is called, and whether it is switched on; store.ErrNotFound.
func Named(ctx context.Context, q store.Queries, id string) (name string, active bool, err error) {
	h, err := hookOf(ctx, q, id)
	return h.Name, h.Active, err
}

func waiting(ctx context.Context, q store.Queries, hook string) (n int64, err error) {
	return n, q.QueryRow(ctx, `SELECT COUNT(*) FROM webhook_delivery WHERE webhook = $1 AND state = 'waiting'`,
		hook).Scan(&n)
}

// lock finds a webhook for a change: who else changes it comes after.
func lock(ctx context.Context, tx *store.Tx, id string) (Webhook, error) {
	h, err := scanHook(tx.QueryRow(ctx, `UPDATE webhook SET id = id WHERE id = $1 RETURNING `+hookColumns, id))
	return h, store.Found(err)
}

func save(ctx context.Context, tx *store.Tx, h Webhook) error {
	types, err := json.Marshal(h.Types)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE webhook SET name = $2, url = $3, types = $4, active = $5, stopped = $6,
		failing_since = $7 WHERE id = $1`, h.ID, h.Name, h.URL, string(types), h.Active, string(h.Stopped),
		store.Micros(h.Failing)); err != nil {
		return err
	}
	return follow(ctx, tx, h)
}

// follow has the events go to a webhook from now on, or no more.
func follow(ctx context.Context, tx *store.Tx, h Webhook) error {
	if h.Active {
		return store.StartCursor(ctx, tx, cursors+h.ID)
	}
	return store.EndCursor(ctx, tx, cursors+h.ID)
}

// hurry has all that waits for a webhook tried at once.
func hurry(ctx context.Context, tx *store.Tx, hook string, now time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE webhook_delivery SET next_at = $2 WHERE webhook = $1 AND state = 'waiting' AND next_at > $2`,
		hook, store.Micros(now)); err != nil {
		return err
	}
	return enqueue(ctx, tx, hook, time.Time{})
}
