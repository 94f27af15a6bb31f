package crmcore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/store"
)

// ReceiveTogether is Receive of several touches, which are written together and so cost less: each as if those before
// it had been received already. It returns a card or an error for each.
func (c *Core) ReceiveTogether(ctx context.Context, touches []Touch) ([]Card, []error) {
	cards, errs := make([]Card, len(touches)), make([]error, len(touches))
	for from := 0; from < len(touches); {
		to := from + independent(touches[from:])
		together{c, touches[from:to], nil, c.opens, c.Receive}.take(ctx, cards[from:to], errs[from:to])
		from = to
	}
	return cards, errs
}

// CloseTogether is Close of several touches, which are written together and so cost less.
func (c *Core) CloseTogether(ctx context.Context, touches []Touch,
	also func(tx *store.Tx, t Touch) error) ([]Card, []error) {
	cards, errs := make([]Card, len(touches)), make([]error, len(touches))
	if len(touches) == 0 {
		return cards, errs
	}
	alone := func(ctx context.Context, t Touch) (Card, error) {
		return c.Close(ctx, t, func(tx *store.Tx) error { return also(tx, t) })
	}
	together{c, touches, also, c.closes, alone}.take(ctx, cards, errs)
	return cards, errs
}

// together is touches that are written together.
type together struct {
	*Core
	touches []Touch
	also    func(tx *store.Tx, t Touch) error // done in the same transaction; nil: nothing
	card    opening
	alone   func(ctx context.Context, t Touch) (Card, error)
}

// independent is how many touches come before the first that continues one of them, or is one of them again.
func independent(touches []Touch) int {
	for i, t := range touches {
		if i > 0 && slices.ContainsFunc(touches[:i], func(earlier Touch) bool {
			return earlier.Key == t.Key || earlier.MessageID != "" && slices.Contains(t.Reply, earlier.MessageID)
		}) {
			return i
		}
	}
	return len(touches)
}

// take looks at all, then writes all in one transaction, or each in its own where that fails.
func (g together) take(ctx context.Context, cards []Card, errs []error) {
	if len(g.touches) == 1 {
		cards[0], errs[0] = g.alone(ctx, g.touches[0])
		return
	}
	start := time.Now()
	prepared, seen, failed := g.lookAll(ctx, g.touches)
	copy(errs, failed)
	var done []written
	err := g.db.Tx(ctx, func(tx *store.Tx) error {
		done = slices.Clone(seen)
		return g.writeAll(ctx, tx, prepared, done, failed)
	})
	if err != nil {
		forEach(len(g.touches), func(i int) { cards[i], errs[i] = g.alone(ctx, g.touches[i]) })
		return
	}
	g.show(ctx, prepared, done, cards, errs)
	for i, t := range g.touches {
		g.metrics.received(t, cards[i], errs[i], start)
		if errs[i] != nil {
			errs[i] = fmt.Errorf("%s %s: %w", t.Channel, t.Key, errs[i])
		}
	}
}

// show puts the cards together of touches that were written.
func (g together) show(ctx context.Context, touches []Touch, done []written, cards []Card, errs []error) {
	var drafts []*draft
	var at []int
	for i, t := range touches {
		if errs[i] != nil {
			continue
		}
		var d *draft
		if cards[i], d = g.card(ctx, t, &done[i]); d != nil {
			drafts, at = append(drafts, d), append(at, i)
		}
	}
	if len(drafts) == 0 {
		return
	}
	made, err := g.cards(ctx, drafts)
	for n, i := range at {
		cards[i], errs[i] = made[n], err
	}
}

// writeAll writes the touches that could be looked at.
func (g together) writeAll(ctx context.Context, tx *store.Tx, prepared []Touch, done []written, failed []error) error {
	var touches []Touch
	var all []written
	var at []int
	for i, t := range prepared {
		if failed[i] != nil {
			continue
		}
		if g.also != nil {
			if err := g.also(tx, g.touches[i]); err != nil {
				return err
			}
		}
		touches, all, at = append(touches, t), append(all, done[i]), append(at, i)
	}
	err := g.write(ctx, tx, touches, all)
	for n, i := range at {
		done[i] = all[n]
	}
	return err
}
