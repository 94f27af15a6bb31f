package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/store"
)

// run sends what is due to one webhook, for a turn. More than one job may exist for it: the claim on a delivery decides
// which of them sends it. What this job had claimed when its worker was lost is its own again.
func (w *Webhooks) run(ctx context.Context, job store.Job) error {
	var p payload
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	for until := time.Now().Add(turn); time.Now().Before(until); {
		c, err := w.claim(ctx, p.Webhook, job)
		if err != nil || len(c.list) == 0 {
			return err
		}
		if err := w.deliver(ctx, c); err != nil {
			return err
		}
	}
	return enqueue(ctx, w.db, p.Webhook, time.Time{})
}

// claims are deliveries that are a job's to try.
type claims struct {
	hook Webhook
	name string
	list []Delivery
}

// claim takes some of what is due. A claim ends with the job that has it; should that be given up, with its time.
func (w *Webhooks) claim(ctx context.Context, hook string, job store.Job) (c claims, err error) {
	err = w.db.Tx(ctx, func(tx *store.Tx) error {
		c = claims{name: fmt.Sprint(job.ID, "/", job.Attempts)}
		c.hook, err = hookOf(ctx, tx, hook)
		if errors.Is(err, store.ErrNotFound) || err == nil && !c.hook.Active {
			return nil // what waits is tried when it is active again
		}
		if err != nil {
			return err
		}
		now := time.Now()
		rows, err := tx.Query(ctx, `UPDATE webhook_delivery SET claim = $3, claimed_until = $4 WHERE id IN (
			SELECT id FROM webhook_delivery WHERE webhook = $1 AND state = 'waiting' AND next_at <= $2
			AND (claimed_until <= $2 OR claim <> $3 AND claim LIKE $5)
			ORDER BY id LIMIT $6`+tx.Dialect().SkipLocked()+`) RETURNING `+deliveryColumns,
			hook, store.Micros(now), c.name, store.Micros(now.Add(claimTime)), job.ID+"/%", atOnce)
		c.list, err = store.Collect(rows, err, scanDelivery)
		return err
	})
	return c, err
}

// deliver tries the deliveries, all at once.
func (w *Webhooks) deliver(ctx context.Context, c claims) error {
	errs := make([]error, len(c.list))
	var all sync.WaitGroup
	for i, d := range c.list {
		all.Go(func() { errs[i] = w.try(ctx, c, d) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// try makes one attempt and writes down what came of it. One that our own end cut short does not count.
func (w *Webhooks) try(ctx context.Context, c claims, d Delivery) error {
	o := w.attempt(ctx, c.hook, d)
	if ctx.Err() != nil && o.trouble != "" {
		_, err := w.db.Exec(context.WithoutCancel(ctx), `UPDATE webhook_delivery SET claim = '', claimed_until = 0
			WHERE id = $1 AND claim = $2`, d.ID, c.name)
		return &store.RetryAt{At: time.Now(), Err: errors.Join(ctx.Err(), err)}
	}
	return w.settle(context.WithoutCancel(ctx), c.name, d, o)
}

// settle writes the outcome of an attempt, unless the claim was lost meanwhile. The outcomes of a webhook follow each
// other: one of them may have to do with all that wait.
func (w *Webhooks) settle(ctx context.Context, claim string, d Delivery, o outcome) error {
	d = w.after(d, o, time.Now())
	return w.db.Tx(ctx, func(tx *store.Tx) error {
		h, err := lock(ctx, tx, d.Webhook)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		result, err := tx.Exec(ctx, `UPDATE webhook_delivery SET state = $3, attempts = $4, status = $5, trouble = $6,
			answer = $7, took = $8, next_at = $9, tried_at = $10, claim = '', claimed_until = 0 WHERE id = $1 AND claim = $2`,
			d.ID, claim, string(d.State), d.Attempts, d.Status, string(d.Trouble), d.Answer, d.Took,
			store.Micros(d.Next), store.Micros(d.Tried))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if d.State == Delivered {
			return w.arrived(ctx, tx, h, d)
		}
		return w.missed(ctx, tx, h, d, o)
	})
}

// after is a delivery after an attempt.
func (w *Webhooks) after(d Delivery, o outcome, now time.Time) Delivery {
	d.Attempts++
	d.Status, d.Trouble, d.Answer, d.Took, d.Tried = o.status, o.trouble, o.answer, o.took, now
	switch {
	case o.trouble == "":
		d.State = Delivered
	case d.Event == 0, now.Sub(d.since) >= w.config.GiveUp: // a test is over at once
		d.State = Failed
	default:
		d.Next = soon(now, w.config.Wait(d.Attempts))
	}
	return d
}

// soon is the time after a wait, rounded so that many which wait about as long are due together.
func soon(now time.Time, wait time.Duration) time.Time {
	step := time.Minute
	for step > 100*time.Millisecond && step > wait/4 {
		step /= 10
	}
	return now.Add(wait).Truncate(step).Add(step)
}

// arrived notes that a webhook works: where it did not for a while, all that waits is tried at once.
func (w *Webhooks) arrived(ctx context.Context, tx *store.Tx, h Webhook, d Delivery) error {
	if h.Failing.IsZero() {
		return nil
	}
	failed := d.Tried.Sub(h.Failing)
	h.Failing = time.Time{}
	if err := save(ctx, tx, h); err != nil || failed < w.config.Short {
		return err
	}
	return hurry(ctx, tx, h.ID, d.Tried)
}

// missed notes that a webhook does not work. It is stopped when it says that it is no more, or says nothing for too
// long.
func (w *Webhooks) missed(ctx context.Context, tx *store.Tx, h Webhook, d Delivery, o outcome) error {
	if d.Event == 0 {
		return nil
	}
	if h.Failing.IsZero() {
		h.Failing = d.Tried
	}
	switch {
	case o.status == 410:
		h.Active, h.Stopped = false, Gone
	case d.Tried.Sub(h.Failing) >= w.config.Silence:
		h.Active, h.Stopped = false, Silent
	}
	if !h.Active && h.Stopped != "" {
		w.log.Warn("a webhook is stopped", "webhook", h.Name, "why", h.Stopped, "status", o.status, "trouble",
			o.trouble)
	}
	if err := save(ctx, tx, h); err != nil || d.State != Waiting {
		return err
	}
	return enqueue(ctx, tx, d.Webhook, d.Next)
}
